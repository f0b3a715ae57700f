"""One line per finding, as compilers print them: `path:line:column: SEVERITY rule-name message`."""

from __future__ import annotations

from brownout.core import Certainty
from brownout.render.report import UNREADABLE, Report, plain
from brownout.render.summary import summary


def render(report: Report, *, quiet: bool = False) -> str:
    """The lines, unreadable files first, and the summary unless `quiet`; columns count code points from 1."""
    lines = [
        f"{plain(report.shown(item.path))}:{item.line}:1: MEDIUM {UNREADABLE} {plain(item.message)}"
        for item in report.unreadable
    ]
    for finding in report.findings:
        span = finding.location.span
        place = f"{plain(report.shown(finding.location.path))}:{span.line}:{span.column + 1}"
        doubt = " (to be confirmed)" if finding.certainty is Certainty.SUSPECTED else ""
        lines.append(f"{place}: {finding.severity.value} {finding.rule} {plain(finding.message)}{doubt}")
    if not quiet:
        lines += summary(report)
    return "".join(f"{line}\n" for line in lines)
