"""What a function does after a silent handler: another attempt, or an error once all attempts have failed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from brownout.model.syntax import walk
from brownout.model.tables import Function


def answers_for_failure(node: ast.Try | ast.TryStar, function: Function) -> bool:
    """Whether the code after a `try` deals with its failure.

    That is so where the `try` leaves the function when all is well and something else is tried or raised after it,
    and where a name that only its success sets is looked at afterwards.
    """
    after = list(_after(node, function))
    if _returns(node) and after and not _is_default(after[0]):
        return True
    names = _set_at_the_end(node)
    return any(names & _tested(statement) for statement in after)


def _after(node: ast.stmt, function: Function) -> Iterator[ast.stmt]:
    """The statements that run after a statement, in its block and in those around it, nearest first."""
    body = function.node.body if not isinstance(function.node, ast.Lambda) else []
    path = _path(body, node)
    for block, index in reversed(path):
        yield from block[index + 1 :]


def _path(body: list[ast.stmt], node: ast.stmt) -> list[tuple[list[ast.stmt], int]]:
    for index, statement in enumerate(body):
        if statement is node:
            return [(body, index)]
        if statement.lineno <= node.lineno <= (statement.end_lineno or 0):
            for inner in _bodies(statement):
                found = _path(inner, node)
                if found:
                    return [(body, index), *found]
    return []


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list) and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield inner
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def _returns(node: ast.Try | ast.TryStar) -> bool:
    """Whether the body of a `try` leaves the function with an answer."""
    for statement in node.body:
        for part in walk(statement):
            if isinstance(part, ast.Return) and part.value is not None:
                return True
    return False


def _is_default(statement: ast.stmt) -> bool:
    """`return None`, `return []`, `continue`: nothing that deals with a failure."""
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant | ast.List | ast.Dict | ast.Name)
    return isinstance(statement, ast.Pass | ast.Continue | ast.Break)


def _set_at_the_end(node: ast.Try | ast.TryStar) -> set[str]:
    """The names that the `try` gives a value, so that they keep an older one when it fails."""
    names: set[str] = set()
    for statement in node.body:
        for part in walk(statement):
            if isinstance(part, ast.Assign):
                names |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    return names


def _tested(statement: ast.stmt) -> set[str]:
    """The names that decide an `if` or a conditional expression directly."""
    if not isinstance(statement, ast.If):
        return set()
    return {part.id for part in walk(statement.test) if isinstance(part, ast.Name)}
