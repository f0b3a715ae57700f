"""Loops of coroutines that go round without giving way to anybody: for ever, or as long as nothing changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import inside
from brownout.model.flow_errors import own_nodes

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Row

_ASKS = frozenset(
    "empty is_set done qsize full locked closed is_closed is_alive exists is_file time monotonic perf_counter len any "
    "all isinstance is_connected connected ready is_ready is_empty cancelled running is_running getattr hasattr now "
    "utcnow get isfile".split()
)
_LOGS = frozenset("debug info warning warn error exception critical log print trace".split())
_WAITS_OR_ENDS = (
    ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom, ast.Break, ast.Return, ast.Raise
)  # fmt: skip
_TAKES = ("_nowait", ".popleft", ".pop")


def spins(code: Code) -> Iterator[Row]:
    """The `while` loops of a file's coroutines with a way round on which nothing is awaited and nothing changes."""
    for row in code.module.loops:
        if row.function.is_async and isinstance(row.node, ast.While) and code.judged(row.function):
            rounds = code.flow(row.function)
            if _never_gives_way(row, row.node) or rounds.comes_round(row.node, _only_looks, _may_find_nothing):
                yield row


def _never_gives_way(row: Row, node: ast.While) -> bool:
    """Whether an endless loop has nothing in it that waits or ends it; nor is a failure of its work meant to."""
    if not (isinstance(node.test, ast.Constant) and node.test.value):
        return False
    if any(block.kind in ("try", "with") for block in (row.block.chain() if row.block is not None else ())):
        return False  # what stands around may stop the failure that ends it: `StopIteration`, `suppress(EOFError)`
    return not any(isinstance(part, _WAITS_OR_ENDS) or _ends(part) for part in inside(node.body))


def _ends(node: ast.AST) -> bool:
    """Whether an asynchronous comprehension waits here, or the program ends."""
    if isinstance(node, ast.comprehension):
        return bool(node.is_async)
    return isinstance(node, ast.Call) and _last(node) in ("exit", "_exit", "abort", "fail")


def _only_looks(statement: ast.stmt) -> bool:
    """Whether a step is over at once and leaves everything as it was: a question, a log line, `pass`."""
    if isinstance(statement, ast.Pass | ast.Continue):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    if not isinstance(statement, ast.If | ast.While | ast.Expr):
        return False
    names = _ASKS if not isinstance(statement, ast.Expr) else _LOGS
    for node in own_nodes(statement):
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.comprehension):
            return False
        if isinstance(node, ast.Call) and _last(node) not in names:
            return False
    return not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Call)


def _may_find_nothing(statement: ast.stmt) -> bool:
    """Whether a step takes something from a queue without waiting, so that it fails where there is nothing."""
    nodes = list(own_nodes(statement))
    if any(isinstance(node, ast.Await) for node in nodes):
        return False
    return any(isinstance(node, ast.Call) and f".{_last(node)}".endswith(_TAKES) for node in nodes)


def _last(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
