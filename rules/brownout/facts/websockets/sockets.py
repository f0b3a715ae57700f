"""The life of a served WebSocket: loops over its messages, and the handlers for its end."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.index import per_file
from brownout.facts.practices import in_deadline
from brownout.facts.renames import may_mean
from brownout.model.syntax import unparse
from brownout.model.tables import Block

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_TALK = ("ws-receive", "ws-send")
_METHODS = frozenset({"receive_text", "receive_json", "receive_bytes", "send_text", "send_json", "send_bytes"})
"""Methods of Starlette's sockets that raise when the client has gone."""
_ENDS = frozenset(
    {"WebSocketDisconnect", "ConnectionClosed", "ConnectionClosedError", "RuntimeError", "WebSocketException"}
)
_SOCKETS = re.compile(
    r"(^|_)(ws|websockets?|web_sockets?|sockets?|conns?|connections?|connected|clients?|peers?|subscribers?|viewers?)$"
)
_LIBRARIES = frozenset({"fastapi", "starlette", "websockets", "aiohttp", "quart", "sanic", "litestar"})
INSTANCES = (
    "starlette.websockets.WebSocket()",
    "aiohttp.web.WebSocketResponse()",
    "websockets.ServerConnection()",
    "websockets.ClientConnection()",
)


@dataclass(slots=True)
class Loop:
    """A loop that talks to a WebSocket: its first unguarded call, and whether something would be left behind."""

    node: ast.While | ast.For | ast.AsyncFor
    call: Call
    has_state: bool


def unguarded_loops(code: Code) -> Iterator[Loop]:
    """Loops that talk to a served WebSocket where neither they nor anything around handles its end."""
    seen: set[int] = set()
    for row in code.module.loops:
        node = row.node
        if id(row.function) in seen:
            continue
        if not isinstance(node, ast.While | ast.For | ast.AsyncFor) or not row.function.is_async:
            continue
        if not served(row.function, code) or _is_wrapped(row.function, code):
            continue
        if any(block.kind == "loop" for block in _outer(row.block)):
            continue
        if isinstance(node, ast.For | ast.AsyncFor) and _is_broadcast(node, row.function, code):
            continue
        call = _first_unguarded(node, row.function, code)
        if call is not None and not _callers_handle(row.function, code):
            seen.add(id(row.function))
            yield Loop(node, call, _has_state(node, row.function))


def first_receives(code: Code) -> Iterator[Call]:
    """The first receive of each function that is given a served WebSocket, where no loop and no deadline is around."""
    for function in code.functions:
        if not function.is_async or not served(function, code) or not code.judged(function):
            continue
        for call in code.calls_in(function):
            if call.has("ws-receive") and "Client" not in call.name:
                if not any(block.kind == "loop" for block in _outer(call.table.block)) and not in_deadline(call):
                    yield call
                break


def served(function: Function, code: Code) -> bool:
    """Whether the function is a WebSocket endpoint or is given a served WebSocket."""
    found = _served(code)
    if id(function) not in found:
        found[id(function)] = _serves(function, code)
    return found[id(function)]


@per_file
def _served(code: Code) -> dict[int, bool]:
    """Which functions of a file serve a WebSocket, as far as somebody has asked."""
    return {}


def _serves(function: Function, code: Code) -> bool:
    if "websocket" in code.kinds(function):
        return True
    return _knows_sockets(code) and any(
        (code.project.links.target(code.names.annotation(parameter.annotation, function.outer or function.scope)) or "")
        in ("starlette.websockets.WebSocket()", "fastapi.WebSocket()")
        for parameter in function.parameters
        if parameter.annotation is not None
    )


@per_file
def _knows_sockets(code: Code) -> bool:
    """Whether the file may speak of WebSockets at all."""
    return may_mean("WebSocket", code)


def is_named_like_one(name: str) -> bool:
    """Whether a name says that it holds WebSockets: `ws`, `clients`, `active_connections`."""
    return _SOCKETS.search(name.lower()) is not None


def is_bare_socket(node: ast.expr, code: Code) -> bool:
    """Whether an expression of unknown type is a WebSocket by its name, in a file that imports such a library."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return is_named_like_one(name) and not _LIBRARIES.isdisjoint(code.module.imported)


def _outer(block: Block | None) -> Iterator[Block]:
    return iter(()) if block is None else block.chain()


def _is_broadcast(node: ast.For | ast.AsyncFor, function: Function, code: Code) -> bool:
    """Whether a loop runs over several sockets; that is another rule's matter."""
    name = node.target.id if isinstance(node.target, ast.Name) else ""
    return any(
        call.has("ws-send") and isinstance(call.receiver, ast.Name) and call.receiver.id == name
        for call in code.calls_in(function)
    )


def _first_unguarded(node: ast.stmt, function: Function, code: Code) -> Call | None:
    for call in code.calls_in(function):
        inside = any(block.node is node for block in _outer(call.table.block))
        if inside and _talks(call) and not _guarded(call.table.block, call):
            return call
    return None


def _talks(call: Call) -> bool:
    """Whether the call receives or sends, itself or through a function that does not handle the end either."""
    if call.has(*_TALK):
        if "Client" in call.name:
            return False  # the other side of a connection that this process has opened
        return call.name.rpartition(".")[2] != "receive"  # tells the end as a message, and raises only after it
    if _by_registration(call):
        return True
    callee = call.callee
    if callee is None or not call.awaited:
        return False
    links = call.code.project.links
    for row in callee.calls:
        entry = links.entry(row.symbol)
        if entry is not None and "ws-receive" in entry.tags and not _caught(row.caught):
            return True
    return False


def _by_registration(call: Call) -> bool:
    """Whether the call talks to the parameter without an annotation of a function registered as an endpoint."""
    receiver, parameters = call.receiver, call.function.parameters
    if not isinstance(receiver, ast.Name) or call.text.rpartition(".")[2] not in _METHODS:
        return False
    if not any(point.kind == "websocket" for point in call.code.points(call.function)):
        return False
    return any(parameter.arg == receiver.id and parameter.annotation is None for parameter in parameters)


def _caught(types: tuple[str, ...]) -> bool:
    return any(name == "*" or name.rpartition(".")[2] in _ENDS for name in types)


def _guarded(block: Block | None, call: Call) -> bool:
    """Whether something around the call handles the socket's end, or may: what cannot be known is no finding."""
    for around in _outer(block):
        if around.kind == "try" and isinstance(around.node, ast.Try | ast.TryStar):
            if any(_handles_end(handler, call.code) for handler in around.node.handlers):
                return True
        if around.kind == "with" and ("suppress" in ast.dump(around.node) or _is_given_socket(around.node, call)):
            return True
    return False


def _is_given_socket(node: ast.AST, call: Call) -> bool:
    """Whether a context manager of the project's own is given the socket: it may well handle its end."""
    manager = call.code.call_of(getattr(node, "context_expr", None))
    receiver = call.receiver
    if manager is None or manager.entry is not None or receiver is None:
        return False
    return any(unparse(argument) == unparse(receiver) for argument in manager.node.args)


def _handles_end(handler: ast.ExceptHandler, code: Code) -> bool:
    if handler.type is None:
        return True
    found = handler.type
    if isinstance(found, ast.Name) and not found.id[:1].islower():
        bindings = code.module.scope.bindings.get(found.id, ())
        value = bindings[0].value if len(bindings) == 1 else None
        found = value if isinstance(value, ast.Tuple) else found
    elif isinstance(found, ast.Name):
        return True  # a tuple of exceptions from somewhere
    if (found.attr if isinstance(found, ast.Attribute) else getattr(found, "id", "a")).isupper():
        return True  # a constant: a tuple of exceptions from elsewhere
    types = found.elts if isinstance(found, ast.Tuple) else [found]
    names = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in types}
    imported = (code.target(node, code.module.body) for node in types)  # maybe under another name
    names |= {name.rpartition(".")[2] for name in imported if name is not None and name.endswith("Disconnect")}
    return bool(names & {"WebSocketDisconnect", "Exception", "BaseException"}) or (
        bool(names & _ENDS) and len(names) > 1
    )


def _is_wrapped(function: Function, code: Code) -> bool:
    """Whether a decorator that is no library's registration stands on the function: it may handle the end."""
    for decorator in getattr(function.node, "decorator_list", []):
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        target = code.target(node, function.parent or function)
        if target is not None and code.catalog.entry(target) is None and target in code.project.links.functions:
            return True
    return False


def _callers_handle(function: Function, code: Code) -> bool:
    """Whether every call of the function stands in a handler for the end, or the function around it has one."""
    if function.parent is not None and _tries_handle(function.parent, code):
        return True
    edges = code.project.graph.callers.get(code.names.full(function.qualname), [])
    return bool(edges) and all(_caught(edge.row.caught) for edge in edges)


def _tries_handle(function: Function, code: Code) -> bool:
    """Whether some `try` of a function handles the end; the functions inside it may run there."""
    tries = (row.node for row in code.module.tries if row.function is function)
    return any(
        _handles_end(handler, code)
        for node in tries
        if isinstance(node, ast.Try | ast.TryStar)
        for handler in node.handlers
    )


def _has_state(node: ast.stmt, function: Function) -> bool:
    """Whether something is registered before the loop, or to be done after it."""
    last = getattr(function.node, "body", [node])[-1]
    if (last.end_lineno or 0) > (node.end_lineno or 0):
        return True
    for row in function.calls:
        name = row.node.func.attr if isinstance(row.node.func, ast.Attribute) else getattr(row.node.func, "id", "")
        if row.node.lineno < node.lineno and name in ("add", "append", "connect", "register", "subscribe", "join"):
            return True
    return any(
        isinstance(block.node, ast.Try) and block.node.finalbody
        for row in function.calls
        for block in _outer(row.block)
    )
