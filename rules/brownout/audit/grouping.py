"""Findings grouped by root cause, the worst first."""

from __future__ import annotations

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
