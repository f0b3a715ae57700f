"""Attempts that are made again whatever the other side has answered: a refused login, a limited rate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.guards import answered_here, is_remote
from brownout.facts.retrying import attempts
from brownout.facts.retrying import declared_retries as retries
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.retrying.declared_retries import Declared
    from brownout.model.tables import Function

_PLAIN_HTTP = frozenset({"requests", "httpx", "httpx2", "aiohttp", "urllib3", "urllib"})
_BROAD = re.compile(
    r"(^|\.)(Exception|BaseException|RequestException|HTTPError|HTTPStatusError|ClientError|ApiError|APIError|"
    r"ClientResponseError|OpenAIError|AnthropicError|APIStatusError|HfHubHTTPError|SlackApiError|\*)$"
)
_LOOKS_AT_AUTH = re.compile(
    r"40[13]|status_code|\.status\b|\.code\b|Authenticat|Permission|Forbidden|Unauthorized|client_error|refresh|InvalidToken|is_retry|should_retry|retryable|transient",
    re.IGNORECASE,
)
_LOOKS_AT_RATE = re.compile(
    r"429|retry[-_ ]after|rate_?limit|too_?many|throttl|slow_?down|should_retry|retryable|status_forcelist|"
    r"\b(status|status_code|code) (<|>=) 500\b",
    re.IGNORECASE,
)

_WAITS_FOR_START = re.compile(r"wait|ready|health|alive|probe|verify|poll|started|running", re.IGNORECASE)
"""Functions that ask until something has started."""


@dataclass(slots=True)
class Blind:
    """A retry that looks at nothing: where it stands, what it tries, and by what."""

    place: ast.AST
    function: Function
    call: Call
    by: str
    text: str


def blind(code: Code) -> Iterator[Blind]:
    """The retries of a file that go on after every failure of a remote service that answers with a status."""
    for attempt in attempts.attempts(code):
        remote = [call for call in attempt.calls if _answers_with_status(call, attempt.node)]
        again = [handler for handler in attempt.node.handlers if not _leaves(handler)]
        if remote and any(_is_broad(handler.type) for handler in again):
            text = _whole(attempt.function)
            yield Blind(attempt.loop, attempt.function, remote[0], "the loop around it", text)
    for found in retries.declared(code):
        given = found.call.argument("retry") if found.call is not None else None
        if found.call is not None and not found.library.startswith("tenacity."):
            given = found.call.argument("exception", 1) or found.call.argument("on")
        if found.call is not None and (found.call.unpacks or found.call.argument("giveup") is not None):
            continue
        tried = found.decorated or _given_to(found, code)
        if tried is None or not _is_broad_predicate(given):
            continue
        calls = [call for call in code.calls_in(tried) if _answers_with_status(call, tried.node)]
        calls = [call for call in calls if not answered_here(call)]
        if calls:
            by = f"`@{unparse(found.node)}`" if found.decorated else f"`{unparse(found.node)}`"
            yield Blind(found.node, tried, calls[0], by, f"{_whole(tried)} {_said(found, code)}")


def _whole(function: Function) -> str:
    """The text of a function with the functions around it."""
    while function.parent is not None and not isinstance(function.parent.node, ast.Module):
        function = function.parent
    return unparse(function.node)


def _given_to(found: Declared, code: Code) -> Function | None:
    """The function that a `Retrying` object is given to try, where the object is kept under a name."""
    statement = found.call.table.statement if found.call is not None else None
    if not isinstance(statement, ast.Assign) or "Retrying" not in found.library:
        return None
    names = {unparse(target) for target in statement.targets}
    for row in code.module.calls:
        if row.node.args and unparse(row.node.func).removesuffix(".call") in names:
            target = code.target(row.node.args[0], row.function)
            return next((one for one in code.functions if code.names.full(one.qualname) == target), None)
    return None


def _said(found: Declared, code: Code) -> str:
    """What a retry is told, with the functions of the file that it is given."""
    call = found.call
    if call is None:
        return ""
    given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    words = [unparse(node) for node in given]
    for node in given:
        for part in walk(node):
            if isinstance(part, ast.Name):
                words += [unparse(one.node) for one in code.functions if one.qualname == part.id]
    return " ".join(words)


@dataclass(slots=True)
class Asked:
    """A loop that asks again until the status is a good one, and knows no other: where it begins, and what it asks."""

    loop: ast.For | ast.While
    function: Function
    call: Call
    text: str


def asked_again(code: Code) -> Iterator[Asked]:
    """The loops of a file that leave when the status is 200, and ask again whatever else it is."""
    for row in code.module.loops:
        loop, function = row.node, row.function
        if not isinstance(loop, ast.For | ast.While) or (isinstance(loop, ast.For) and not _is_range(loop.iter)):
            continue
        good = [part for part in loop.body if isinstance(part, ast.If) and _is_success(part)]
        if len(good) != 1 or _WAITS_FOR_START.search(function.name):
            continue
        calls = (call for call in code.calls_in(function) if call.entry is not None and is_remote(call.entry))
        call = next((call for call in calls if _stands_in(call, loop)), None)
        if call is not None:
            others = " ".join(unparse(part) for part in loop.body if part is not good[0])
            yield Asked(loop, function, call, others)


def _stands_in(call: Call, loop: ast.stmt) -> bool:
    return call.table.block is not None and any(block.node is loop for block in call.table.block.chain())


def _is_success(node: ast.If) -> bool:
    """`if reply.status_code == 200: return …`, `if reply.ok: break`."""
    test = unparse(node.test)
    plain = re.fullmatch(r"[\w.]+\.(ok|is_success|status(_code)? (== 200|< 400|== [\w.]+\.OK))", test)
    return plain is not None and not node.orelse and isinstance(node.body[-1], ast.Return | ast.Break)


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and unparse(node.func) in ("range", "itertools.count", "count")


def policies(code: Code) -> Iterator[Call]:
    """The retry policies of urllib3 that a file makes."""
    for call in code.index.named(("urllib3.Retry",)):
        if call.target is not None and code.catalog.canonical(call.target) == "urllib3.Retry":
            yield call


def looks_at_auth(text: str) -> bool:
    """Whether something about the retry says that it knows a refused login from other failures."""
    return bool(_LOOKS_AT_AUTH.search(text))


def looks_at_rate(found: Blind | Asked) -> bool:
    """Whether something about the retry says that it knows of limited rates."""
    entry = found.call.entry
    if entry is not None and entry.retries is not None and "429" in entry.retries:
        return True
    return bool(_LOOKS_AT_RATE.search(found.text))


def _leaves(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)


def _answers_with_status(call: Call, around: ast.AST) -> bool:
    """Whether an error status of the service becomes an exception where the call is tried."""
    entry = call.entry
    if entry is None or not is_remote(entry):
        return False
    return entry.library not in _PLAIN_HTTP or "raise_for_status" in unparse(around)


def _is_broad(node: ast.expr | None) -> bool:
    if node is None:
        return True
    types = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(_BROAD.search(unparse(one)) for one in types)


def _is_broad_predicate(node: ast.expr | None) -> bool:
    """Whether a library is told to try again after everything: nothing said, or a broad type."""
    if node is None:
        return True
    if isinstance(node, ast.Call):
        last = unparse(node.func).rpartition(".")[2]
        return last == "retry_if_exception_type" and (not node.args or _is_broad(node.args[0]))
    return isinstance(node, ast.Name | ast.Attribute | ast.Tuple) and _is_broad(node)
