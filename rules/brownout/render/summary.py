"""The last lines for people: how many, how bad, and what can be done about it."""

from __future__ import annotations

from collections import Counter

from brownout.core import Certainty, Severity
from brownout.render.report import Report


def summary(report: Report) -> list[str]:
    """One line of counts, and one of hints where there is something to hint at."""
    certain = [finding for finding in report.findings if finding.certainty is Certainty.CERTAIN]
    suspected = len(report.findings) - len(certain)
    counts = Counter(finding.severity for finding in certain)
    severities = ", ".join(f"{counts[severity]} {severity.value}" for severity in Severity if counts[severity])
    new = "new " if report.against else ""
    head = f"{_count(len(certain), f'{new}finding')} ({severities})" if certain else f"No {new}findings"
    also = f" and {suspected} to be confirmed" if suspected else ""
    size = f"{_count(report.files, 'file')} ({_count(report.lines, 'line')})"
    first = f"{head}{also} in {size}, {report.seconds:.1f} s."
    rest = " ".join(_hints(report))
    return [first, rest] if rest else [first]


def _hints(report: Report) -> list[str]:
    offered = [finding.fixes[0] for finding in report.findings if finding.fixes]
    safe = sum(fix.safe for fix in offered)
    unsafe = len(offered) - safe
    hints: list[str] = []
    if report.against:
        hints.append(f"Compared with {report.against}: {report.known} known, {report.gone} gone.")
    if safe:
        hints.append(f"{safe} fixable with `brownout fix`{f', {unsafe} more with --unsafe' if unsafe else ''}.")
    elif unsafe:
        hints.append(f"{unsafe} fixable with `brownout fix --unsafe`.")
    if report.unreadable:
        hints.append(f"{_count(len({item.path for item in report.unreadable}), 'file')} could not be read.")
    if report.hidden:
        hints.append(f"{report.hidden} not shown (--min-severity, --suspected).")
    if report.suppressed:
        hints.append(f"{report.suppressed} switched off by comments.")
    return hints


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
