"""The check itself: head, base, what is new, and what the fixes would change."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from brownout.action import before, kept
from brownout.action.event import Event
from brownout.action.inputs import NEVER, Inputs, WrongInput
from brownout.action.log import Log
from brownout.action.markdown import worst_first
from brownout.action.score import Score, audits
from brownout.core import Finding
from brownout.project import git
from brownout.project.baseline import Comparison, compare_with_earlier
from brownout.project.checking import Outcome
from brownout.project.choice import Choice, choose
from brownout.project.fixing import first_edits
from brownout.project.history import texts_of, workspace_at
from brownout.project.remembering import check_remembering
from brownout.project.reporting import report_of
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace, project_root
from brownout.render.report import Report

MOST_FIXES = 100
"""Findings whose fixes are worked out, the worst first: each takes far longer than finding it."""


@dataclass(frozen=True, slots=True)
class Examined:
    """All findings as a report, and which of them are new; without a `comparison` all of them count."""

    root: Path
    settings: Settings
    outcome: Outcome
    report: Report
    comparison: Comparison | None
    base: str
    comparable: bool
    seconds: float
    score: Score

    @property
    def judged(self) -> Outcome:
        """What the change answers for."""
        return self.comparison.outcome if self.comparison is not None else self.outcome

    @property
    def new(self) -> Report:
        """The report of what is judged only."""
        return replace(self.report, findings=self.judged.findings, unreadable=self.judged.unreadable)

    def failing(self, inputs: Inputs) -> list[Finding]:
        """What fails the job: nothing where it cannot be known what is new."""
        if inputs.fail_on == NEVER or not self.comparable:
            return []
        return self.judged.failing(self.settings)


def examine(inputs: Inputs, event: Event, environment: Mapping[str, str], log: Log) -> Examined:
    """Check the project; raises `WrongInput` and `ConfigError`."""
    started = time.perf_counter()
    folder = _folder(inputs, event)
    paths = [folder / path for path in inputs.paths]
    root = project_root(paths)
    settings = choose(root, _choice(inputs, folder))
    workspace = open_workspace(root, paths, settings)
    commit = before.find(event, root, environment, log) if inputs.only_new else None
    base = workspace_at(commit.id, workspace, paths, settings) if commit is not None else None
    with audits(workspace, base, settings, environment, log) if inputs.score else nullcontext(Score) as score:
        outcome = check_remembering(workspace, settings, kept.store_of(root, environment), None, None)
        comparison = None
        if base is not None and commit is not None:
            earlier = kept.earlier(base, settings, commit.name, environment)
            comparison = compare_with_earlier(outcome, workspace, earlier)
        if event.number is None:
            kept.keep(outcome, workspace, settings, environment)
        seconds = time.perf_counter() - started
        found = score()
    judged = worst_first(comparison.outcome.findings if comparison is not None else outcome.findings)[:MOST_FIXES]
    edits = first_edits(judged, texts_of(workspace))
    below = _below(root, event)
    report = report_of(workspace, outcome, base=below, seconds=seconds, comparison=comparison, edits=edits)
    if inputs.category:
        report = replace(report, category=f"{inputs.category}/")
    comparable = commit is not None or not inputs.only_new or event.number is None
    compared = commit.id if commit is not None else ""
    return Examined(root, settings, outcome, report, comparison, compared, comparable, seconds, found)


def _folder(inputs: Inputs, event: Event) -> Path:
    folder = event.workspace / inputs.working_directory
    if not folder.is_dir():
        raise WrongInput(
            f"working-directory: there is no folder {inputs.working_directory!r}; is the code checked out?"
        )
    return folder


def _choice(inputs: Inputs, folder: Path) -> Choice:
    return Choice(
        config=str(folder / inputs.config) if inputs.config else None,
        select=inputs.select,
        ignore=inputs.ignore,
        fail_on=inputs.fail_on if inputs.fail_on != NEVER else None,
    )


def _below(root: Path, event: Event) -> str:
    """The project's place in the repository: GitHub's paths count from the repository's top."""
    found = git.prefix(root)
    if found is None:
        found = Path(os.path.relpath(root, event.workspace.resolve())).as_posix() + "/"
    return "" if found == "./" else found
