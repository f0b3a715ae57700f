"""Loops over a collection of clients that change that very collection."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import ends_loop
from brownout.facts.nodes import follows, inside
from brownout.facts.rows import expression_text
from brownout.facts.websockets import broadcasts, sockets
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_VIEWS = ("items", "keys", "values")
_CHANGES = frozenset({"remove", "discard", "pop", "add", "append", "insert", "clear", "popitem", "update"})


@dataclass(slots=True)
class Change:
    """A change of the collection that the loop around it runs over."""

    function: Function
    node: ast.AST
    change: str
    clients: str
    iterable: ast.expr


def of_clients(code: Code) -> Iterator[Change]:
    """The loops of a file over clients that change their own collection and go on."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.For) or not code.judged(row.function):
            continue
        collection = _collection(node.iter)
        if collection is None or not _holds_clients(node, collection, row.function, code):
            continue
        text = unparse(collection)
        for part in inside(node.body):
            if not isinstance(part, ast.stmt) or isinstance(part, ast.For | ast.While | ast.If | ast.With | ast.Try):
                continue
            changed = _changed(part, text, row.function, code)
            if changed is not None and not ends_loop(follows(part, row.function)):
                yield Change(row.function, changed, _text(changed), text, node.iter)
                break


def _collection(node: ast.expr) -> ast.expr | None:
    """The collection that a loop runs over as it is; None for a copy."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _VIEWS and not node.args:
            return _collection(function.value)
        if isinstance(function, ast.Name) and function.id == "enumerate" and node.args:
            return _collection(node.args[0])
        return None
    return node if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else None


def _holds_clients(node: ast.For, collection: ast.expr, function: Function, code: Code) -> bool:
    """Whether the loop's items are sockets: by their type, by what is sent to them, or by the collection's name."""
    if (code.target(collection, function) or "").strip("[]{}") in sockets.INSTANCES:
        return True
    names = broadcasts.names_of(node.target)
    if any(broadcasts.is_send(call, names) for call in code.calls_inside(node)):
        return True
    return sockets.is_bare_socket(collection, code)


def _changed(statement: ast.stmt, text: str, function: Function, code: Code) -> ast.AST | None:
    """The part of a statement that changes the collection: its method, `del`, or a method of the same object."""
    if isinstance(statement, ast.Delete):
        same = (t for t in statement.targets if isinstance(t, ast.Subscript) and unparse(t.value) == text)
        return next(same, None)
    for part in walk(statement):
        if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Attribute):
            continue
        if part.func.attr in _CHANGES and unparse(part.func.value) == text:
            return part
        call = code.call_of(part)
        callee = call.callee if call is not None else None
        own = code.function_named(callee.name) if callee is not None else None
        if own is not None and text.startswith("self.") and unparse(part.func.value) == "self":
            if isinstance(own.node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in own.node.body:
                    if not isinstance(inner, ast.For | ast.While) and _inside(inner, text):
                        return part
    return None


def _inside(statement: ast.stmt, text: str) -> bool:
    for part in walk(statement):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _CHANGES:
            if unparse(part.func.value) == text:
                return True
        if isinstance(part, ast.Delete) and any(
            isinstance(target, ast.Subscript) and unparse(target.value) == text for target in part.targets
        ):
            return True
    return False


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return f"{expression_text(node.func)}()"
    return f"del {unparse(node)}"
