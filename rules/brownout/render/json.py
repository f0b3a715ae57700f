"""Findings as one JSON document, and the shape that a finding has in JSON.

The shape is stable: `version` counts up when a key changes its meaning or goes; keys may be added at any time.
Lines and columns count from 1, columns in code points, ends are exclusive; paths are relative to the working directory.
"""

from __future__ import annotations

from typing import TypedDict

from brownout.core import Finding, Location
from brownout.model.source import Unreadable
from brownout.render.report import UNREADABLE, Report
from brownout.render.rows import rows
from brownout.report.fingerprints import fingerprints
from brownout.report.pages import parse

VERSION = 1


class Place(TypedDict):
    """A stretch of a file."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class NoteData(Place):
    """A related place: a step of the chain, in order, or the other half of the problem."""

    message: str


class FixData(TypedDict):
    """An offered change; `safe` means that `brownout fix` applies it unasked, `recipe` is the kind of change."""

    title: str
    safe: bool
    recipe: str


class EditData(TypedDict):
    """Replace the lines `line` to `end_line` (exclusive) by `text`."""

    line: int
    end_line: int
    text: str


class FindingData(Place):
    """One finding.

    `severity` is CRITICAL, HIGH, MEDIUM or MONITOR, `likelihood` High, Medium or Low, `certainty` certain or suspected
    (to be confirmed by a person). `because` says why it is milder than its rule, or is empty. `why` and `do` are the
    first sentences of the rule's page about this finding. `function` is the qualified name around it, `cause` the call
    at the end of the chain. `fingerprint` stays the same while code around the finding changes. `category`, `section`,
    `effort_minutes` (least, most) and `impact` are the rule's, `null` where the rule is not at hand. `edits` is what
    the first of the `fixes` changes, where that was worked out.
    """

    kind: str
    rule: str
    severity: str
    likelihood: str
    certainty: str
    message: str
    because: str
    why: str
    do: str
    function: str
    name: str
    cause: str
    words: dict[str, str]
    notes: list[NoteData]
    fixes: list[FixData]
    edits: list[EditData]
    fingerprint: str
    category: str | None
    section: str | None
    effort_minutes: list[int] | None
    impact: dict[str, str] | None


class UnreadableData(TypedDict):
    """A file that could not be read, which therefore has no findings."""

    kind: str
    rule: str
    severity: str
    path: str
    line: int
    message: str


def render(report: Report) -> str:
    """The document: `version`, counts, `unreadable` and `findings`."""
    document = {
        "version": VERSION,
        "files": report.files,
        "lines": report.lines,
        "hidden": report.hidden,
        "suppressed": report.suppressed,
        "unreadable": [unreadable_data(report, item) for item in report.unreadable],
        "findings": findings_data(report),
    }
    return rows(document) + "\n"


def findings_data(report: Report) -> list[FindingData]:
    """The findings as plain data, in their order."""
    marks = fingerprints(report.findings)
    return [finding_data(report, finding, mark) for finding, mark in zip(report.findings, marks, strict=True)]


def finding_data(report: Report, finding: Finding, fingerprint: str) -> FindingData:
    """One finding as plain data."""
    rule = report.rules.get(finding.rule)
    page = parse(rule.doc if rule is not None else "")
    impact = rule.impact if rule is not None else None
    return {
        "kind": "finding",
        "rule": finding.rule,
        "severity": finding.severity.value,
        "likelihood": finding.likelihood.value,
        "certainty": finding.certainty.value,
        "message": finding.message,
        **_place(report, finding.location),
        "because": finding.because,
        "why": page.sentence("The Problem", finding.words),
        "do": page.sentence("The Fix", finding.words),
        "function": finding.site.qualname,
        "name": finding.site.name,
        "cause": finding.root,
        "words": dict(finding.words),
        "notes": [{**_place(report, note.location), "message": note.message} for note in finding.notes],
        "fixes": [{"title": fix.title, "safe": fix.safe, "recipe": fix.recipe} for fix in finding.fixes],
        "edits": [
            {"line": edit.start, "end_line": edit.end, "text": edit.text} for edit in report.edits.get(finding, ())
        ],
        "fingerprint": fingerprint,
        "category": rule.category.value if rule is not None else None,
        "section": rule.section if rule is not None else None,
        "effort_minutes": list(rule.effort) if rule is not None else None,
        "impact": {"user": impact.user.value, "data": impact.data.value, "recovery": impact.recovery.value}
        if impact is not None
        else None,
    }


def unreadable_data(report: Report, item: Unreadable) -> UnreadableData:
    """An unreadable file as plain data."""
    return {
        "kind": "unreadable",
        "rule": UNREADABLE,
        "severity": "MEDIUM",
        "path": report.shown(item.path),
        "line": item.line,
        "message": item.message,
    }


def _place(report: Report, location: Location) -> Place:
    span = location.span
    return {
        "path": report.shown(location.path),
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
    }
