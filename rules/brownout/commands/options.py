"""Options that several commands share, and the settings that they make."""

from __future__ import annotations

import argparse
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from brownout.project.cache.store import Store
    from brownout.project.choice import Choice
    from brownout.project.settings import Settings

LEVELS = ("critical", "high", "medium", "monitor")
"""The values of `settings.Level`, which is not imported only to list them."""


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Which files, which rules, which settings."""
    parser.add_argument("paths", nargs="*", metavar="PATH", default=["."], help="files or folders (default: .)")
    group = parser.add_argument_group("selection")
    group.add_argument("--select", metavar="NAMES", help="rules, categories or sections to ask about, with commas")
    group.add_argument("--ignore", metavar="NAMES", help="rules, categories or sections to leave out")
    group.add_argument("--exclude", metavar="PATTERNS", help="more files to leave out, as in .gitignore")
    group.add_argument("--min-severity", choices=LEVELS, help="the mildest severity to show (default: medium)")
    group.add_argument("--suspected", action="store_true", default=None, help="show what needs confirmation, too")
    group.add_argument(
        "--respect-gitignore", action=argparse.BooleanOptionalAction, default=None, help="leave out what git ignores"
    )
    group.add_argument(
        "--force-exclude", action="store_true", default=None, help="leave that out even where it is named"
    )
    group.add_argument("--config", metavar="FILE", help="settings from this file instead of the project's")
    group.add_argument("--isolated", action="store_true", help="ignore all files with settings")


def settings_of(arguments: argparse.Namespace, root: Path) -> Settings:
    """The project's settings with the command line's on top; raises `ConfigError`."""
    from brownout.project.choice import choose

    return choose(root, choice_of(arguments))


def choice_of(arguments: argparse.Namespace) -> Choice:
    """What the command line asks for on top of a project's settings."""
    from brownout.project.choice import Choice

    names = ("config", "isolated", "select", "ignore", "exclude", "min_severity", "fail_on", "suspected")
    given = {name: getattr(arguments, name, None) for name in (*names, "respect_gitignore", "force_exclude")}
    return Choice(**{name: value for name, value in given.items() if value is not None})


def root_and_paths(arguments: argparse.Namespace) -> tuple[Path, list[Path]]:
    """The project's root and the paths in it that were named; `-` is left out."""
    from pathlib import Path

    from brownout.project.workspace import project_root

    paths = [Path(path) for path in arguments.paths if path != "-"] or [Path()]
    return project_root(paths), paths


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Whether and where answers are kept."""
    group = parser.add_argument_group("cache")
    group.add_argument("--no-cache", dest="cache", action="store_false", help="neither use nor keep earlier answers")
    group.add_argument(
        "--cache-dir",
        metavar="DIR",
        help="keep them there ($BROWNOUT_CACHE_DIR); default: the project's .brownout_cache",
    )


def store_of(arguments: argparse.Namespace, root: str) -> Store | None:
    """Where answers about the project at `root` are kept; None if they are not wanted."""
    from brownout.project.cache.store import Store

    return Store(root, arguments.cache_dir or os.environ.get("BROWNOUT_CACHE_DIR")) if arguments.cache else None
