"""Findings as a GitLab code quality report (Code Climate's issues), for the merge request's widget."""

from __future__ import annotations

import hashlib
import json

from brownout.core import Certainty, Finding, Severity
from brownout.model.source import Unreadable
from brownout.render.report import UNREADABLE, Report, plain
from brownout.report.fingerprints import fingerprints

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.MONITOR: "minor",
}


def render(report: Report) -> str:
    """A JSON list of issues; GitLab compares their fingerprints between the branches."""
    issues = [_unreadable(report, item) for item in report.unreadable]
    for finding, mark in zip(report.findings, fingerprints(report.findings), strict=True):
        issues.append(_issue(report, finding, mark))
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(report: Report, finding: Finding, fingerprint: str) -> dict[str, object]:
    doubtful = finding.certainty is Certainty.SUSPECTED
    place = finding.location
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": plain(finding.message),
        "categories": ["Bug Risk"],
        "severity": "info" if doubtful else SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": report.within(place.path),
            "lines": {"begin": place.span.line, "end": place.span.end_line},
        },
    }


def _unreadable(report: Report, item: Unreadable) -> dict[str, object]:
    text = f"{UNREADABLE}\0{item.path}\0{item.message}"
    return {
        "type": "issue",
        "check_name": UNREADABLE,
        "description": plain(item.message),
        "categories": ["Bug Risk"],
        "severity": SEVERITIES[Severity.MEDIUM],
        "fingerprint": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        "location": {"path": report.within(item.path), "lines": {"begin": item.line, "end": item.line}},
    }
