"""Connections to WebSockets of others that a process means to keep, and what it does when they end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.facts.nodes import follows, inside
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_CONNECTS = frozenset(
    {
        "websockets.connect",
        "websockets.unix_connect",
        "websockets.sync.client.connect",
        "aiohttp.ClientSession.ws_connect",
        "websocket.create_connection",
        "websocket.WebSocketApp.run_forever",
        "websocket.WebSocketApp().run_forever",
    }
)
_RECEIVES = ("recv", "receive", "receive_str", "receive_bytes", "receive_json", "receive_text")


def once(code: Code) -> Iterator[Call]:
    """The connections of a file that are made once and then listened to for as long as they last."""
    for call in code.index.named(_CONNECTS):
        if call.canonical not in _CONNECTS or practices.is_tooling(code.module.path) or _in_loop(call):
            continue
        if call.canonical.endswith("run_forever"):
            given = call.argument("reconnect", 19)
            if call.unpacks or (given is not None and code.constant(given, call.function) not in (None, 0)):
                continue
        elif not _listens(call):
            continue
        if not _tried_again(call.function, code):
            yield call


def is_reconnectable(call: Call) -> bool:
    """Whether the connection is a block of the library whose `connect` can be looped over, and nothing follows it."""
    statement = call.table.statement
    if call.canonical != "websockets.connect" or not isinstance(statement, ast.AsyncWith) or len(statement.items) != 1:
        return False
    leaves = any(isinstance(part, ast.Return | ast.Break) for part in inside(statement.body))
    return not leaves and not list(follows(statement, call.function))


def _in_loop(call: Call) -> bool:
    """Whether the connection is made in a loop, or is one: `async for connection in connect(…)`."""
    if isinstance(call.table.parent, ast.AsyncFor | ast.For):
        return True
    return call.table.block is not None and any(block.kind == "loop" for block in call.table.block.chain())


def _listens(call: Call) -> bool:
    """Whether the function goes on to read messages in a loop without an end of its own."""
    node = call.function.node
    if isinstance(node, ast.Lambda):
        return False
    names = _names(call)
    for row in call.code.module.loops:
        loop = row.node
        if row.function is not call.function or getattr(loop, "lineno", 0) < call.node.lineno:
            continue
        if isinstance(loop, ast.AsyncFor | ast.For) and isinstance(loop.iter, ast.Name) and loop.iter.id in names:
            return not _returns(loop.body)
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value:
            receives = any(
                isinstance(part, ast.Attribute) and part.attr in _RECEIVES
                for statement in loop.body
                for part in walk(statement)
            )
            if receives and not _returns(loop.body):
                return True
    return False


def _names(call: Call) -> set[str]:
    """The names that hold the connection."""
    statement = call.table.statement
    found: set[str] = set()
    if isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if item.context_expr is call.node and isinstance(item.optional_vars, ast.Name):
                found.add(item.optional_vars.id)
    elif isinstance(statement, ast.Assign):
        found |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return found


def _returns(body: list[ast.stmt]) -> bool:
    """Whether the loop has an answer that it waits for: it returns or breaks."""
    return any(isinstance(part, ast.Return | ast.Break) for part in inside(body))


def _tried_again(function: Function, code: Code, depth: int = 0) -> bool:
    """Whether some caller calls the function in a loop, a decorator does so, or nobody known calls it on its own."""
    if function.decorators and any(_repeats(decorator) for decorator in function.decorators):
        return True
    if function.is_generator and not depth:
        return True
    if any(point.kind in ("route", "websocket", "cli", "dependency") for point in code.points(function)):
        return True  # it lasts as long as the request that asked for it
    name = code.names.full(function.qualname)
    return any(_calls_in_loop(name, other, code, depth) for other in code.functions)


def _calls_in_loop(name: str, caller: Function, code: Code, depth: int) -> bool:
    for call in code.calls_in(caller):
        if call.callee is not None and call.callee.name == name:
            if call.table.block is not None and any(block.kind == "loop" for block in call.table.block.chain()):
                return True
            if depth < 3 and caller.name != "<module>" and _tried_again(caller, code, depth + 1):
                return True
    return False


def _repeats(decorator: ast.expr) -> bool:
    text = unparse(decorator).lower()
    return any(word in text for word in ("retry", "backoff", "reconnect", "restart", "forever", "on_exception"))
