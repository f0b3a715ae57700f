"""Many repositories as one table, the worst first, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from brownout.core import Severity
from brownout.render.report import plain
from brownout.render.statistics import table
from brownout.report.fleet import Row

FORMATS = ("full", "json")
_SHOWN = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)


def render(rows: Iterable[Row], form: str) -> str:
    """The rows, sorted: what could not be read, then by score from the lowest, then by name."""
    ordered = sorted(rows, key=_order)
    if form == "json":
        return json.dumps({"version": 1, "repositories": [asdict(row) for row in ordered]}, indent=2) + "\n"
    header = ("score", "repository", *(severity.value.lower() for severity in _SHOWN), "lines", "worst")
    lines = table([header, *map(_cells, ordered)])
    return "".join(f"{plain(line)}\n" for line in [*lines, "", _summary(ordered)])


def _order(row: Row) -> tuple[bool, float, str]:
    return (not row.trouble, row.score if row.score is not None else 11.0, row.repository)


def _cells(row: Row) -> tuple[str, ...]:
    if row.trouble:
        return ("?", row.repository, *("" for _ in _SHOWN), "", row.trouble)
    score = f"{row.score:.1f}" if row.score is not None else "-"
    counts = (str(row.counts.get(severity.value, 0)) for severity in _SHOWN)
    return (score, row.repository, *counts, str(row.lines), row.first)


def _summary(rows: list[Row]) -> str:
    scores = sorted(row.score for row in rows if row.score is not None)
    middle = f", median score {scores[len(scores) // 2]:.1f}" if scores else ""
    missing = sum(bool(row.trouble) for row in rows)
    words = f"{len(rows)} repositories, {sum(row.lines for row in rows)} lines{middle}"
    return words + (f"; {missing} could not be read." if missing else ".")
