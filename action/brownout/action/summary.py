"""The job's summary: every finding that is judged, what is known, and what could not be done."""

from __future__ import annotations

from brownout.action.event import Event
from brownout.action.examine import Examined
from brownout.action.markdown import code, count, gone, rows, safe, worst_first
from brownout.action.results import Results
from brownout.core import __version__
from brownout.render.report import Report

LARGEST = 1_000_000
"""Bytes of a step's summary; GitHub drops all of one that is larger than 1 MiB."""
FIXED = 200


def write(results: Results, remarks: list[str]) -> str:
    """The summary in Markdown, cut where GitHub would drop it, with the rest counted."""
    event, examined, book = results.event, results.examined, results.book
    report, comparison = examined.new, examined.comparison
    head = [f"## {_title(examined)}", "", _counts(examined), *_unreadable(report), ""]
    tail: list[str] = []
    if comparison is not None:
        tail += gone(report, comparison.gone, FIXED)
    if remarks:
        tail += ["", "**What could not be done**", "", *(f"- {safe(remark)}" for remark in remarks)]
    tail += ["", _foot(examined)]
    findings = worst_first(report.findings)
    table = rows(report, findings, event, book) if findings else ["No new findings." if comparison else "No findings."]
    known = ["", *_known(examined, event, book)] if comparison is not None and comparison.known else []
    room = LARGEST - _size(head) - _size(tail)
    shown = _cut(table, room)
    known = known if _size(shown) + _size(known) < room else []
    return "\n".join([*head, *shown, *known, *tail]) + "\n"


def _cut(table: list[str], room: int) -> list[str]:
    size = 0
    for index, row in enumerate(table):
        size += len(row.encode()) + 1
        if size > room - 200:
            return [*table[:index], "", f"and {len(table) - index} more, in the SARIF file."]
    return table


def _size(lines: list[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _title(examined: Examined) -> str:
    below = examined.report.within("").rstrip("/")
    return f"brownout{f': {code(below)}' if below else ''}"


def _counts(examined: Examined) -> str:
    new, comparison = len(examined.judged.findings), examined.comparison
    if comparison is None:
        parts = [count(new, "finding")]
    else:
        parts = [f"**{new} new**", f"{len(comparison.gone)} fixed", f"{len(comparison.known)} known before"]
    return " · ".join([*parts, *([f"score {examined.score.text}"] if examined.score.text else [])])


def _unreadable(report: Report) -> list[str]:
    if not report.unreadable:
        return []
    lines = [f"- {code(report.within(item.path))}:{item.line} {safe(item.message)}" for item in report.unreadable[:50]]
    return ["", f"{count(len(report.unreadable), 'file')} could not be read:", "", *lines]


def _known(examined: Examined, event: Event, book: str) -> list[str]:
    assert examined.comparison is not None
    table = rows(examined.report, worst_first(examined.comparison.known), event, book)
    return [f"<details><summary>{len(examined.comparison.known)} known before</summary>", "", *table, "", "</details>"]


def _foot(examined: Examined) -> str:
    against = f", compared with `{examined.base[:10]}`" if examined.base else ""
    size = f"{count(examined.outcome.files, 'file')} ({count(examined.outcome.lines, 'line')})"
    return f"<sub>{size} in {examined.seconds:.1f} s{against} · brownout {__version__}</sub>"
