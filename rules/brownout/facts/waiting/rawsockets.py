"""Sockets and streams used without a library: whether anything limits the wait for the other side."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word, same
from brownout.facts.practices import in_deadline
from brownout.model.reaching import reaching
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_WAITS = ("connect", "recv", "recvfrom", "recv_into", "recvmsg")
_READS = ("read", "readline", "readexactly", "readuntil")
_LIMITS = ("settimeout", "setblocking")


@dataclass(slots=True)
class Endless:
    """A wait without a limit: the call, and what would limit it."""

    call: Call
    remedy: str


def without_limit(code: Code) -> Iterator[Endless]:
    """The first wait of each function of a file that nothing limits."""
    if "socket" not in code.module.imported and "asyncio" not in code.module.imported:
        return
    if "socket.setdefaulttimeout" in code.project.calls_by_target:
        return
    seen: set[tuple[int, str]] = set()
    for call in code.all_calls:
        found = _endless(call)
        if found is None or not code.judged(call.function):
            continue
        key = (id(call.function), found.remedy)
        if key not in seen:
            seen.add(key)
            yield found


def _endless(call: Call) -> Endless | None:
    if call.canonical == "asyncio.open_connection":
        given = call.argument("sock") is not None  # connected already
        return None if given or in_deadline(call) or _in_wait_for(call) else Endless(call, "asyncio.timeout")
    last = call.last
    receiver = call.receiver if last in _WAITS or last in _READS else None
    if receiver is None:
        return None
    owner = call.code.target(receiver, call.function) or ""
    if last in _WAITS and _is_socket(owner, call):
        if _is_limited(receiver, call) or _is_server(call):
            return None
        if last == "connect" and (_is_datagram(receiver, call) or _is_loopback(call)):
            return None
        return Endless(call, "settimeout")
    if last in _READS and call.awaited and _is_reader(receiver, owner, call):
        return None if in_deadline(call) or _serves(call) else Endless(call, "asyncio.timeout")
    return None


def _is_socket(owner: str, call: Call) -> bool:
    """Whether something is a socket that this process makes without a limit."""
    if owner == "socket.socket()":
        return not _made_by(call, "create_connection", "accept")
    links = call.code.project.links
    return owner.removesuffix("()") in links.classes and "socket.socket" in links.mro(owner.removesuffix("()"))


def _is_datagram(receiver: ast.expr, call: Call) -> bool:
    """Whether connecting only notes the address: no packet is sent, nobody is waited for."""
    if isinstance(receiver, ast.Name):
        bindings = list(call.function.scope.bindings.get(receiver.id, ()))
        bindings = reaching(bindings, call.table.block, call.node.lineno)
        return any("DGRAM" in unparse(binding.value) for binding in bindings if binding.value is not None)
    return f"{last_word(receiver)} = socket.socket(" in call.code.module.text and "SOCK_DGRAM" in call.code.module.text


def _is_loopback(call: Call) -> bool:
    """Whether the other side is this machine, which answers or refuses at once."""
    address = call.argument("address", 0)
    host = address.elts[0] if isinstance(address, ast.Tuple) and address.elts else None
    return call.code.constant(host, call.function) in ("127.0.0.1", "localhost", "::1")


def _made_by(call: Call, *makers: str) -> bool:
    """Whether the socket comes from a call that is judged elsewhere, or from a server's `accept`."""
    receiver = call.receiver
    if not isinstance(receiver, ast.Name):
        return False
    bindings = call.function.scope.bindings.get(receiver.id, ())
    return any(last_word(binding.value) in makers for binding in bindings if binding.value is not None)


def _is_limited(receiver: ast.expr, call: Call) -> bool:
    """Whether a limit is set on the socket, here or anywhere in the file for the same attribute."""
    key = last_word(receiver)
    asks = not {"select", "selectors"}.isdisjoint(call.code.module.imported)
    for other in call.code.all_calls:
        if other.last in _LIMITS and other.receiver is not None:
            if last_word(other.receiver) == key or last_word(other.receiver) == "self":
                return True
        if asks and last_word(other.node.func) in ("select", "poll") and call.last != "connect":
            return True  # whether there is something to read; the connection has been made by then
    return False


def _is_server(call: Call) -> bool:
    """Whether the file listens: what it waits for is the next client. A client that binds only chooses its address."""
    for other in call.code.all_calls:
        if other.last in ("listen", "accept"):
            return True
        if other.last == "bind" and not _connects(other):
            return True
    return False


def _connects(call: Call) -> bool:
    """Whether the function connects what the call is a method of."""
    return any(
        other.last == "connect" and same(other.receiver, call.receiver) for other in call.code.calls_in(call.function)
    )


def _is_reader(receiver: ast.expr, owner: str, call: Call) -> bool:
    if owner == "asyncio.StreamReader()":  # so are the pipes of a child
        return _opens(call.code) and not _has_children(call)
    if not isinstance(receiver, ast.Name):
        return False
    bindings = call.function.scope.bindings.get(receiver.id, ())
    return any(
        "open_connection" in unparse(binding.value) and binding.index == 0
        for binding in bindings
        if binding.value is not None
    )


def _opens(code: Code) -> bool:
    """Whether the file connects to others, and not only over a socket that it was given."""
    return any(call.canonical == "asyncio.open_connection" and call.argument("sock") is None for call in code.calls)


def _has_children(call: Call) -> bool:
    """Whether the file starts child processes: their pipes end with them."""
    return "subprocess" in call.code.module.imported or "create_subprocess" in call.code.module.text


def _serves(call: Call) -> bool:
    """Whether the stream is a client's: the function is the handler of a server."""
    names = [parameter.arg for parameter in call.function.parameters]
    return "writer" in names or any(
        last_word(other.node.func) in ("start_server", "start_unix_server") for other in call.code.all_calls
    )


def _in_wait_for(call: Call) -> bool:
    outer = call.code.call_of(call.table.parent)
    return outer is not None and outer.text.rpartition(".")[2] in ("wait_for", "timeout")
