"""Collections of clients that an application holds under a key: `request.app["sockets"]`, as aiohttp's services do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from brownout.facts.nodes import last_word
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_MAKERS = frozenset({"set", "list", "dict", "defaultdict", "deque"})
_STAYS_OPEN = (".receive()", ".close()")
"""What aiohttp's sockets do without an exception when the client has gone."""


def makes_socket(function: Function, code: Code) -> bool:
    """Whether a handler serves a WebSocket that it makes itself, as aiohttp's do: no argument, no decorator says so."""
    return (
        function.is_async
        and any(call.target == "aiohttp.web.WebSocketResponse" for call in code.calls_in(function))
        and code.judged(function)
    )


def is_stored(node: ast.expr) -> TypeGuard[ast.Subscript]:
    """Whether an expression is what an application holds under a key: `app[KEY]`, `request.app["sockets"]`."""
    if not isinstance(node, ast.Subscript):
        return False
    value = node.value
    return (value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")) == "app"


def lasts(node: ast.Subscript, code: Code) -> bool:
    """Whether the file itself puts an ordinary collection under the key: one that forgets nobody by itself."""
    values = [value for value in _values(node, code) if value is not None]
    return bool(values) and all(
        isinstance(value, ast.Set | ast.List | ast.Dict)
        or (isinstance(value, ast.Call) and last_word(value.func) in _MAKERS)
        for value in values
    )


def _values(node: ast.Subscript, code: Code) -> Iterator[ast.expr | None]:
    key = unparse(node.slice)
    for row in code.module.assigns:
        if isinstance(row.node, ast.Assign | ast.AnnAssign):
            targets = row.node.targets if isinstance(row.node, ast.Assign) else [row.node.target]
            if any(is_stored(target) and unparse(target.slice) == key for target in targets):
                yield row.node.value


def aliases(node: ast.expr, code: Code) -> frozenset[str]:
    """The names that functions of the file give to what an application holds under a key."""
    if not is_stored(node):
        return frozenset()
    key = unparse(node.slice)
    return frozenset(
        target.id
        for row in code.module.assigns
        if isinstance(row.node, ast.Assign) and is_stored(row.node.value) and unparse(row.node.value.slice) == key
        for target in row.node.targets
        if isinstance(target, ast.Name)
    )


def may_fail(statement: ast.stmt, waits: bool) -> bool:
    """Whether a step breaks when the client goes: reading messages with `async for` or `receive()` just ends."""
    if isinstance(statement, ast.AsyncFor):
        return False
    value = getattr(statement, "value", None)
    return waits and not (isinstance(value, ast.Await) and unparse(value.value).endswith(_STAYS_OPEN))
