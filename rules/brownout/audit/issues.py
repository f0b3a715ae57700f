"""Findings in the audit's mandatory format, every field filled from this code; equal ones grouped by root cause."""

from __future__ import annotations

import re
from collections.abc import Iterable

from brownout.audit import breaking, grouping, snippets, verifying
from brownout.audit.behaviour import Behaviour, Known, entrances, sentences
from brownout.audit.data import Entrance, FailureMap, Issue, Place, Suspicion
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
    "6A": ("errors",),
    "7A": ("full", "locked", "errors", "refuses"),
}
"""The failures that the findings of a sub-section are about; those of the others are no failures of a dependency."""


def issues(material: Material, failures: FailureMap) -> tuple[Issue, ...]:
    """The certain findings as issues: the worst first, then by section, rule and place."""
    behaviour = Behaviour(failures)
    return tuple(
        _issue(f"{number:03d}", group, material, behaviour, failures, real=number <= snippets.DIFFS)
        for number, group in enumerate(grouping.groups(material), 1)
    )


def _issue(
    number: str, group: list[Finding], material: Material, behaviour: Behaviour, failures: FailureMap, *, real: bool
) -> Issue:
    first = grouping.first(group)
    rule = material.rules[first.rule]
    page = parse(rule.doc)
    entries = _entries(group, material, failures)
    about = _about(rule)
    known = _known(group, behaviour, rule, about, entries)
    told = (*_told(known, about, first, rule, entries, material), _prose(page.tell("Current Behavior", first.words)))
    commands = verifying.commands(rule, known, about, entries, failures)
    words = dict(first.words)
    if known and known[0][0].dependency.startswith("HTTP"):
        words["display"] = breaking.spoken(known[0][0].dependency)
    diff, is_real = snippets.snippet(grouping.shortest(group, material), rule, material, real=real)
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
        verify=_prose(verifying.located(page.tell("How to Verify", words), entries)),
        verify_commands=commands,
        fix=_prose(page.tell("The Fix", words)),
        snippet=diff,
        snippet_is_diff=is_real,
        configuration=snippets.configuration(rule),
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


def _mild(finding: Finding) -> str:
    """Why a finding is milder than its rule, as a clause: `milliseconds` is one word too few."""
    return f"it usually takes {finding.because}" if finding.because and " " not in finding.because else finding.because


def _place(finding: Finding) -> Place:
    return Place(
        finding.location.path, finding.location.span.line, finding.severity.value, finding.message, _mild(finding)
    )


_ABOUT_RULE = {
    "docling-no-limits": ("hangs",),
    "sqlite-transaction-across-io": ("hangs", "refuses"),
    "render-errors-unhandled": ("errors", "refuses"),
    "leaked-temporary-file": (),
    "mkstemp-fd-leak": (),
}
"""Rules that are about something else than the rest of their sub-section."""


def _about(rule: Rule) -> tuple[str, ...]:
    """The failures that a rule's findings are about."""
    if "timeout" in rule.name:
        return ("hangs",)
    if rule.name in _ABOUT_RULE:
        return _ABOUT_RULE[rule.name]
    return _ABOUT.get(rule.section, ())


def _entries(group: list[Finding], material: Material, failures: FailureMap) -> list[Entrance]:
    """The entry points that lead to a group's findings: those that are nearest to the first of them first."""
    shown = {(entry.label, entry.path, entry.line): entry for entry in failures.entries}
    found: dict[str, Entrance] = {}
    for finding in sorted(group, key=lambda one: (one.severity.rank, one.order)):
        for arrival in material.arrivals_at(_function(finding, material)):
            entry = shown.get((arrival.label, arrival.path, arrival.line))
            if entry is not None:
                found.setdefault(entry.label, entry)
    return list(found.values())


def _function(finding: Finding, material: Material) -> str:
    """The full name of the function that a finding stands in."""
    code = material.codes.get(finding.location.path)
    return code.names.full(finding.site.qualname) if code is not None else ""


def _known(
    group: list[Finding], behaviour: Behaviour, rule: Rule, about: tuple[str, ...], entries: list[Entrance]
) -> Known:
    """The ways that a group of findings is about: those over its lines, else those of what it names."""
    first = grouping.first(group)
    known = [pair for finding in sorted(group, key=lambda one: one.severity.rank) for pair in behaviour.of(finding)]
    name = re.sub(r"^(the|a|an) ", "", dict(first.words).get("display", ""))
    known = [pair for pair in known if pair[0].dependency == name] or known
    if rule.section in ("2A", "2B") and not any(pair[1].failure in about for pair in known):
        return behaviour.between("SQLite", about) or known  # the connection serves every statement
    if rule.section == "7C":
        return behaviour.answered_by(first) or known
    if not known and name:
        return behaviour.between(name, about, frozenset(entry.label for entry in entries))
    return known


def _told(
    known: Known, about: tuple[str, ...], finding: Finding, rule: Rule, entries: list[Entrance], material: Material
) -> list[str]:
    """What happens in this code: by the failure map, or at least who comes by."""
    if rule.section == "7C" and known:
        return sentences(known, ())
    if known and (any(pair[1].failure in about for pair in known) or (about and _tells_all(rule))):
        return sentences(known, about)
    labels = list(dict.fromkeys([cell.entry for cell, _ in known] or [entry.label for entry in entries]))
    if rule.section == "5C" and labels:
        what = dict(finding.words).get("path") or (" → ".join(step.text for step in known[0][1].steps) if known else "")
        told = f"`{what}` takes" if what else "it takes"
        return [f"{entrances(labels)} holds the event loop for as long as {told}: nobody else is answered meanwhile."]
    if not labels:
        return ["No entry point that brownout knows leads here, so who notices cannot be told from the code."]
    own = [one.label for one in material.arrivals if one.name == _function(finding, material)]
    if own:
        return [f"This is the code of {entrances(own)}."]
    return [f"{entrances(labels)} {'lead' if len(labels) > 1 else 'leads'} here{_by(known)}."]


def _tells_all(rule: Rule) -> bool:
    """Whether other failures of a place belong to a rule's findings, too: not where they are about waiting."""
    return rule.section != "5C" and "timeout" not in rule.name


def _by(known: Known) -> str:
    return f", by `{' → '.join(step.text for step in known[0][1].steps)}`" if known else ""


def _dependency(first: Finding, known: Known) -> str:
    if known:
        return known[0][0].dependency
    return re.sub(r"^(the|a|an) ", "", dict(first.words).get("display", ""))


def _trigger(first: Finding, rule: Rule) -> str:
    if first.severity is not Severity.MONITOR:
        return ""
    why = f"It is mild because {_mild(first)}. " if first.because else ""
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
