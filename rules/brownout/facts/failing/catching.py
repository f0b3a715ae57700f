"""Which exceptions a handler stops, also where only the names of library exceptions are known."""

from __future__ import annotations

import re

from brownout.facts.failing.failures import is_a
from brownout.facts.failing.faults import Failure, Fault
from brownout.facts.failing.responses import ANY, Handler
from brownout.facts.project import Project

_HINTS = {
    Failure.HANGS: re.compile(r"Timeout|TimedOut|Deadline"),
    Failure.REFUSES: re.compile(r"Connect|Network|Unreachable|NotInstalled|NotFound|Transport|Unavailable|Refused"),
    Failure.ERRORS: re.compile(r"Status|HTTPError|A[Pp][Ii]Error|Response|Server|Decode|Syntax|ProcessError"),
    Failure.LOCKED: re.compile(r"Operational|Lock|Busy"),
    Failure.FULL: re.compile(r"Operational|NoSpace|Full"),
}


def caught_by(
    handler: Handler, kinds: tuple[str, ...], fault: Fault, project: Project
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The exceptions that a handler stops, and those that go on."""
    stopped = tuple(kind for kind in kinds if any(_stops(name, kind, fault, project) for name in handler.types))
    return stopped, tuple(kind for kind in kinds if kind not in stopped)


def _stops(name: str | None, kind: str, fault: Fault, project: Project) -> bool:
    if name == ANY or name is None:
        return True
    catalog = project.catalog
    handler, raised = catalog.canonical(_plain(name)), catalog.canonical(_plain(kind))
    if handler == raised or is_a(raised, handler, project.links):
        return True
    entry = fault.at.entry
    raises = fault.roots or (entry.raises if entry is not None else ())
    roots = {catalog.canonical(_plain(root)) for root in raises}
    if handler in roots and raised.partition(".")[0] == handler.partition(".")[0]:
        return len(roots) == 1
    # a narrower one of the same library, made for this failure
    same = handler.partition(".")[0] == raised.partition(".")[0] or is_a(handler, raised, project.links)
    return same and _HINTS[fault.failure].search(handler.rpartition(".")[2]) is not None


def _plain(symbol: str) -> str:
    return symbol.removeprefix("builtins.").removesuffix("()")
