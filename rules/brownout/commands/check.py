"""`brownout check`: findings, in the format that is wanted, and an exit code."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from brownout.commands.options import LEVELS, add_selection, root_and_paths, settings_of, shown_base
from brownout.engine import Progress
from brownout.project.baseline import Baseline, Comparison, compare_with_base, compare_with_file, read
from brownout.project.checking import Outcome, check_workspace
from brownout.project.fixing import first_edits
from brownout.project.git import Commit, fork_point
from brownout.project.history import texts_of, workspace_at
from brownout.project.reporting import report_of
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import Workspace, open_workspace
from brownout.project.writing import write_atomically
from brownout.render import FORMATS, render

STALE_SHOWN = 10
WITH_EDITS = ("sarif", "rdjson")
"""Formats that tell what a fix would change, which takes longer to work out than to find."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, what to show, and when to fail."""
    add_selection(parser)
    either = parser.add_argument_group("only what is new").add_mutually_exclusive_group()
    either.add_argument("--baseline", metavar="FILE", help="leave out what this file of `brownout baseline` lists")
    either.add_argument("--diff-base", metavar="REF", help="leave out what was there where HEAD parted from it")
    group = parser.add_argument_group("output")
    group.add_argument("--output-format", choices=sorted(FORMATS), help="default: full ($BROWNOUT_OUTPUT_FORMAT)")
    group.add_argument("-o", "--output-file", metavar="FILE", help="write there instead of to standard output")
    group.add_argument("--statistics", action="store_true", help="counts per rule instead of findings")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only: no summary, no progress")
    group.add_argument("--show-files", action="store_true", help="list the files that would be read, and stop")
    group.add_argument("--show-suppressed", action="store_true", help="list what comments switch off, and why")
    group = parser.add_argument_group("exit code")
    group.add_argument("--fail-on", choices=LEVELS, help="the mildest severity that makes it 1 (default: medium)")
    group.add_argument("--exit-zero", action="store_true", help="0 even with findings; 2 stays 2")
    parser.add_argument("-j", "--jobs", type=_jobs, metavar="N", help="processes (default: all cores, if it pays)")
    parser.add_argument("--repos", metavar="LIST", help="one table of the repositories that this file lists")
    parser.add_argument("--executor", type=_executor, metavar="dask://HOST:PORT", help="check on that Dask cluster")
    parser.add_argument("--stdin-filename", metavar="PATH", help="with `-`: the file that standard input stands for")


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _executor(text: str) -> str:
    host, _, port = text.removeprefix("dask://").rpartition(":")
    if not text.startswith("dask://") or not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not an executor such as dask://10.0.0.5:8786")
    return text


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and say how it went: 0 or 1."""
    if arguments.repos is not None:
        from brownout.commands import repos

        return repos.run(arguments)
    started = time.perf_counter()
    workspace, settings, paths = _open(arguments)
    if arguments.show_files:
        for source in workspace.sources:
            if workspace.wanted is None or source.path in workspace.wanted:
                print(shown_base(workspace.root) + source.path)
        return 0
    against = _against(arguments, workspace.root)
    with progress_bar(len(workspace.sources), quiet=arguments.quiet) as progress:
        outcome = check_workspace(workspace, settings, progress, arguments.jobs, arguments.executor)
    comparison = None
    if isinstance(against, Baseline):
        comparison = compare_with_file(outcome, workspace, settings, against)
        _tell_stale(comparison)
    elif isinstance(against, Commit):
        base = workspace_at(against.id, workspace, paths, settings)
        comparison = compare_with_base(outcome, workspace, base, settings, against.name, arguments.jobs)
    outcome = comparison.outcome if comparison else outcome
    _print(arguments, workspace, outcome, comparison, time.perf_counter() - started)
    failing = outcome.failing(settings) or outcome.unreadable
    return 1 if failing and not arguments.exit_zero else 0


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


def _tell_stale(comparison: Comparison) -> None:
    if not comparison.gone:
        return
    entries = f"{len(comparison.gone)} entries match" if len(comparison.gone) > 1 else "1 entry matches"
    advice = f"renew it with `brownout baseline -o {comparison.against}`"
    print(f"brownout: {comparison.against}: {entries} nothing any more; {advice}", file=sys.stderr)
    for trace in comparison.gone[:STALE_SHOWN]:
        print(f"  {trace.path}: {trace.rule}: {trace.name} in {trace.function}", file=sys.stderr)
    if len(comparison.gone) > STALE_SHOWN:
        print(f"  and {len(comparison.gone) - STALE_SHOWN} more", file=sys.stderr)


def _open(arguments: argparse.Namespace) -> tuple[Workspace, Settings, list[Path]]:
    buffers: dict[str, str] = {}
    if "-" in arguments.paths:
        if arguments.paths != ["-"]:
            raise ConfigError("`-` stands alone: standard input, or paths")
        arguments.paths = [arguments.stdin_filename or "."]
        path = Path(arguments.stdin_filename or "stdin.py")
        arguments.paths = [str(path if path.exists() else path.parent)]
        root, paths = root_and_paths(arguments)
        name = Path(os.path.relpath(path.resolve(), root)).as_posix()
        buffers[name] = sys.stdin.read()
        settings = settings_of(arguments, root)
        return replace(open_workspace(root, paths, settings, buffers), wanted=frozenset({name})), settings, paths
    root, paths = root_and_paths(arguments)
    settings = settings_of(arguments, root)
    return open_workspace(root, paths, settings), settings, paths


def _print(
    arguments: argparse.Namespace,
    workspace: Workspace,
    outcome: Outcome,
    comparison: Comparison | None,
    seconds: float,
) -> None:
    chosen = arguments.output_format or os.environ.get("BROWNOUT_OUTPUT_FORMAT") or "full"
    if chosen not in FORMATS:
        raise ConfigError(f"BROWNOUT_OUTPUT_FORMAT: there is no format {chosen!r}; one of {', '.join(sorted(FORMATS))}")
    edits = first_edits(outcome.findings, texts_of(workspace)) if chosen in WITH_EDITS else {}
    base = shown_base(workspace.root)
    report = report_of(workspace, outcome, base=base, seconds=seconds, comparison=comparison, edits=edits)
    if arguments.statistics and chosen in ("full", "concise"):
        chosen = "statistics"
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    text = render(report, chosen, color=_color(arguments), quiet=arguments.quiet, width=width)
    if arguments.output_file:
        write_atomically(Path(arguments.output_file), text.encode())
    else:
        sys.stdout.write(text)
    for notice in outcome.notices:
        print(f"{report.base}{notice.path}:{notice.line}: {notice.message}", file=sys.stderr)
    if arguments.show_suppressed:
        for finding, reason in outcome.suppressed:
            place = f"{report.base}{finding.location.path}:{finding.location.span.line}"
            print(f"{place}: {finding.rule} switched off: {reason or 'no reason given'}", file=sys.stderr)


def _color(arguments: argparse.Namespace) -> bool:
    if arguments.color != "auto":
        return bool(arguments.color == "always")
    if arguments.output_file or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


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
