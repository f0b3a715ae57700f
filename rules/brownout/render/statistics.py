"""How many findings each rule has: a table for a first look at a large project."""

from __future__ import annotations

from collections import Counter

from brownout.core import Certainty, Finding, Severity
from brownout.render.report import UNREADABLE, Report
from brownout.render.summary import summary

HEADER = ("count", "rule", "worst", "fix")


def render(report: Report, *, quiet: bool = False) -> str:
    """The table, the most frequent first, and the summary unless `quiet`; no table where nothing was found."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(finding.rule, []).append(finding)
    rows = [(len(found), *_row(report, name, found)) for name, found in groups.items()]
    if report.unreadable:
        rows.append((len(report.unreadable), UNREADABLE, Severity.MEDIUM.value, ""))
    rows.sort(key=lambda row: (-row[0], row[1]))
    cells = [HEADER, *((str(count), *rest) for count, *rest in rows)] if rows else []
    lines = table(cells) if cells else []
    if not quiet:
        lines += ["", *summary(report)] if lines else summary(report)
    return "".join(f"{line}\n" for line in lines)


def _row(report: Report, name: str, found: list[Finding]) -> tuple[str, str, str]:
    worst = min((finding.severity for finding in found), key=lambda severity: severity.rank).value
    doubtful = Counter(finding.certainty for finding in found)[Certainty.SUSPECTED]
    if doubtful:
        worst = f"{worst} ({doubtful} to be confirmed)"
    rule = report.rules.get(name)
    return name, worst, (rule.fix if rule is not None else None) or ""


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of cells as aligned lines; the first column is a number."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for first, *rest in rows:
        cells = [first.rjust(widths[0]), *(cell.ljust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines
