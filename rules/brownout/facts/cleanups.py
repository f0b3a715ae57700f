"""Generators that lend something: what they do after their `yield`, and whether a failure skips it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import inside, last_word
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_CLEANS = re.compile(
    r"^_?(a?close\w*|release\w*|shutdown|stop\w*|unlink|remove\w*|rmtree|rmdir|cancel|disconnect\w*|clean_?up\w*|dispose|"
    r"terminate|kill|delete\w*|pop|reset\w*|unregister\w*|unsubscribe|quit|teardown\w*|chdir|restore\w*|discard|unlock|"
    r"rollback|detach|logout|drop\w*|undo)$"
)
_REMEMBERS = re.compile(r"^_?(old|orig\w*|before|prev\w*|saved|initial|former|last)(_|$)")
_ENDS = re.compile(r"(^|_)(stop|stopped|stopping|exit|quit|shutdown|cancel|cancelled|terminate|finished|done)(_|$)")
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
            cleanup = _cleanup(rest, function)
            if cleanup is None:
                return None
            behind = list(inside(body[index + 1 :]))
            ends = any(isinstance(part, ast.Return | ast.Yield | ast.YieldFrom) for part in behind)
            return Skipped(function, given, statement, cleanup, cleanup in behind and not ends)
        if isinstance(statement, ast.With | ast.AsyncWith):
            if any(last_word(item.context_expr) in _GROUPS for item in statement.items):
                continue
            if _is_stacked(statement):
                return None
            found = _skipped(statement.body, rest, function)
            if found is not None:
                return found
        elif isinstance(statement, ast.If):
            for block in (statement.body, statement.orelse):
                found = _skipped(block, rest, function)
                if found is not None:
                    return found
    return None


def _is_stacked(node: ast.With | ast.AsyncWith) -> bool:
    """Whether an exit stack around the `yield` was given callbacks, which run on every way out."""
    if not any(last_word(item.context_expr) in ("ExitStack", "AsyncExitStack") for item in node.items):
        return False
    return any(isinstance(part, ast.Call) and last_word(part) in _PUSHES for part in inside(node.body))


def _cleanup(statements: list[ast.stmt], function: Function) -> ast.expr | None:
    """The first call that tidies up, or the first assignment that puts back what was there before."""
    before = {
        name: unparse(binding.value)
        for name, bindings in function.scope.bindings.items()
        for binding in bindings
        if binding.value is not None
    }
    for statement in statements:
        if isinstance(statement, ast.Return | ast.Raise):
            return None
        for node in inside([statement]):
            if isinstance(node, ast.Call) and last_word(node) == "set" and isinstance(node.func, ast.Attribute):
                if not node.args and _ENDS.search(last_word(node.func.value)):
                    return node.func
            if isinstance(node, ast.Call) and _CLEANS.match(last_word(node)):
                if last_word(node) != "pop" or isinstance(statement, ast.Expr):
                    return node.func
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(statement, ast.Expr):
                owner = f"{unparse(node.func.value)}."
                names = [one.id for one in node.args if isinstance(one, ast.Name)]
                if any(before.get(one, "").startswith(owner) and _REMEMBERS.match(one) for one in names):
                    return node.func
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute | ast.Subscript):
            given = statement.value.id if isinstance(statement.value, ast.Name) else ""
            if before.get(given) == unparse(statement.targets[0]):
                return statement.targets[0]
    return None
