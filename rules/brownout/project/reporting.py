"""An outcome as the renderers take it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from brownout.core import Finding
from brownout.fixes.edits import Edit
from brownout.project.baseline import Comparison
from brownout.project.checking import Outcome
from brownout.project.history import texts_of
from brownout.project.workspace import Workspace
from brownout.render.report import Report

_LINE_END = re.compile(r"\r\n|\r|\n")


def report_of(
    workspace: Workspace,
    outcome: Outcome,
    *,
    base: str,
    seconds: float = 0.0,
    comparison: Comparison | None = None,
    edits: Mapping[Finding, Sequence[Edit]] | None = None,
) -> Report:
    """The report of `outcome`, whose findings may be those of `comparison` or only the new ones among them.

    `base` is what stands before the project's paths; source lines are looked up when they are wanted.
    """
    texts = texts_of(workspace)

    @cache
    def lines(path: str) -> list[str]:
        return _LINE_END.split(texts.get(path, ""))

    states: dict[Finding, str] = {}
    if comparison is not None:
        states = dict.fromkeys(comparison.known, "unchanged") | dict.fromkeys(comparison.outcome.findings, "new")
    return Report(
        findings=outcome.findings,
        unreadable=outcome.unreadable,
        rules=outcome.rules,
        files=outcome.files,
        lines=outcome.lines,
        base=base,
        source=lines,
        seconds=seconds,
        hidden=outcome.hidden,
        suppressed=len(outcome.suppressed),
        edits=edits or {},
        against=comparison.against if comparison else "",
        known=len(comparison.known) if comparison else 0,
        gone=len(comparison.gone) if comparison else 0,
        states=states,
    )
