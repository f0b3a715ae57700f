"""Generators that lend something: what they do after their `yield`, and whether a failure skips it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.undoing import is_clean_up, undone
from brownout.facts.nodes import inside, last_word, own
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_GROUPS = frozenset({"TaskGroup", "create_task_group", "open_nursery"})

_PUSHES = frozenset({"callback", "push", "push_async_callback", "push_async_exit"})


@dataclass(slots=True)
class Skipped:
    """A `yield` in a statement of its own, and the first clean-up after it."""

    function: Function
    node: ast.expr
    statement: ast.stmt
    cleanup: ast.expr
    fixable: bool
    """Whether the clean-up is all that follows in the block of the `yield`."""


def skipped(code: Code) -> Iterator[Skipped]:
    """The clean-ups of a file that do not happen when what was lent fails."""
    for function in code.functions:
        if function.is_generator and _lends(function, code):
            node = function.node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found = _skipped(node.body, [], function)
                if found is not None:
                    yield found


def _lends(function: Function, code: Code) -> bool:
    """Whether a generator is a context manager, a dependency or a lifespan that the service runs."""
    outer = function.outer or function.scope
    symbols = (code.names.symbol(decorator, outer) or last_word(decorator) for decorator in function.decorators)
    if {symbol.rpartition(".")[2] for symbol in symbols} & _MANAGERS:
        return code.judged(function)
    return any(point.kind in ("dependency", "lifespan") for point in code.points(function))


def ends_with_process(function: Function, code: Code) -> bool:
    """Whether what a generator lends lives as long as the process: it is a lifespan, and no more than that."""
    return {point.kind for point in code.points(function)} == {"lifespan"}


def _skipped(body: Sequence[ast.stmt], after: list[ast.stmt], function: Function) -> Skipped | None:
    """Follow the way to the `yield`; `after` is what comes when the block is done."""
    for index, statement in enumerate(body):
        rest = [*body[index + 1 :], *after]
        given = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        if isinstance(given, ast.Yield):
            before = [node for node in own(function.node) if getattr(node, "lineno", given.lineno) < given.lineno]
            cleanup = undone(rest, before)
            if cleanup is None:
                return None
            behind = list(inside(body[index + 1 :]))
            ends = any(isinstance(part, ast.Return | ast.Yield | ast.YieldFrom) for part in behind)
            fixable = cleanup in behind and not ends and undone(after, before) is None
            return Skipped(function, given, statement, cleanup, fixable)
        for block, tail in _ways(statement, rest):
            found = _skipped(block, tail, function)
            if found is not None:
                return None if isinstance(statement, ast.Try) and _is_done(found.cleanup, statement) else found
        if isinstance(statement, ast.With | ast.AsyncWith) and _is_stacked(statement):
            return None
    return None


def _ways(statement: ast.stmt, rest: list[ast.stmt]) -> Iterator[tuple[Sequence[ast.stmt], list[ast.stmt]]]:
    """The blocks of a statement in which the `yield` may stand, each with what comes after it."""
    if isinstance(statement, ast.With | ast.AsyncWith):
        if not _is_stacked(statement) and not any(last_word(item.context_expr) in _GROUPS for item in statement.items):
            yield statement.body, rest
    elif isinstance(statement, ast.If):
        yield statement.body, rest
        yield statement.orelse, rest
    elif isinstance(statement, ast.Try):
        goes_on = any(not isinstance(handler.body[-1], ast.Raise) for handler in statement.handlers)
        yield statement.body, [] if goes_on else [*statement.orelse, *rest]


def _is_done(cleanup: ast.expr, node: ast.Try) -> bool:
    """Whether a handler tidies up in its own way, or the `finally` does the same."""
    for part in inside(one for handler in node.handlers for one in handler.body):
        if is_clean_up(part) and last_word(part) != "rollback":
            return True
    return any(unparse(part) == unparse(cleanup) for part in inside(node.finalbody) if isinstance(part, ast.expr))


def _is_stacked(node: ast.With | ast.AsyncWith) -> bool:
    """Whether an exit stack around the `yield` was given callbacks, which run on every way out."""
    if not any(last_word(item.context_expr) in ("ExitStack", "AsyncExitStack") for item in node.items):
        return False
    return any(isinstance(part, ast.Call) and last_word(part) in _PUSHES for part in inside(node.body))
