"""Findings in reviewdog's diagnostic format; columns are UTF-8 bytes from 1, ends exclusive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from brownout.core import Finding, Span
from brownout.render.columns import utf8
from brownout.render.report import UNREADABLE, Report, level

if TYPE_CHECKING:
    from brownout.fixes.edits import Edit

SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}

Data = dict[str, object]


def render(report: Report) -> str:
    """The JSON document."""
    diagnostics: list[Data] = [
        {
            "message": item.message,
            "location": {"path": report.within(item.path), "range": {"start": {"line": item.line}}},
            "severity": "WARNING",
            "code": {"value": UNREADABLE},
        }
        for item in report.unreadable
    ]
    diagnostics += [_diagnostic(report, finding) for finding in report.findings]
    return json.dumps({"source": {"name": "brownout"}, "diagnostics": diagnostics}, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(report: Report, finding: Finding) -> Data:
    path = finding.location.path
    message = [finding.message]
    message += [
        f"→ {report.within(note.location.path)}:{note.location.span.line}  {note.message}" for note in finding.notes
    ]
    found: Data = {
        "message": "\n".join(message),
        "location": {"path": report.within(path), "range": _range(report, path, finding.location.span)},
        "severity": SEVERITIES[level(finding)],
        "code": {"value": finding.rule},
    }
    if edits := report.edits.get(finding):
        found["suggestions"] = [_suggestion(report, path, edit) for edit in edits]
    return found


def _suggestion(report: Report, path: str, edit: Edit) -> Data:
    """A range that ends at the start of a line takes the line end before it with it, just as our edits do."""
    span, text = report.replacement(path, edit)
    return {"range": _range(report, path, span), "text": text}


def _range(report: Report, path: str, span: Span) -> Data:
    return {
        "start": {"line": span.line, "column": utf8(report.line(path, span.line), span.column)},
        "end": {"line": span.end_line, "column": utf8(report.line(path, span.end_line), span.end_column)},
    }
