"""Annotations through the log: they need no token, and GitHub shows ten of a kind for a step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from brownout.action.examine import Examined
from brownout.action.log import Log
from brownout.action.markdown import count, worst_first
from brownout.core import Finding
from brownout.render import render
from brownout.render.report import level

MOST = 10
"""Annotations of a kind that GitHub takes from a step; it drops the others without a word."""


def annotate(examined: Examined, log: Log) -> None:
    """The worst as annotations, and how many are left out."""
    report = examined.new
    kinds: Counter[str] = Counter(warning=min(len(report.unreadable), MOST))
    shown: list[Finding] = []
    for finding in worst_first(report.findings):
        kind = level(finding)
        if kinds[kind] < MOST:
            kinds[kind] += 1
            shown.append(finding)
    left_out = len(report.findings) - len(shown) + len(report.unreadable) - min(len(report.unreadable), MOST)
    log.command(render(replace(report, findings=tuple(shown), unreadable=report.unreadable[:MOST]), "github"))
    if left_out:
        what = count(left_out, "finding")
        log.remark(f"{what} without an annotation: GitHub shows {MOST} of a kind; the summary has all")
