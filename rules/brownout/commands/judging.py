"""A check that does the work: read, ask every rule, compare, and make the text of the answer."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from brownout.commands.check import Look
from brownout.commands.options import root_and_paths, settings_of
from brownout.engine import Progress
from brownout.project import config
from brownout.project.baseline import Baseline, Comparison, compare_with_base, compare_with_file, read
from brownout.project.cache.answers import Answer
from brownout.project.cache.reading import Reading
from brownout.project.cache.store import Store
from brownout.project.checking import Outcome, check_workspace
from brownout.project.fixing import first_edits
from brownout.project.git import Commit, fork_point
from brownout.project.history import texts_of, workspace_at
from brownout.project.place import shown_base
from brownout.project.remembering import check_remembering
from brownout.project.reporting import report_of
from brownout.project.settings import ConfigError, Settings
from brownout.project.sharding import part_of, tree_of
from brownout.project.sharding import write as write_part
from brownout.project.workspace import Workspace, open_workspace
from brownout.render import FORMATS, render

STALE_SHOWN = 10
WITH_EDITS = ("sarif", "rdjson")
"""Formats that tell what a fix would change, which takes longer to work out than to find."""
SELECTION = (
    *("paths", "select", "ignore", "exclude", "min_severity", "suspected", "respect_gitignore", "force_exclude"),
    *("config", "isolated", "fail_on"),
)
"""Arguments that a part carries along: whoever merges reads the same files by the same settings."""
_SECONDS = 86399999.9
"""Stands in a report for the time that the check took, until it is printed."""


def judge(
    arguments: argparse.Namespace, look: Look, reading: Reading | None = None, store: Store | None = None
) -> Answer | None:
    """The answer to `check` with these arguments, found afresh; None if only the files were asked for, and shown."""
    workspace, settings, paths = _open(arguments, reading)
    if arguments.show_files:
        for source in workspace.sources:
            if workspace.wanted is None or source.path in workspace.wanted:
                print(shown_base(str(workspace.root)) + source.path)
        return None
    if arguments.shard is not None:
        return _part(arguments, workspace, settings)
    against = _against(arguments, workspace.root)
    with progress_bar(len(workspace.sources), quiet=arguments.quiet) as progress:
        outcome = check_remembering(workspace, settings, store, progress, arguments.jobs, arguments.executor)
    comparison, errors = None, []
    if isinstance(against, Baseline):
        comparison = compare_with_file(outcome, workspace, settings, against)
        errors = _stale(comparison)
    elif isinstance(against, Commit):
        base = workspace_at(against.id, workspace, paths, settings)
        comparison = compare_with_base(outcome, workspace, base, settings, against.name, arguments.jobs)
    answer = answer_of(arguments, look, workspace, comparison.outcome if comparison else outcome, settings, comparison)
    answer.errors = "".join(f"{line}\n" for line in errors) + answer.errors
    return answer


def answer_of(
    arguments: argparse.Namespace,
    look: Look,
    workspace: Workspace,
    outcome: Outcome,
    settings: Settings,
    comparison: Comparison | None = None,
) -> Answer:
    """What is printed of an outcome."""
    text = _text(arguments, look, workspace, outcome, comparison)
    errors = _remarks(outcome, shown_base(str(workspace.root)), suppressed=arguments.show_suppressed)
    failing = bool(outcome.failing(settings) or outcome.unreadable)
    head, found, tail = text.rpartition(f"{_SECONDS:.1f}")
    return Answer([head, tail] if found else [tail], "".join(f"{line}\n" for line in errors), failing)


def _part(arguments: argparse.Namespace, workspace: Workspace, settings: Settings) -> Answer:
    """The answer to `--shard I/N`: that part of the outcome, to be merged."""
    given = ("baseline", "diff_base", "output_format", "statistics", "show_suppressed")
    aside = [f"--{name.replace('_', '-')}" for name in given if getattr(arguments, name)]
    if aside or "-" in arguments.paths:
        raise ConfigError(f"--shard goes without {aside[0] if aside else 'standard input'}: that is for the whole")
    number, count = arguments.shard
    tree = tree_of(workspace, settings)
    own = part_of(workspace, number, count)
    with progress_bar(len(own.sources), quiet=arguments.quiet) as progress:
        outcome = check_workspace(own, settings, progress, arguments.jobs, arguments.executor)
    selection = {name: getattr(arguments, name) for name in SELECTION}
    return Answer([write_part(outcome, tree, number, count, selection).decode()], "", failing=False)


def _against(arguments: argparse.Namespace, root: Path) -> Baseline | Commit | None:
    """What to compare with, found before the work begins."""
    if arguments.baseline is not None:
        return read(Path(arguments.baseline))
    if arguments.diff_base is None:
        return None
    commit = fork_point(root, arguments.diff_base)
    if not commit.exact:
        where = f"where HEAD parted from {commit.name} is not in this clone"
        print(f"brownout: {where}: compared with {commit.name} as it is now", file=sys.stderr)
    return commit


def _stale(comparison: Comparison) -> list[str]:
    if not comparison.gone:
        return []
    entries = f"{len(comparison.gone)} entries match" if len(comparison.gone) > 1 else "1 entry matches"
    advice = f"renew it with `brownout baseline -o {comparison.against}`"
    lines = [f"brownout: {comparison.against}: {entries} nothing any more; {advice}"]
    lines += [f"  {one.path}: {one.rule}: {one.name} in {one.function}" for one in comparison.gone[:STALE_SHOWN]]
    if len(comparison.gone) > STALE_SHOWN:
        lines.append(f"  and {len(comparison.gone) - STALE_SHOWN} more")
    return lines


def _open(arguments: argparse.Namespace, reading: Reading | None) -> tuple[Workspace, Settings, list[Path]]:
    buffers: dict[str, str] = {}
    if "-" in arguments.paths:
        if arguments.paths != ["-"]:
            raise ConfigError("`-` stands alone: standard input, or paths")
        arguments.paths = [arguments.stdin_filename or "."]
        path = Path(arguments.stdin_filename or "stdin.py")
        there = next((one for one in (path, *path.parents) if one.exists()), Path())  # folders may be yet to come
        arguments.paths = [str(there)]
        root, paths = root_and_paths(arguments)
        name = Path(os.path.relpath(path.resolve(), root)).as_posix()
        buffers[name] = sys.stdin.read()
        settings = settings_of(arguments, root)
        return replace(open_workspace(root, paths, settings, buffers), wanted=frozenset({name})), settings, paths
    root, paths = root_and_paths(arguments)
    if reading is not None:
        for name in [arguments.config] if arguments.config else [] if arguments.isolated else config.FILES:
            reading.fix(str(Path(name).absolute()) if arguments.config else name)
        if arguments.baseline is not None:
            reading.fix(str(Path(arguments.baseline).absolute()))
    settings = settings_of(arguments, root)
    return open_workspace(root, paths, settings, reading=reading), settings, paths


def _text(
    arguments: argparse.Namespace, look: Look, workspace: Workspace, outcome: Outcome, comparison: Comparison | None
) -> str:
    chosen = look.format
    if chosen not in FORMATS:
        raise ConfigError(f"BROWNOUT_OUTPUT_FORMAT: there is no format {chosen!r}; one of {', '.join(sorted(FORMATS))}")
    edits = first_edits(outcome.findings, texts_of(workspace)) if chosen in WITH_EDITS else {}
    base = shown_base(str(workspace.root))
    report = report_of(workspace, outcome, base=base, seconds=_SECONDS, comparison=comparison, edits=edits)
    if arguments.statistics and chosen in ("full", "concise"):
        chosen = "statistics"
    return render(report, chosen, color=look.color, quiet=arguments.quiet, width=look.width)


def _remarks(outcome: Outcome, base: str, *, suppressed: bool) -> list[str]:
    lines = [f"{base}{notice.path}:{notice.line}: {notice.message}" for notice in outcome.notices]
    for finding, reason in outcome.suppressed if suppressed else ():
        place = f"{base}{finding.location.path}:{finding.location.span.line}"
        lines.append(f"{place}: {finding.rule} switched off: {reason or 'no reason given'}")
    return lines


@contextmanager
def progress_bar(total: int, *, quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on standard error, for people who watch and only when it takes a while."""
    if quiet or total < 200 or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)
