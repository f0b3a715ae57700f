"""`brownout clean`: remove what earlier checks have kept."""

from __future__ import annotations

import argparse
import os

from brownout.project.cache.store import Store
from brownout.project.place import common_root


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose cache, and where it is."""
    parser.add_argument("paths", nargs="*", metavar="PATH", default=["."], help="projects (default: .)")
    parser.add_argument("--cache-dir", metavar="DIR", help="default: $BROWNOUT_CACHE_DIR, else in each project")


def run(arguments: argparse.Namespace) -> int:
    """Remove it; that there is none is fine, too."""
    given = arguments.cache_dir or os.environ.get("BROWNOUT_CACHE_DIR")
    for folder in dict.fromkeys(Store(common_root([path]), given).folder for path in arguments.paths):
        if Store(os.path.dirname(folder), folder).clean():
            print(f"removed {folder}")
    return 0
