"""`brownout check --repos LIST`: many repositories, one table of scores and findings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from brownout.commands.options import choice_of
from brownout.project.fleet import survey
from brownout.project.settings import ConfigError
from brownout.project.writing import write_atomically
from brownout.render.fleet import FORMATS, render


def run(arguments: argparse.Namespace) -> int:
    """Audit them all: 0 nothing found, 1 findings, 2 one of them could not be read."""
    form = arguments.output_format or "full"
    if form not in FORMATS:
        raise ConfigError(f"--repos: the table has no format {form!r}; one of {', '.join(FORMATS)}")
    names = _names(arguments.repos)
    rows = []
    for row in survey(names, choice_of(arguments), lambda: _executor(arguments)):
        rows.append(row)
        if not arguments.quiet and sys.stderr.isatty():
            print(f"\r{len(rows)}/{len(names)} ", end="", file=sys.stderr, flush=True)
    text = render(rows, form)
    if arguments.output_file:
        write_atomically(Path(arguments.output_file), text.encode())
    else:
        sys.stdout.write(text)
    if any(row.trouble for row in rows):
        return 2
    return int(any(row.failing or row.unreadable for row in rows) and not arguments.exit_zero)


def _names(where: str) -> list[str]:
    """The repositories that a file lists, a path a line; they count from the file's folder."""
    folder = Path() if where == "-" else Path(where).parent
    try:
        text = sys.stdin.read() if where == "-" else Path(where).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{where}: not a list of paths: not UTF-8") from None
    names = [line.strip() for line in text.splitlines()]
    found = [str(folder / name) for name in names if name and not name.startswith("#")]
    if not found:
        raise ConfigError(f"{where}: lists no repository")
    return found


@contextmanager
def _executor(arguments: argparse.Namespace) -> Iterator[Executor]:
    if arguments.executor is not None:
        from brownout.project.cluster import executor

        with executor(arguments.executor) as found:
            yield found
        return
    context = get_context("fork" if hasattr(os, "fork") else "spawn")
    with ProcessPoolExecutor(arguments.jobs or os.cpu_count() or 1, mp_context=context) as pool:
        yield pool
