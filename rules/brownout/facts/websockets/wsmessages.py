"""What endpoints do with the messages of a WebSocket: parsing that one odd message ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import caught_names, ends_loop, handlers_around, suppressed_around
from brownout.facts.websockets import sockets

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_PARSERS = frozenset(
    {"json.loads", "orjson.loads", "ujson.loads", "simplejson.loads", "msgpack.unpackb", "yaml.safe_load"}
)
_METHODS = frozenset(
    {"model_validate_json", "model_validate", "parse_raw", "parse_obj", "validate_json", "validate_python"}
)
_ENOUGH = frozenset({"Exception", "BaseException", "ValueError", "JSONDecodeError", "ValidationError", "KeyError"})


def unguarded(code: Code) -> Iterator[Call]:
    """The first parsing of each receive loop that ends the connection when a message is not as expected."""
    seen: set[int] = set()
    for call in code.all_calls:
        if not call.in_async or call.table.block is None or not _parses(call):
            continue
        if not (sockets.served(call.function, code) or _upgrades(call.function, code)):
            continue
        loop = _loop(call)
        if loop is None or id(loop) in seen or not _receives(loop, call):
            continue
        if not _guarded(call, loop):
            seen.add(id(loop))
            yield call


def answer(call: Call) -> str | None:
    """The statement that tells a client of an odd message; None where the next one cannot simply be waited for."""
    statement, block = call.table.statement, call.table.block
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr) or block is None:
        return None
    nearest = next((around.node for around in block.chain() if around.kind == "loop"), None)
    if nearest is None or nearest is not _loop(call) or not _receives(nearest, call):
        return None
    for other in call.code.calls_in(call.function):
        if other.has("ws-receive", "ws-iter") and isinstance(other.receiver, ast.Name):
            if not other.name.startswith("websockets."):
                return f'await {other.receiver.id}.send_json({{"error": "not understood"}})'
    return ""


def _upgrades(function: Function, code: Code) -> bool:
    """Whether a function turns a request into a WebSocket, as aiohttp's handlers do."""
    values = (binding.value for bindings in function.scope.bindings.values() for binding in bindings)
    return any(
        isinstance(value, ast.Call) and code.target(value, function) == "aiohttp.web.WebSocketResponse()"
        for value in values
    )


def _loop(call: Call) -> ast.AST | None:
    """The outermost loop around a call."""
    if call.table.block is None:
        return None
    loops = [block.node for block in call.table.block.chain() if block.kind == "loop"]
    return loops[-1] if loops else None


def _parses(call: Call) -> bool:
    last = call.last
    if last == "receive_json":
        return call.has("ws-receive")
    if last in _METHODS or call.canonical in _PARSERS or call.canonical in ("builtins.int", "builtins.float"):
        return bool(call.node.args) and _is_message(call.node.args[0], call)
    return False


def _is_message(node: ast.expr, call: Call) -> bool:
    """Whether a value is what the client has sent, or a part of it."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "strip"):
            return _is_message(node.func.value, call)
        received = call.code.call_of(node)
        return received is not None and received.has("ws-receive", "ws-iter")
    for binding in call.function.scope.bindings.get(node.id, ()):
        source = call.code.call_of(binding.value)
        if source is not None and source.has("ws-receive", "ws-iter"):
            return True
        if binding.kind == "for" and binding.value is not None:
            if (call.code.target(binding.value, call.function) or "") in sockets.INSTANCES:
                return True
    return False


def _receives(loop: ast.AST, call: Call) -> bool:
    """Whether the loop runs over messages."""
    if isinstance(loop, ast.AsyncFor):
        return True
    return any(
        other.has("ws-receive")
        for other in call.code.calls_in(call.function)
        if other.table.block is not None and any(block.node is loop for block in other.table.block.chain())
    )


def _guarded(call: Call, loop: ast.AST) -> bool:
    """Whether a handler inside of the loop takes the odd message and goes on to the next."""
    block = call.table.block
    if suppressed_around(block, loop) & _ENOUGH:
        return True
    if any(caught_names(handler) & _ENOUGH for handler in handlers_around(block, loop)):
        return True  # also one that ends the connection, if it does so for this
    return any(
        caught_names(handler) - {"WebSocketDisconnect", "ConnectionClosed", "RuntimeError", "CancelledError"}
        and not ends_loop(handler.body)
        for handler in handlers_around(block, loop)
    )
