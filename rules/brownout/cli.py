"""The terminal's door: `brownout check`, `fix`, `audit`, `rule`, `config`, `server`; exit codes 0, 1 and 2."""

from __future__ import annotations

import gc
import importlib
import os
import sys

from brownout.version import __version__

TYPE_CHECKING = False  # the module `typing` alone takes as long as all that is left to import here
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import NoReturn

COMMANDS = {
    "check": "report how the service fails before production does",
    "merge": "put the parts of a check that `check --shard` made together",
    "baseline": "list today's findings, so that checks report only new ones",
    "fix": "apply fixes: the safe ones, with --unsafe all",
    "audit": "report in full how the service fails: inventory, failure map, findings, score, plan",
    "rule": "explain a rule",
    "config": "show the settings in force, or their JSON Schema",
    "clean": "remove what earlier checks have kept",
    "server": "run the language server for an editor",
}
"""The commands with their one-line help; each is a module of `brownout.commands` with `add_arguments` and `run`."""


class Failed(Exception):
    """brownout cannot do what it was asked to; the message says what and where. Exit code 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 nothing found, 1 findings, 2 it could not be done."""
    if sys.flags.optimize >= 2:
        return _fail("Python runs with -OO, which removes the rules' pages (their docstrings); run it without")
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        print(f"brownout {__version__}")
        return 0
    arguments = _parser(words).parse_args(words)
    if arguments.command is None:
        _parser([]).print_help()
        return 2
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # arrows and boxes on a terminal that knows only ASCII
    try:
        return _run(arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads any more; keep the interpreter's last flush quiet
        return 2
    except KeyboardInterrupt:
        print("brownout: interrupted", file=sys.stderr)
        return 130


def run() -> NoReturn:
    """The command as a process of its own: it ends at once, without taking apart what it read, which takes a second."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def _run(arguments: argparse.Namespace) -> int:
    command = importlib.import_module(f"brownout.commands.{arguments.command}")
    if arguments.command != "server":
        gc.disable()  # a process that is about to end needs no collection: looking through the tables takes seconds
    try:
        code: int = command.run(arguments)
        sys.stdout.flush()
        return code
    except Failed as error:
        return _fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {error.strerror}")
    except Exception as error:  # the last line of defence: one message, the traceback on demand
        from brownout.project.settings import ConfigError

        if isinstance(error, ConfigError):
            return _fail(str(error))
        if arguments.verbose:
            raise
        where = f"{type(error).__name__}: {error}"
        return _fail(f"internal error: {where} (a bug in brownout; --verbose shows where, please report it)")


def _fail(message: str) -> int:
    print(f"brownout: {message}", file=sys.stderr)
    return 2


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    """The parser; only the command that is run has its arguments added, so that start-up stays short."""
    from brownout.commands.arguments import Parser

    parser = Parser(prog="brownout", description="Finds out how a Python service fails before production does.")
    parser.add_argument("--version", action="version", version=f"brownout {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    wanted = next((word for word in argv if word in COMMANDS), None)
    for name, words in COMMANDS.items():
        sub = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        sub.add_argument("-v", "--verbose", action="store_true", help="say more; show tracebacks of internal errors")
        if name == wanted:
            importlib.import_module(f"brownout.commands.{name}").add_arguments(sub)
    return parser
