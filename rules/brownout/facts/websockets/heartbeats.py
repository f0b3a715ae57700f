"""Heartbeats of WebSockets: who switches them off, and who never switches them on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.facts.project import Project, per_project
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_ON_BY_DEFAULT = {
    "websockets.connect": ("ping_interval", "20"),
    "websockets.unix_connect": ("ping_interval", "20"),
    "websockets.serve": ("ping_interval", "20"),
    "websockets.unix_serve": ("ping_interval", "20"),
    "websockets.sync.client.connect": ("ping_interval", "20"),
    "websockets.sync.server.serve": ("ping_interval", "20"),
    "uvicorn.run": ("ws_ping_interval", "20.0"),
    "uvicorn.Config": ("ws_ping_interval", "20.0"),
}
_OFF_BY_DEFAULT = {
    "aiohttp.ClientSession.ws_connect": ("heartbeat", "30"),
    "aiohttp.web.WebSocketResponse": ("heartbeat", "30"),
}
_RUN_FOREVER = frozenset({"websocket.WebSocketApp.run_forever", "websocket.WebSocketApp().run_forever"})
_NAMES = frozenset({*_ON_BY_DEFAULT, *_OFF_BY_DEFAULT, *_RUN_FOREVER})
_PING = re.compile(r"\bpings?\b|heart_?beat|keep_?alive", re.IGNORECASE)


@dataclass(slots=True)
class Silent:
    """A connection without a heartbeat: its call, the parameter, a value for it, and why there is none."""

    call: Call
    parameter: str
    value: str | None
    why: str
    by_default: bool


def without(code: Code) -> Iterator[Silent]:
    """The WebSocket connections of a file that nothing keeps alive."""
    for call in code.index.named(_NAMES):
        target = call.canonical
        if target in _ON_BY_DEFAULT:
            parameter, value = _ON_BY_DEFAULT[target]
            given = call.argument(parameter)
            if given is not None and code.constant(given, call.function) in (None, 0, 0.0) and _counts(call):
                yield Silent(call, parameter, value, f"`{parameter}` is switched off", False)
        elif target in _OFF_BY_DEFAULT:
            parameter, value = _OFF_BY_DEFAULT[target]
            given = call.argument(parameter)
            off = code.constant(given, call.function) in (None, 0, 0.0) if given is not None else not call.unpacks
            if off and not _ends_by_itself(call) and _counts(call):
                why = f"no `{parameter}` given" if given is None else f"`{parameter}` is switched off"
                yield Silent(call, parameter, value, why, given is None)
        elif target in _RUN_FOREVER:
            given = call.argument("ping_interval", 2)
            off = code.constant(given, call.function) in (None, 0) if given is not None else not call.unpacks
            if off and _counts(call):
                yield Silent(call, "ping_interval", None, "no `ping_interval` given", False)


def _counts(call: Call) -> bool:
    """Whether nothing else keeps the connection alive: no ping of the project's own, no comment that tells why."""
    code = call.code
    if practices.is_tooling(code.module.path):
        return False
    if _pings(code.project) or _pings_here(code):
        return False
    first, last = call.node.lineno, call.node.end_lineno or call.node.lineno
    lines = code.module.lines[max(first - 3, 0) : last]
    return not any(_PING.search(line.partition("#")[2]) for line in lines)


@per_project
def _pings(project: Project) -> bool:
    """Whether the project sends pings of its own."""
    return any(
        row.symbol.endswith((".ping", "()ping")) and "redis" not in row.symbol and _is_socket(row.symbol)
        for _, row in project.rows()
    )


def _is_socket(symbol: str) -> bool:
    return "websocket" in symbol.lower() or "aiohttp" in symbol.lower()


def _pings_here(code: Code) -> bool:
    """Whether the file sends pings, or messages of that name."""
    for call in code.all_calls:
        last = call.last
        if last in ("ping", "pong") and call.receiver is not None:
            return True
        if last.startswith("send") and any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) and _PING.search(part.value)
            for argument in call.node.args
            for part in walk(argument)
        ):
            return True
    return False


def _ends_by_itself(call: Call) -> bool:
    """Whether every wait for a message is limited: `receive_timeout=`, `timeout=` of the connection."""
    return call.argument("receive_timeout") is not None or call.argument("timeout") is not None
