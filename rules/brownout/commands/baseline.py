"""`brownout baseline`: a file of today's findings, so that `check --baseline` reports only what is new."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from brownout.commands.options import add_selection, root_and_paths, settings_of
from brownout.project.baseline import write
from brownout.project.checking import check_workspace
from brownout.project.workspace import open_workspace
from brownout.project.writing import write_atomically

FILE = "brownout-baseline.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The same selection as `check`."""
    add_selection(parser)
    parser.add_argument("-o", "--output-file", metavar="FILE", default=FILE, help=f"default: {FILE}; - prints it")


def run(arguments: argparse.Namespace) -> int:
    """Check, and write down what is found."""
    root, paths = root_and_paths(arguments)
    settings = settings_of(arguments, root)
    workspace = open_workspace(root, paths, settings)
    outcome = check_workspace(workspace, settings)
    text = write(outcome, workspace)
    if arguments.output_file == "-":
        sys.stdout.write(text)
        return 0
    write_atomically(Path(arguments.output_file), text.encode("utf-8", "replace"))
    count = len(outcome.findings) + len(outcome.unreadable)
    print(f"{arguments.output_file}: {count} {'entry' if count == 1 else 'entries'}")
    return 0
