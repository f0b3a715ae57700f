"""Time limits that are longer than anybody waits for a request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.files.ownership import bound_names
from brownout.facts.practices import in_deadline
from brownout.facts.waiting.timeouts import Limit
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.rows import CallRow
    from brownout.facts.summary import FunctionSummary

LONGEST = 120.0
"""Seconds: browsers, proxies and users have given up before that."""
_REMOTE = (Effect.NETWORK, Effect.CLIENT)
_STREAM = re.compile(r"stream|event|sse|poll|watch|listen|subscri|download|upload|export|backup|batch", re.IGNORECASE)


@dataclass(slots=True)
class Long:
    """A call or client whose limit is longer than a request may take: the parameter, and its value in seconds."""

    call: Call
    parameter: str | None
    position: int | None
    seconds: float
    is_default: bool


def in_requests(code: Code) -> Iterator[Long]:
    """The limits of a file that requests lead to and that are longer than anybody waits."""
    for call in code.library_calls:
        entry = call.entry
        if entry is None or entry.timeout is None or entry.effect not in _REMOTE or entry.timeout.constructor:
            continue
        if not _in_request_path(call) or in_deadline(call) or code.limited_elsewhere(call):
            continue
        if entry.effect is Effect.NETWORK and _has_client(call):
            continue  # its client is judged
        found = _seconds(call)
        if found is not None and found[0] >= LONGEST and not _lasts(call):
            yield Long(call, entry.timeout.parameter, entry.timeout.position, *found)


def _in_request_path(call: Call) -> bool:
    """Whether a request leads to the call, or uses the client that it makes."""
    code = call.code
    if code.in_request(call.function):
        return True
    if code.kinds(call.function) & {"worker", "scheduled", "cli"}:
        return False
    if call.entry is None or call.entry.effect is not Effect.CLIENT:
        return False
    return any(_uses(call, function) for function in _users(call))


def _users(call: Call) -> list[str]:
    """The functions of the project that call a method of the client's class."""
    return [function.name for function, _ in _uses_of_class(call)]


def _uses_of_class(call: Call) -> Iterator[tuple[FunctionSummary, CallRow]]:
    """The calls of the project that go to a method of the client's class."""
    if call.entry is not None:
        prefix = (call.entry.returns or call.entry.name).removesuffix("()") + "."
        for target, rows in call.code.project.calls_by_target.items():
            if target.startswith(prefix):
                yield from rows


def _uses(call: Call, name: str) -> bool:
    kinds = call.code.project.contexts.get(name, frozenset())
    return bool(kinds & {"route", "websocket", "dependency"})


def _has_client(call: Call) -> bool:
    """Whether the call goes through a client object that carries a limit of its own."""
    return call.limit is Limit.DEFAULT and "()" in (call.symbol or "")


def _seconds(call: Call) -> tuple[float, bool] | None:
    """The limit in seconds, and whether it is the library's default; None where it is not known."""
    entry = call.entry
    if entry is None or entry.timeout is None:
        return None
    timeout = entry.timeout
    if call.limit is Limit.DEFAULT:
        return (timeout.default, True) if isinstance(timeout.default, float) else None
    if timeout.parameter is None:
        return None
    given = call.argument(timeout.parameter, timeout.position)
    seconds = _longest(given, call) if given is not None else None
    return None if seconds is None else (seconds, False)


def _longest(node: ast.expr, call: Call) -> float | None:
    """The seconds that a limit stands for: a number, the longest of a tuple, the total of a `ClientTimeout`."""
    if isinstance(node, ast.Tuple):
        parts = [_longest(part, call) for part in node.elts]
        return max((part for part in parts if part is not None), default=None)
    if isinstance(node, ast.Call):
        wanted = [k.value for k in node.keywords if k.arg in ("total", "timeout", "read")] or node.args[:1]
        return _longest(wanted[0], call) if wanted else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _longest(node.left, call), _longest(node.right, call)
        return None if left is None or right is None else left * right
    value = call.code.constant(node, call.function)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _lasts(call: Call) -> bool:
    """Whether the call is meant to take long, as a stream or a batch does, or is limited request by request."""
    if any(keyword.arg == "stream" for keyword in call.node.keywords):
        return True
    if (
        call.entry is not None
        and call.entry.effect is Effect.CLIENT
        and (_limited_here(call) or _limited_by_taker(call))
    ):
        return True  # its requests bring limits of their own
    if call.function.is_generator or any(
        row.text.endswith((".stream", ".ws_connect")) for row in call.code.calls_in(call.function)
    ):
        return True
    return bool(_STREAM.search(call.function.qualname)) or bool(_STREAM.search(call.text))


def _limited_here(call: Call) -> bool:
    """Whether a call beside the client brings a limit, or the client's requests bring options that may hold one."""
    names = bound_names(call)
    for row in call.function.calls:
        if row.node is not call.node:
            own = isinstance(row.node.func, ast.Attribute) and getattr(row.node.func.value, "id", "") in names
            if any(keyword.arg == "timeout" or (own and keyword.arg is None) for keyword in row.node.keywords):
                return True
    return False


def _limited_by_taker(call: Call) -> bool:
    """Whether the client is given away, and somebody who uses such a client gives a limit with each request."""
    statement, names = call.table.statement, bound_names(call)
    given = isinstance(statement, ast.Return) and statement.value is call.node
    for part in walk(call.function.node):
        if isinstance(part, ast.Call) and part is not call.node:
            given = given or any(isinstance(value, ast.Name) and value.id in names for value in part.args)
            given = given or any(getattr(keyword.value, "id", "") in names for keyword in part.keywords)
        elif isinstance(part, ast.Return) and isinstance(part.value, ast.Name):
            given = given or part.value.id in names
    return given and any(key == "timeout" for _, row in _uses_of_class(call) for key, _ in row.arguments)
