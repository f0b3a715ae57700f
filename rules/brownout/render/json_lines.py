"""Findings as JSON objects, one per line, for programs that read as they go; `render.json` says their shape."""

from __future__ import annotations

from collections.abc import Mapping

from brownout.render.json import findings_data, unreadable_data
from brownout.render.report import Report
from brownout.render.rows import row


def render(report: Report) -> str:
    """The lines, unreadable files first; `kind` tells the two apart."""
    rows: list[Mapping[str, object]] = [unreadable_data(report, item) for item in report.unreadable]
    rows += findings_data(report)
    return "".join(f"{row(one)}\n" for one in rows)
