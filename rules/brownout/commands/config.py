"""`brownout config`: the settings in force, where they come from, and their JSON Schema."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from brownout.commands.options import add_selection, root_and_paths, settings_of
from brownout.project.config import schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The same selection as `check`."""
    add_selection(parser)
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of [tool.brownout]")


def run(arguments: argparse.Namespace) -> int:
    """Print the settings as JSON."""
    if arguments.schema:
        print(schema(), end="")
        return 0
    root, _ = root_and_paths(arguments)
    found = asdict(settings_of(arguments, root))
    source = found.pop("source") or "defaults"
    page = {"source": source, "root": str(root), **{key.replace("_", "-"): value for key, value in found.items()}}
    print(json.dumps(page, indent=2))
    return 0
