"""Rules as SARIF tells them: each with its whole page, which GitHub shows beside the alert."""

from __future__ import annotations

from brownout.core import Certainty, Rule, Severity
from brownout.render.sarif import objects
from brownout.report.pages import Page, parse

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.MONITOR: "note",
}
PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
LONGEST = 1024
"""Characters that GitHub takes of a description."""


def descriptor(rule: Rule) -> object:
    """The rule as a SARIF descriptor; without `security-severity`, which would make its findings security alerts."""
    page = parse(rule.doc)
    short = page.title or rule.name
    full = " ".join(page.tell("The Problem").split()) or short
    level = LEVELS[rule.severity]
    certain = rule.certainty is Certainty.CERTAIN
    properties: dict[str, object] = {
        "tags": ["resilience", rule.category.name.lower()],
        "precision": "high" if certain else "medium",
        "problem.severity": PROBLEMS[level],
        "severity": rule.severity.value,
        "likelihood": rule.likelihood.value,
        "section": rule.section,
        "effortMinutes": list(rule.effort),
        "impact": {
            "user": rule.impact.user.value,
            "data": rule.impact.data.value,
            "recovery": rule.impact.recovery.value,
        },
    }
    return objects.descriptor(
        rule.name,
        level,
        objects.multiformat(_cut(short)),
        title=pascal(rule.name),
        full=objects.multiformat(_cut(full)),
        help_text=objects.multiformat(_text(page) or short, _markdown(page) or None),
        properties=properties,
    )


def pascal(name: str) -> str:
    """`missing-timeout` as `MissingTimeout`, the form that viewers want of a rule's second name."""
    return "".join(word.capitalize() for word in name.split("-"))


def _markdown(page: Page) -> str:
    return "\n\n".join(f"## {name}\n\n{page.tell(name).strip()}" for name in page.sections)


def _text(page: Page) -> str:
    parts = [f"{name}: {' '.join(page.tell(name).split())}" for name in page.sections if name not in ("Bad", "Good")]
    return "\n\n".join(parts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
