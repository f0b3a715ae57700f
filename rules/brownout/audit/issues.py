"""Findings in the audit's mandatory format, every field filled from this code; equal ones grouped by root cause."""

from __future__ import annotations

import re
from collections.abc import Iterable

from brownout.audit import breaking, snippets
from brownout.audit.behaviour import Behaviour, Known, sentences
from brownout.audit.data import FailureMap, Issue, Place, Suspicion
from brownout.audit.material import Material
from brownout.core import Finding, Rule, Severity
from brownout.report.pages import parse

_ABOUT: dict[str, tuple[str, ...]] = {
    "1A": ("refuses", "errors", "hangs"),
    "1B": ("errors", "refuses", "hangs"),
    "1C": ("hangs", "refuses", "errors"),
    "2A": ("locked",),
    "2B": ("errors",),
    "2C": ("full",),
    "3A": ("full", "errors"),
    "3C": ("full", "errors"),
    "4A": ("errors",),
    "4B": ("errors",),
    "4C": ("hangs",),
    "5A": ("errors", "refuses", "full", "locked"),
    "5C": ("hangs", "locked"),
    "7A": ("full", "locked", "errors", "refuses"),
}
"""The failures that the findings of a sub-section are about; those of the others are no failures of a dependency."""


def issues(material: Material, failures: FailureMap) -> tuple[Issue, ...]:
    """The certain findings as issues: the worst first, then by section, rule and place."""
    behaviour = Behaviour(failures)
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in material.certain:
        groups.setdefault((finding.rule, finding.root), []).append(finding)
    ordered = sorted(groups.values(), key=lambda group: _order(group, material))
    kinds = {supplier.name: supplier.kind for supplier in failures.dependencies}
    return tuple(
        _issue(f"{number:03d}", group, material, behaviour, kinds, real=number <= snippets.DIFFS)
        for number, group in enumerate(ordered, 1)
    )


def _order(group: list[Finding], material: Material) -> tuple[int, str, str, object]:
    first = _first(group)
    rule = material.rules.get(first.rule)
    return (first.severity.rank, rule.section if rule is not None else "9Z", first.rule, first.order)


def _first(group: list[Finding]) -> Finding:
    """The finding that speaks for its group: the worst, then the first in the code."""
    return min(group, key=lambda finding: (finding.severity.rank, finding.order))


def _shortest(group: list[Finding], material: Material) -> Finding:
    """The finding whose change is shown: one with a fix, in the shortest file."""

    def length(finding: Finding) -> tuple[bool, int, object]:
        code = material.codes.get(finding.location.path)
        return (not finding.fixes, len(code.module.lines) if code is not None else 0, finding.order)

    return min(group, key=length)


def _issue(
    number: str, group: list[Finding], material: Material, behaviour: Behaviour, kinds: dict[str, str], *, real: bool
) -> Issue:
    first = _first(group)
    rule = material.rules[first.rule]
    page = parse(rule.doc)
    known = [pair for finding in sorted(group, key=lambda one: one.severity.rank) for pair in behaviour.of(finding)]
    known = _of_its_own(known, first)
    about = ("hangs",) if "timeout" in rule.name else _ABOUT.get(rule.section, ())
    told = (*_told(known, about, first, material), _prose(page.tell("Current Behavior", first.words)))
    commands = _commands(known, about, kinds)
    words = dict(first.words)
    if known and known[0][0].dependency.startswith("HTTP"):
        words["display"] = breaking.spoken(known[0][0].dependency)
    diff, is_real = snippets.snippet(_shortest(group, material), rule, material, real=real)
    count = len(group)
    return Issue(
        id=f"BRN-{number}",
        rule=rule.name,
        title=_title(first, group),
        severity=first.severity.value,
        category=rule.category.value,
        section=rule.section,
        places=tuple(_place(finding) for finding in sorted(group, key=lambda one: one.order)),
        dependency=_dependency(first, known),
        problem=_prose(page.tell("The Problem", words)),
        scenario=_prose(page.tell("Failure Scenario", words)),
        likelihood=first.likelihood.value,
        current=tuple(text for text in told if text),
        user_impact=rule.impact.user.value,
        data_risk=rule.impact.data.value,
        recovery=rule.impact.recovery.value,
        verify=_prose(page.tell("How to Verify", words)),
        verify_commands=commands,
        fix=_prose(page.tell("The Fix", words)),
        snippet=diff,
        snippet_is_diff=is_real,
        configuration=snippets.CONFIGURATION.get(rule.section, ""),
        tradeoff=_prose(page.tell("Trade-off Consideration", words)),
        trigger=_trigger(first, rule),
        minutes=(rule.effort[0] * count, rule.effort[1] * count),
        quick_fix=_quick_fix(first),
    )


def _title(first: Finding, group: list[Finding]) -> str:
    return first.message if len(group) == 1 else f"{first.message} (and {len(group) - 1} more with the same cause)"


def _prose(text: str) -> str:
    """Text on one line, which begins like a sentence."""
    line = " ".join(text.split())
    return f"{line[:1].upper()}{line[1:]}"


def _place(finding: Finding) -> Place:
    return Place(
        finding.location.path, finding.location.span.line, finding.severity.value, finding.message, finding.because
    )


def _of_its_own(known: Known, finding: Finding) -> Known:
    """The ways of the dependency that the finding names, where some are known."""
    name = re.sub(r"^(the|a|an) ", "", dict(finding.words).get("display", ""))
    return [pair for pair in known if pair[0].dependency == name] or known


def _told(known: Known, about: tuple[str, ...], finding: Finding, material: Material) -> list[str]:
    """What happens in this code: by the failure map, or at least who comes by."""
    if known and about:
        return sentences(known, about)
    if known:
        cell, way = known[0]
        steps = " → ".join(step.text for step in way.steps)
        entries = sorted({one.entry for one, _ in known})
        more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
        return [f"`{cell.entry}`{more} comes by here on its way `{steps}`."]
    code = material.codes.get(finding.location.path)
    kinds: frozenset[str] = frozenset()
    if code is not None:
        kinds = material.project.contexts.get(code.names.full(finding.site.qualname), frozenset())
    if kinds:
        return [f"It is reached from {', '.join(f'a {kind}' for kind in sorted(kinds))}."]
    return ["No entry point that brownout knows leads here, so who notices cannot be told from the code."]


def _dependency(first: Finding, known: Known) -> str:
    if known:
        return known[0][0].dependency
    return re.sub(r"^(the|a|an) ", "", dict(first.words).get("display", ""))


def _commands(known: Known, about: tuple[str, ...], kinds: dict[str, str]) -> str:
    """Break and use, for the way that the issue is about."""
    chosen = next((pair for failure in about for pair in known if pair[1].failure == failure), None)
    if chosen is None and not known:
        return ""
    cell, way = chosen or known[0]
    path = way.steps[0].path if way.steps else ""
    if chosen is None:
        return breaking.use_it(cell, path)
    return breaking.commands(cell, way, kinds.get(cell.dependency, ""), path)


def _trigger(first: Finding, rule: Rule) -> str:
    if first.severity is not Severity.MONITOR:
        return ""
    why = f"It is mild because {first.because}. " if first.because else ""
    what = dict(first.words).get("call", first.site.name)
    return (
        f"{why}It becomes {rule.severity.value} when that no longer holds: watch the 99th percentile of "
        f"`{what}` (above 1 s), "
        f"the error rate of `{first.site.qualname}` (above 1 %), and any change of what it depends on."
    )


def _quick_fix(finding: Finding) -> str:
    if not finding.fixes:
        return ""
    fix = finding.fixes[0]
    command = "brownout fix" if fix.safe else "brownout fix --unsafe"
    return f"{fix.title} (`{command} --rule {finding.rule}`)"


def suspicions(material: Material) -> Iterable[Suspicion]:
    """The findings that a person must confirm."""
    for finding in material.suspected:
        rule = material.rules.get(finding.rule)
        page = parse(rule.doc if rule is not None else "")
        needs = _prose(page.sentence("How to Verify", finding.words))
        section = rule.section if rule is not None else ""
        yield Suspicion(
            section, finding.location.path, finding.location.span.line, f"{finding.message} ({finding.rule})", needs
        )
