"""Queues between those who bring work and those who do it: whether anything stops the first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word
from brownout.facts.project import Project, per_project
from brownout.facts.websockets import sockets

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.rows import CallRow
    from brownout.facts.summary import FunctionSummary

_QUEUES = {
    "asyncio.Queue": "maxsize",
    "asyncio.LifoQueue": "maxsize",
    "asyncio.PriorityQueue": "maxsize",
    "queue.Queue": "maxsize",
    "queue.LifoQueue": "maxsize",
    "queue.PriorityQueue": "maxsize",
    "multiprocessing.Queue": "maxsize",
    "multiprocessing.JoinableQueue": "maxsize",
}
_COUNTERS = frozenset({"Semaphore", "BoundedSemaphore", "Condition", "CapacityLimiter"})
_ASKED = ("route", "websocket", "dependency")
_PUTS = ("put", "put_nowait")


def unbounded(code: Code) -> Iterator[Call]:
    """The queues of a file without a limit into which requests or the network put work."""
    for call in code.index.named(_QUEUES):
        if call.canonical not in _QUEUES or call.unpacks:
            continue
        given = call.argument("maxsize", 0)
        if given is not None:
            value = code.constant(given, call.function)
            if not isinstance(value, int) or value > 0:
                continue
        name = _name(call)
        if _limited_by_class(call):
            continue
        fed = _fed_from_outside(name, code) and not _watched(name, code) if name else _handed_to_feeder(call)
        if fed:
            yield call


def _name(call: Call) -> str:
    """The name of a lasting queue: the module's or an object's."""
    statement = call.table.statement
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [statement.target]
        if isinstance(statement, ast.AnnAssign)
        else []
    )
    if isinstance(statement, ast.Return) and statement.value is call.node and call.function.decorators:
        return call.function.name  # a factory that keeps what it has made
    if not targets:
        return ""
    target = targets[0]
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Name) and (call.function.name == "<module>" or target.id in call.function.scope.declared):
        return target.id
    return ""


def _limited_by_class(call: Call) -> bool:
    """Whether the object that keeps the queue counts what is in flight by other means: a semaphore, a condition."""
    owner = call.function.owner
    if owner is None:
        return False
    values = (binding.value for found in owner.attributes.values() for binding, _ in found)
    return any(
        last_word(value) in ("Semaphore", "BoundedSemaphore", "Condition", "CapacityLimiter") for value in values
    )


def _handed_to_feeder(call: Call) -> bool:
    """Whether a local queue is given to a function that puts in what comes from outside."""
    statement = call.table.statement
    if not isinstance(statement, ast.Assign) or statement.value is not call.node:
        return False
    names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    for other in call.code.calls_in(call.function):
        own = call.code.function_named(other.callee.name) if other.callee is not None else None
        for index, value in enumerate(other.node.args):
            if own is None or not isinstance(value, ast.Name) or value.id not in names:
                continue
            offset = 1 if own.owner is not None and other.receiver is not None else 0
            if index + offset < len(own.parameters):
                name = own.parameters[index + offset].arg
                if any(_puts(put, name) and _from_outside(put) for put in call.code.calls_in(own)):
                    return True
    return False


def _puts(call: Call, name: str) -> bool:
    return call.last in _PUTS and last_word(call.receiver) == name


def _fed_from_outside(name: str, code: Code) -> bool:
    """Whether a request, a socket or a message broker puts work in, and not just a finite list of it."""
    for call in code.all_calls:
        if _puts(call, name) and _from_outside(call):
            return True
    if name.startswith("_"):
        return False  # another file's `_queue` is another queue
    return any(
        row.text.rpartition(".")[0].rpartition(".")[2] == name
        and not row.text.startswith("self.")
        and function.path != code.module.path
        and bool(code.project.contexts.get(function.name, frozenset()) & {"route", "websocket", "dependency"})
        for function, row in _all_puts(code.project)
    )


@per_project
def _all_puts(project: Project) -> list[tuple[FunctionSummary, CallRow]]:
    """Every call of the project that puts something somewhere."""
    return [(function, row) for function, row in project.rows() if row.text.rpartition(".")[2] in _PUTS]


def _from_outside(call: Call) -> bool:
    project, name = call.code.project, call.code.names.full(call.function.qualname)
    near = [name, *(edge.caller.name for edge in project.graph.callers.get(name, ()))]
    if any(point.kind in _ASKED for one in near for point in project.entry_points.get(one, ())):
        return True
    if any(
        row.function is call.function and isinstance(row.node, ast.AsyncFor) and _is_stream(row.node.iter, call)
        for row in call.code.module.loops
    ):
        return True
    return any(
        other.has("ws-receive", "ws-iter") or other.last in ("recv", "readline", "consume")
        for other in call.code.calls_in(call.function)
    )


def _watched(name: str, code: Code) -> bool:
    """Whether the producer looks at the queue's length."""
    for call in code.all_calls:
        if call.last in ("full", "qsize") and last_word(call.receiver) == name:
            if call.text.endswith("full") or isinstance(call.table.parent, ast.Compare):
                return True
    return False


def _is_stream(node: ast.expr, call: Call) -> bool:
    """Whether a loop runs over the messages of a connection."""
    target = call.code.target(node, call.function) or ""
    return target in sockets.INSTANCES or "ws-iter" in getattr(
        getattr(call.code.call_of(node), "entry", None), "tags", ()
    )
