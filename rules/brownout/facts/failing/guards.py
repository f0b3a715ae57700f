"""What stands between a call that may fail and the outside world that waits for the answer."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Note
from brownout.facts.effects import Edge
from brownout.facts.entrypoints import EntryPoint
from brownout.facts.failing.failures import stops
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.catalog import Entry
    from brownout.facts.call import Call
    from brownout.facts.summary import FunctionSummary

_ANSWERED = frozenset({"route", "websocket", "dependency", "background"})
_GUARDS = re.compile(
    r"handle|catch|guard|error|translat|wrap|suppress|breaker|retry|safe|fallback|resilien", re.IGNORECASE
)
"""Names of decorators and context managers of the project that may deal with failures."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a failure: past these calls, unstopped, to a function that the outside world calls."""

    point: EntryPoint
    edges: tuple[Edge, ...]

    @property
    def notes(self) -> list[Note]:
        """The calls that the failure passes, as related places."""
        return [Note(edge.step.location, f"the failure passes `{edge.row.text}` here") for edge in self.edges]


_SERVERS = frozenset({"fastapi", "starlette", "flask", "werkzeug", "django", "uvicorn", "sanic", "tornado"})


def is_remote(entry: Entry) -> bool:
    """Whether a call asks a service somewhere else, not the client that is being answered."""
    if entry.effect is not Effect.NETWORK or entry.library in _SERVERS or entry.name.startswith("aiohttp.web."):
        return False
    if not entry.blocks and not entry.awaits:
        return False  # an iterator: the answer has begun
    return not entry.tags & {"ws-receive", "ws-send", "ws-iter", "ws-accept", "upload-read"}


def way_out(call: Call, kinds: frozenset[str] = _ANSWERED, entry: Entry | None = None) -> Way | None:
    """How a failure of a library's call reaches an entry point of one of the kinds; None where something stops it.

    `entry` is what fails, where the call only hands it to a thread.
    """
    code, row = call.code, call.row
    entry = entry or call.entry
    if entry is None or row is None or not entry.raises or not kinds & code.kinds(call.function):
        return None
    if stopped(row.caught, entry, code.project) or _in_guard(call):
        return None
    if kinds <= _ANSWERED and stopped(by_application(code.project), entry, code.project):
        return None
    todo: deque[tuple[str, tuple[Edge, ...]]] = deque([(code.names.full(call.function.qualname), ())])
    seen: set[str] = set()
    while todo:
        name, edges = todo.popleft()
        function = code.project.links.functions.get(name)
        if name in seen or function is None or _is_guarded(function, code.project):
            continue
        seen.add(name)
        for point in code.project.entry_points.get(name, ()):
            if point.kind in kinds:
                return Way(point, edges)
        for edge in code.project.graph.callers.get(name, ()):
            if _comes_back(edge) and not stopped(edge.row.caught, entry, code.project):
                todo.append((edge.caller.name, (edge, *edges)))
    return None


def answered_here(call: Call) -> bool:
    """Whether a handler around a call, in its own function, deals with its failures."""
    return call.entry is not None and call.row is not None and stopped(call.row.caught, call.entry, call.code.project)


def _comes_back(edge: Edge) -> bool:
    """Whether a failure of the callee is raised again where it was called."""
    if edge.elsewhere is not None:
        return edge.row.awaited
    return edge.callee is not None and (edge.row.awaited or not edge.callee.is_async)


def stopped(handlers: tuple[str, ...], entry: Entry, project: Project) -> bool:
    """Whether handlers deal with the failures of a library: with all of them, or with some of its own by name."""
    heads = {kind.partition(".")[0] for kind in entry.raises if "." in kind} | {entry.library}
    for handler in handlers:
        if handler in ("*", "?") or (project.links.target(handler) or handler).partition(".")[0] in heads:
            return True
    return any(stops(handlers, kind, project.links) for kind in entry.raises)


def _in_guard(call: Call) -> bool:
    """Whether a context manager of the project's own that deals with failures stands around the call."""
    for block in call.table.block.chain() if call.table.block is not None else ():
        if block.kind == "with":
            manager = call.code.call_of(getattr(block.node, "context_expr", None))
            if manager is not None and manager.entry is None and _GUARDS.search(manager.text):
                return True
    return False


def _is_guarded(function: FunctionSummary, project: Project) -> bool:
    """Whether a decorator of the project's own, or of a library that tries again, stands on a function."""
    for symbol in function.decorators:
        entry = project.links.entry(symbol.removesuffix("()"))
        if entry is not None and "retry" not in entry.tags:
            continue
        target = project.links.target(symbol.removesuffix("()"))
        if symbol == "?" or entry is not None or (target in project.links.functions) or _GUARDS.search(symbol):
            return True
    return False


@per_project
def by_application(project: Project) -> tuple[str, ...]:
    """What the application answers for as a whole: the exceptions that it has handlers for, or everything."""
    found: set[str] = set()
    for _function, row in project.rows():
        entry = project.links.entry(row.symbol)
        if entry is not None and entry.registers == "exception-handler":
            arguments = dict(row.arguments)
            form = arguments.get(0, arguments.get("exc_class_or_status_code", "?"))
            found.add(form[1:] if form.startswith("@") and form != "@builtins.Exception" else "*")
        if row.arguments and "exception_handlers" in dict(row.arguments):
            found.add("*")
    if any("middleware-catches" in module.practices for module in project.modules):
        found.add("*")
    return tuple(sorted(found))
