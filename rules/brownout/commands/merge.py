"""`brownout merge`: the parts of a check that ran on several machines become one report."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from brownout.commands.check import Look, add_output, tell
from brownout.commands.judging import answer_of
from brownout.commands.options import root_and_paths, settings_of
from brownout.project.settings import ConfigError, Level
from brownout.project.sharding import merge, read, tree_of
from brownout.project.workspace import open_workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The parts, what to show, and when to fail."""
    parser.add_argument("parts", nargs="+", metavar="FILE", help="what `brownout check --shard I/N -o FILE` wrote")
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Put the parts together, print, and say how it went: 0 or 1."""
    started = time.perf_counter()
    parts = read({name: Path(name).read_bytes() for name in arguments.parts})
    given = argparse.Namespace(**parts[0].arguments)
    root, paths = root_and_paths(given)
    settings = settings_of(given, root)
    workspace = open_workspace(root, paths, settings)
    if tree_of(workspace, settings) != parts[0].tree:
        raise ConfigError("the files here are not those that the parts were made of: merge where the same commit lies")
    if arguments.fail_on is not None:
        settings = replace(settings, fail_on=Level(arguments.fail_on))
    outcome = merge(parts, settings)
    return tell(arguments, answer_of(arguments, Look(arguments), workspace, outcome, settings), started)
