"""The SARIF file as code scanning takes it: not larger than it may be."""

from __future__ import annotations

import gzip
from dataclasses import replace

from brownout.action.markdown import worst_first
from brownout.render import render
from brownout.render.report import Report

LARGEST = 10_000_000
"""Bytes, compressed, that code scanning takes."""


def packed(text: str) -> bytes:
    """The text compressed; the same text always gives the same bytes."""
    return gzip.compress(text.encode("utf-8", "replace"), mtime=0)


def fitting(report: Report) -> tuple[str, int]:
    """The SARIF text with as many findings as fit, the worst of them, and how many are left out."""
    found = report.findings
    text = render(report, "sarif")
    while len(packed(text)) > LARGEST and found:
        keep = set(worst_first(found)[: len(found) * 3 // 4])
        found = tuple(one for one in found if one in keep)
        text = render(replace(report, findings=found), "sarif")
    return text, len(report.findings) - len(found)
