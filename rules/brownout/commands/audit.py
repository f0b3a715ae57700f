"""`brownout audit`: the whole report on how a service fails, as Markdown, HTML or JSON."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from brownout.commands.judging import progress_bar
from brownout.commands.options import add_selection, root_and_paths, settings_of
from brownout.project.auditing import audit_workspace
from brownout.project.settings import ConfigError
from brownout.project.workspace import open_workspace
from brownout.project.writing import write_atomically
from brownout.render.audit import FORMATS, render

_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to audit, in which form, and when to fail."""
    add_selection(parser)
    group = parser.add_argument_group("output")
    group.add_argument("--output-format", choices=sorted(FORMATS), help="default: by the suffix of -o, else markdown")
    group.add_argument("-o", "--output-file", metavar="FILE", help="write there instead of to standard output")
    group.add_argument("--badge", metavar="FILE.svg", help="write the score as a badge, too")
    group.add_argument("--date", metavar="YYYY-MM-DD", help="the date to print; none is printed unless it is given")
    group.add_argument("--schema", action="store_true", help="print the JSON Schema of the JSON form, and stop")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress")
    group = parser.add_argument_group("exit code")
    group.add_argument("--fail-under", type=float, metavar="N", help="1 when the score is below N (1 to 10)")


def run(arguments: argparse.Namespace) -> int:
    """Audit, write, and say how it went: 0 or 1."""
    if arguments.schema:
        from brownout.render.audit.json import schema

        sys.stdout.write(schema())
        return 0
    _check(arguments)
    root, paths = root_and_paths(arguments)
    settings = settings_of(arguments, root)
    workspace = open_workspace(root, paths, settings)
    with progress_bar(len(workspace.sources), quiet=arguments.quiet) as progress:
        audit = audit_workspace(workspace, settings, progress, arguments.date or "")
    text = render(audit, _format(arguments))
    if arguments.output_file:
        write_atomically(Path(arguments.output_file), text.encode())
    else:
        sys.stdout.write(text)
    if arguments.badge:
        from brownout.render.audit.badge import badge

        write_atomically(Path(arguments.badge), badge(audit.score.value).encode())
    score = audit.score.value
    if arguments.fail_under is not None and score is not None and score < arguments.fail_under:
        print(f"brownout: the score is {score}, below {arguments.fail_under:g}", file=sys.stderr)
        return 1
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.date is not None and not _is_date(arguments.date):
        raise ConfigError(f"--date: {arguments.date!r} is not a date such as 2026-01-31")
    if arguments.fail_under is not None and not 1 <= arguments.fail_under <= 10:
        raise ConfigError(f"--fail-under: {arguments.fail_under:g} is not a score; scores go from 1 to 10")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _format(arguments: argparse.Namespace) -> str:
    if arguments.output_format:
        return str(arguments.output_format)
    return _SUFFIXES.get(Path(arguments.output_file or "").suffix.lower(), "markdown")
