"""Findings grouped by root cause, the worst first, and what one group has to do with another."""

from __future__ import annotations

from dataclasses import replace

from brownout.audit.data import Issue
from brownout.audit.material import Material
from brownout.core import Finding


def groups(material: Material) -> list[list[Finding]]:
    """The certain findings by rule and root cause: the worst first, then by section, rule and place."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in material.certain:
        found.setdefault((finding.rule, finding.root), []).append(finding)
    return sorted(found.values(), key=lambda group: _order(group, material))


def _order(group: list[Finding], material: Material) -> tuple[int, str, str, object]:
    worst = first(group)
    rule = material.rules.get(worst.rule)
    return (worst.severity.rank, rule.section if rule is not None else "9Z", worst.rule, worst.order)


def first(group: list[Finding]) -> Finding:
    """The finding that speaks for its group: the worst, then the first in the code."""
    return min(group, key=lambda finding: (finding.severity.rank, finding.order))


def shortest(group: list[Finding], material: Material) -> Finding:
    """The finding whose change is shown: one with a fix, in the shortest file."""

    def length(finding: Finding) -> tuple[bool, int, object]:
        code = material.codes.get(finding.location.path)
        return (not finding.fixes, len(code.module.lines) if code is not None else 0, finding.order)

    return min(group, key=length)


def with_smaller(issue: Issue, group: list[Finding], made: list[Issue], ordered: list[list[Finding]]) -> Issue:
    """A blocking call of a route that awaits nothing goes away with the route's `async`: its fix says so."""
    if issue.rule != "blocking-call-in-async":
        return issue
    places = {(finding.site.path, finding.site.qualname) for finding in group}
    for other, findings in zip(made, ordered, strict=True):
        if other.rule == "async-route-never-awaits":
            if places <= {(finding.site.path, finding.site.qualname) for finding in findings}:
                return replace(issue, fix=f"It goes away with {other.id}, which is less work. Otherwise: {issue.fix}")
    return issue
