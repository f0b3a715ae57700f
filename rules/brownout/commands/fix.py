"""`brownout fix`: apply fixes, or show what they would change."""

from __future__ import annotations

import argparse
import difflib
import io
import sys

from brownout.commands.options import add_selection, root_and_paths, settings_of
from brownout.project.config import hint
from brownout.project.fixing import Fixed, fix_workspace, save
from brownout.project.place import shown_base
from brownout.project.settings import ConfigError
from brownout.project.workspace import Workspace, open_workspace
from brownout.rules import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to fix, and how far to go."""
    add_selection(parser)
    parser.add_argument("--diff", action="store_true", help="show the changes, write nothing; exit 1 if there are any")
    parser.add_argument("--unsafe", action="store_true", help="also fixes that can change what callers see")
    parser.add_argument("--rule", action="append", metavar="NAME", default=[], help="only this rule; may be repeated")


def run(arguments: argparse.Namespace) -> int:
    """Fix the project's files; 1 if some could not be written, or with --diff if there are changes."""
    for name in arguments.rule:
        if name not in load():
            raise ConfigError(f"--rule: there is no rule {name!r}{hint(name, load())}")
    root, paths = root_and_paths(arguments)
    settings = settings_of(arguments, root)
    workspace = open_workspace(root, paths, settings)
    base = shown_base(str(root))
    for item in workspace.unreadable:
        print(f"{base}{item.path}:{item.line}: {item.message}", file=sys.stderr)
    fixed = fix_workspace(workspace, settings, unsafe=arguments.unsafe, only=arguments.rule)
    before = {source.path: source.text for source in workspace.sources}
    changed = {path: text for path, text in fixed.texts.items() if text != before[path]}
    if arguments.diff:
        for path, text in changed.items():
            sys.stdout.write(diff(before[path], text, base + path))
        return 1 if changed else 0
    failed = 0
    for path, text in changed.items():
        if (reason := save(workspace.root, path, before[path], text)) is not None:
            print(f"{base}{path}: {reason}", file=sys.stderr)
            failed += 1
    _summary(fixed, workspace, base, arguments)
    return 1 if failed else 0


def diff(before: str, after: str, path: str) -> str:
    """A unified diff that `patch` and `git apply` read."""
    old, new = (list(io.StringIO(text, newline="\n")) for text in (before, after))  # patch knows no form feeds
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _summary(fixed: Fixed, workspace: Workspace, base: str, arguments: argparse.Namespace) -> None:
    for finding, fix in fixed.fixed:
        place = f"{base}{finding.location.path}:{finding.location.span.line}"
        print(f"{place}: {finding.rule}: {fix.title}")
    for finding, reason in fixed.refused:
        place = f"{base}{finding.location.path}:{finding.location.span.line}"
        print(f"{place}: {finding.rule}: not fixed: {reason}", file=sys.stderr)
    left = [finding for finding in fixed.after.findings if finding.fixes]
    print(f"{_count(len(fixed.fixed), 'finding')} fixed, {len(fixed.after.findings)} left", end="")
    waiting = sum(1 for finding in left if not finding.fixes[0].safe)
    if waiting and not arguments.unsafe:
        print(f" ({_count(waiting, 'more fix', 'more fixes')} with --unsafe; read them with --diff)", end="")
    print()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
