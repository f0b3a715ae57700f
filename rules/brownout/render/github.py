"""Findings as GitHub workflow commands: printed in a job, they become annotations of the run and the pull request."""

from __future__ import annotations

from brownout.core import Finding
from brownout.render.report import UNREADABLE, Report, level, plain
from brownout.report.pages import parse

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """One command per line, the worst first: GitHub shows ten per step and kind and drops the others silently."""
    lines = [
        _command(
            "warning", plain(item.message), file=report.within(item.path), line=item.line, title=_title(UNREADABLE)
        )
        for item in report.unreadable
    ]
    for finding in sorted(report.findings, key=lambda finding: finding.severity.rank):
        lines.append(_annotation(report, finding))
    return "".join(f"{line}\n" for line in lines)


def _annotation(report: Report, finding: Finding) -> str:
    span = finding.location.span
    start, end = report.stretch(finding.location)
    rule = report.rules.get(finding.rule)
    message = [f"{finding.severity.value}: {finding.message}"]
    message += [
        f"→ {report.within(note.location.path)}:{note.location.span.line}  {note.message}" for note in finding.notes
    ]
    if rule is not None and (advice := parse(rule.doc).sentence("The Fix", finding.words)):
        message.append(f"Do: {advice}")
    return _command(
        COMMANDS[level(finding)],
        "\n".join(map(plain, message)),
        file=report.within(finding.location.path),
        line=span.line,
        endLine=span.line,
        col=start + 1,
        endColumn=end + 1,
        title=_title(finding.rule),
    )


def _title(rule: str) -> str:
    return f"brownout ({rule})"


def _command(name: str, message: str, **properties: str | int) -> str:
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
