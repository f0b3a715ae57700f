"""Waiting of one thread for another: a future, a queue, an event, a lock that is held while others run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.effects import is_blocking
from brownout.facts.waiting.timeouts import Limit

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_LOCKS = ("threading.Lock()", "threading.RLock()", "threading.Condition()", "threading.Semaphore()")
_UNLIMITED = (Limit.MISSING, Limit.DISABLED)
_DONE = frozenset({"done", "as_completed", "wait"})


@dataclass(slots=True)
class Held:
    """A `with` in a coroutine that holds a lock of threads while it awaits."""

    node: ast.expr
    function: Function
    text: str


def waits(call: Call) -> bool:
    """Whether the call itself waits for another thread or process, without asking the outside world."""
    return call.entry is not None and call.entry.effect is Effect.WAIT


def blocks_loop(call: Call) -> bool:
    """Whether a call of a coroutine waits for another thread and keeps the event loop waiting with it."""
    if not waits(call) or not call.on_loop or call.awaited or call.row is None or not is_blocking(call.entry, call.row):
        return False
    if call.has("lock") and _is_fresh(call.receiver, call.function):
        return False
    return not (call.last in ("result", "exception") and _is_done(call))


def endless(code: Code) -> Iterator[Call]:
    """The waits of a file for another thread that a request comes by, outside of coroutines, without a limit."""
    for call in code.library_calls:
        if not waits(call) or call.in_async or not _is_unlimited(call) or not code.in_request(call.function):
            continue
        if call.row is None or call.entry is None or not is_blocking(call.entry, call.row):
            continue
        if not _is_fresh(call.receiver, call.function) or call.text.endswith(".join"):
            if not _is_done(call):
                yield call


def _is_unlimited(call: Call) -> bool:
    return call.limit in _UNLIMITED or (call.has("lock") and call.argument("timeout", 1) is None)


def _is_fresh(receiver: ast.expr | None, function: Function) -> bool:
    """Whether a lock has been made by the function itself, so that nobody can hold it."""
    bindings = function.scope.bindings.get(receiver.id, []) if isinstance(receiver, ast.Name) else []
    return bool(bindings) and all(isinstance(binding.value, ast.Call) for binding in bindings)


def _is_done(call: Call) -> bool:
    """Whether the future was asked or waited for before: then its result is there."""
    for row in call.function.calls:
        name = row.node.func.attr if isinstance(row.node.func, ast.Attribute) else getattr(row.node.func, "id", "")
        if name in _DONE and row.node is not call.node and row.node.lineno <= call.node.lineno:
            return True
    return False


def locks_held(code: Code) -> Iterator[Held]:
    """The locks of threads that coroutines of a file hold while they await."""
    if "threading" not in code.module.imported and "with" not in code.module.text:
        return
    for row in code.module.withs:
        node = row.node
        if not isinstance(node, ast.With) or not row.function.is_async or not _awaits(node.body):
            continue
        for item in node.items:
            target = code.project.links.target(code.names.symbol(item.context_expr, row.scope, row.block))
            if target in _LOCKS:
                yield Held(item.context_expr, row.function, code.text(item.context_expr))


def _awaits(body: list[ast.stmt]) -> bool:
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))
    return False
