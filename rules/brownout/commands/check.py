"""`brownout check`: findings, in the format that is wanted, and an exit code; from the disk if nothing has changed."""

from __future__ import annotations

import argparse
import os
import sys
import time

from brownout.commands.options import LEVELS, add_cache, add_selection, store_of
from brownout.project.place import common_root, shown_base
from brownout.render import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from brownout.project.cache.answers import Answer, Question

_READ = ("paths", "exclude", "respect_gitignore", "force_exclude", "config", "isolated", "baseline")
"""Arguments that decide what is read."""
_ASIDE = ("command", "verbose", "jobs", "output_file", "exit_zero", "cache", "cache_dir", "stdin_filename", "executor")
"""Arguments that do not change what there is to say."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, what to show, and when to fail."""
    add_selection(parser)
    either = parser.add_argument_group("only what is new").add_mutually_exclusive_group()
    either.add_argument("--baseline", metavar="FILE", help="leave out what this file of `brownout baseline` lists")
    either.add_argument("--diff-base", metavar="REF", help="leave out what was there where HEAD parted from it")
    group = add_output(parser)
    group.add_argument("--show-files", action="store_true", help="list the files that would be read, and stop")
    parser.add_argument("-j", "--jobs", type=_jobs, metavar="N", help="processes (default: all cores, if it pays)")
    parser.add_argument("--shard", type=_shard, metavar="I/N", help="only part I of N, for `brownout merge`")
    parser.add_argument("--repos", metavar="LIST", help="one table of the repositories that this file lists")
    parser.add_argument("--executor", type=_executor, metavar="dask://HOST:PORT", help="check on that Dask cluster")
    add_cache(parser)
    parser.add_argument("--stdin-filename", metavar="PATH", help="with `-`: the file that standard input stands for")


def add_output(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """How findings are shown, and when they fail."""
    group = parser.add_argument_group("exit code")
    group.add_argument("--fail-on", choices=LEVELS, help="the mildest severity that makes it 1 (default: medium)")
    group.add_argument("--exit-zero", action="store_true", help="0 even with findings; 2 stays 2")
    group = parser.add_argument_group("output")
    group.add_argument("--output-format", choices=sorted(FORMATS), help="default: full ($BROWNOUT_OUTPUT_FORMAT)")
    group.add_argument("-o", "--output-file", metavar="FILE", help="write there instead of to standard output")
    group.add_argument("--statistics", action="store_true", help="counts per rule instead of findings")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only: no summary, no progress")
    group.add_argument("--show-suppressed", action="store_true", help="list what comments switch off, and why")
    return group


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not number.isdecimal() or not count.isdecimal() or not 1 <= int(number) <= int(count):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part such as 2/5")
    return int(number), int(count)


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _executor(text: str) -> str:
    host, _, port = text.removeprefix("dask://").rpartition(":")
    if not text.startswith("dask://") or not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not an executor such as dask://10.0.0.5:8786")
    return text


class Look:
    """How an answer is to look, as the arguments and the environment say."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.format = str(arguments.output_format or os.environ.get("BROWNOUT_OUTPUT_FORMAT") or "full")
        self.width = _width() if self.format == "full" else 0
        self.color = _color(arguments)


def run(arguments: argparse.Namespace) -> int:
    """Check, print, and say how it went: 0 or 1."""
    if arguments.repos is not None:
        from brownout.commands import repos

        return repos.run(arguments)
    started = time.perf_counter()
    look = Look(arguments)
    question = _question(arguments, look)
    answer = question.recall() if question is not None else None
    if answer is not None:
        return tell(arguments, answer, started)
    from brownout.commands.judging import judge
    from brownout.project.cache.reading import Reading

    reading = Reading(question.root) if question is not None else None
    answer = judge(arguments, look, reading, question.store if question is not None else None)
    if answer is None:
        return 0
    code = tell(arguments, answer, started)
    if question is not None and reading is not None:
        question.remember(reading, answer)
    return code


def _question(arguments: argparse.Namespace, look: Look) -> Question | None:
    """What is asked, if its answer can be kept: all that it depends on is arguments and files."""
    paths = arguments.paths
    if "-" in paths or arguments.shard is not None or arguments.show_files or arguments.diff_base is not None:
        return None
    if not all(map(os.path.lexists, paths)):
        return None
    root = common_root(paths)
    store = store_of(arguments, root)
    if store is None:
        return None
    from brownout.project.cache.answers import Question

    words = vars(arguments)
    rest = {name: value for name, value in words.items() if name not in (*_READ, *_ASIDE)}
    rest |= {"format": look.format, "width": look.width, "color": look.color}
    return Question(store, root, {"base": shown_base(root), **{name: words[name] for name in _READ}}, rest)


def tell(arguments: argparse.Namespace, answer: Answer, started: float) -> int:
    """Print an answer, or write it to the file that was named; the exit code."""
    text = f"{time.perf_counter() - started:.1f}".join(answer.parts)
    if arguments.output_file:
        from pathlib import Path

        from brownout.project.writing import write_atomically

        write_atomically(Path(arguments.output_file), text.encode())
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    sys.stderr.write(answer.errors)
    return 1 if answer.failing and not arguments.exit_zero else 0


def _width() -> int:
    from shutil import get_terminal_size

    return min(get_terminal_size((100, 24)).columns, 120)


def _color(arguments: argparse.Namespace) -> bool:
    if arguments.color != "auto":
        return bool(arguments.color == "always")
    if arguments.output_file or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
