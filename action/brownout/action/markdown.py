"""Findings in GitHub's Markdown. Code and names come from whoever opened the pull request: shown, not obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from brownout.action.event import Event
from brownout.core import Finding, Severity
from brownout.render.report import Report, plain
from brownout.report.matching import Trace
from brownout.report.pages import parse

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.MONITOR: "⚪"}

_CODE = re.compile(r"`[^`]*`")
_SPECIAL = re.compile(r"([\\*_\[\]()#!|~])")


def safe(text: str) -> str:
    """Text on one line in which only code between back quotes means anything: no links, mentions, images or cells."""
    text = plain(" ".join(text.split()))
    found: list[str] = []
    start = 0
    for match in _CODE.finditer(text):
        found += [_escaped(text[start : match.start()]), code(match[0][1:-1])]
        start = match.end()
    return "".join([*found, _escaped(text[start:])])


def code(text: str) -> str:
    """Text as code, in a cell of a table too."""
    text = plain(" ".join(text.split())).replace("`", "'").replace("|", "\\|")
    return f"`{text}`" if text else ""


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;")


def rows(report: Report, findings: Iterable[Finding], event: Event, book: str) -> list[str]:
    """A table, a finding in each row: how bad, what and why, where."""
    return ["| | Finding | Where |", "| --- | --- | --- |", *(_row(report, one, event, book) for one in findings)]


def _row(report: Report, finding: Finding, event: Event, book: str) -> str:
    page = parse(report.rules[finding.rule].doc) if finding.rule in report.rules else None
    name = f"[{finding.rule}]({book}#{finding.rule})" if book else f"`{finding.rule}`"
    advice = page.sentence("The Fix", finding.words) if page is not None else ""
    words = [f"{safe(finding.message)}<br>{name}", *([safe(advice)] if advice else [])]
    cells = [f"{MARKS[finding.severity]} {finding.severity.value}", " · ".join(words), place(report, finding, event)]
    return f"| {' | '.join(cells)} |"


def place(report: Report, finding: Finding, event: Event) -> str:
    """Where a finding is, as a link."""
    path, line = report.within(finding.location.path), finding.location.span.line
    text = f"{code(path)}:{line}"
    return f"[{text}]({event.blob(path, line)})" if event.repository else text


def gone(report: Report, traces: Sequence[Trace], most: int) -> list[str]:
    """What is no more, folded away."""
    if not traces:
        return []
    lines = [
        f"- `{trace.rule}` in {code(report.within(trace.path))}{f', {code(trace.function)}' if trace.function else ''}"
        for trace in traces[:most]
    ]
    rest = [f"- and {len(traces) - most} more"] if len(traces) > most else []
    return ["", f"<details><summary>{len(traces)} fixed</summary>", "", *lines, *rest, "", "</details>"]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The order of every list that may be cut."""
    return sorted(findings, key=lambda finding: (finding.severity.rank, *finding.order))


def count(number: int, noun: str) -> str:
    """A number and its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
