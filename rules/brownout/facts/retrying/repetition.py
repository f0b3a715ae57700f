"""What happens when a call is made twice: nothing, or the same thing once more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.guards import answered_here
from brownout.facts.project import Project, per_project
from brownout.facts.retrying import attempts
from brownout.facts.retrying import declared_retries as retries
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_KEY = re.compile(
    r"idempoten|dedup|request[_-]?id|message[_-]?id|client_token|on[ _]conflict|insert or (ignore|replace)|upsert|"
    r"replace into|merge into",
    re.IGNORECASE,
)
_READS = re.compile(
    r"search|query|graphql|token|login|auth|predict|infer|embed|generat|complet|chat|translat|classif|analy|extract|"
    r"convert|rerank|ocr|validat|preview|lookup|_get\b|fetch|list|read|summar|transcri|rpc|session",
    re.IGNORECASE,
)
"""Addresses that are asked by POST only because the question is long."""
_MODELS = re.compile(r"llm|embed|rerank|openai|inference", re.IGNORECASE)
"""Files about language models: what they send by POST changes nothing."""
_BEFORE_SENDING = re.compile(
    r"Connect(Timeout|Error|ionRefused)|NewConnection|ConnectionRefused|OperationalError|Locked"
)
_SENDS = re.compile(
    r"\.(publish|basic_publish|send_message|sendmail|lpush|rpush|xadd|send_and_wait|put_record|apply_async)$"
)
_DECORATORS = ("tenacity.retry", "backoff.on_exception", "stamina.retry")


@dataclass(slots=True)
class Repeated:
    """A call that is made again when it fails: what it does twice, and by what it is tried again."""

    call: Call
    place: ast.AST
    by: str
    restrained: bool
    """Whether it is tried again only after failures before the request was sent."""


def repeated(code: Code) -> Iterator[Repeated]:
    """The calls of a file that a loop, or a decorator on their function, makes again when they fail."""
    seen: set[int] = set()
    for attempt in attempts.attempts(code):
        handlers = [
            handler
            for handler in attempt.node.handlers
            if not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)
        ]
        types = " ".join(unparse(handler.type) if handler.type else "*" for handler in handlers)
        restrained = bool(handlers) and all(
            handler.type is not None and _only_before_sending(handler.type) for handler in handlers
        )
        for call in attempt.calls:
            if handlers and id(call.node) not in seen:
                seen.add(id(call.node))
                yield Repeated(call, attempt.loop, "the loop around it", restrained or "429" in types)
    for found in retries.declared(code):
        if found.decorated is not None:
            given = found.call.argument("retry") if found.call is not None else None
            if given is None and found.call is not None and not found.library.startswith("tenacity."):
                given = found.call.argument("exception", 1) or found.call.argument("on")
            restrained = given is not None and _only_before_sending(given)
            for call in _body(found.decorated, code):
                if id(call.node) not in seen:
                    seen.add(id(call.node))
                    yield Repeated(call, found.node, f"`@{unparse(found.node)}`", restrained)


def _body(function: Function, code: Code) -> Iterator[Call]:
    """The known calls of a function whose failures leave it."""
    for call in code.calls_in(function):
        if (call.entry is not None or call.callee is not None) and not answered_here(call):
            yield call


def _only_before_sending(node: ast.expr) -> bool:
    names = [part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in walk(node)]
    kinds = [name for name in names if name[:1].isupper()]
    return bool(kinds) and all(_BEFORE_SENDING.search(name) for name in kinds)


def does_it_twice(call: Call) -> str:
    """What a second call would do once more: `POST`, `INSERT`, `message`; "" where it changes nothing more."""
    text = unparse(call.function.node)
    if _KEY.search(text) or "429" in text:
        return ""
    entry = call.entry
    if entry is None:
        return _within_helper(call.callee, call.code.project) if call.callee is not None else ""
    last = entry.name.rpartition(".")[2]
    if entry.effect is Effect.NETWORK and (
        last == "post" or (last in ("request", "stream") and _method(call) == "POST")
    ):
        where = f"{call.function.name} {_address(call)}"
        return "" if _READS.search(where) or _MODELS.search(call.code.module.path) else "POST"
    if entry.effect is Effect.DATABASE and last in ("execute", "executemany"):
        statement = call.argument(None, 0)
        words = call.code.text_of(statement, call.function) or (unparse(statement) if statement else "")
        return "INSERT" if re.match(r"\W*insert\s+into", words, re.IGNORECASE) else ""
    return "message" if _SENDS.search(entry.name) else ""


def _within_helper(callee: FunctionSummary, project: Project) -> str:
    """What a helper does once more, as far as the calls in it tell."""
    if _READS.search(callee.qualname.rpartition(".")[2]) or _MODELS.search(callee.path):
        return ""
    for row in callee.calls:
        entry, given = project.links.entry(row.symbol), dict(row.arguments)
        if entry is None or "headers" in given or "**" in given:
            continue
        first = given.get(0, given.get("url", ""))
        if entry.effect is Effect.NETWORK and entry.name.endswith(".post") and not _READS.search(first):
            return "POST"
        if entry.effect is Effect.DATABASE and re.match(r"=\W*insert\s+into", first, re.IGNORECASE):
            return "" if _KEY.search(first) else "INSERT"
    return ""


def _method(call: Call) -> str:
    value = call.code.constant(call.argument("method", 0), call.function)
    return value.upper() if isinstance(value, str) else ""


def _address(call: Call) -> str:
    position = 0 if call.name.rpartition(".")[2] == "post" else 1
    node = call.argument("url", position)
    return f"{unparse(node)} {call.code.text_of(node, call.function)}" if node is not None else ""


def retries_itself(call: Call) -> bool:
    """Whether the library of a call tries again by itself, and nobody has switched that off."""
    entry = call.entry
    if entry is None or entry.effect is not Effect.NETWORK or entry.retries is None:
        return False
    if not entry.retries.startswith(("Retries ", "Makes ", "Up to ")) or entry.library not in _MULTIPLY:
        return False
    if call.argument("max_retries") is not None or call.argument("request_options") is not None or call.unpacks:
        return False
    return entry.library not in _set_by_hand(call.code.project)


_ATTEMPTS = frozenset({"max_retries", "retries", "config", "**", "request_options"})
_MULTIPLY = frozenset({"openai", "anthropic", "label_studio_sdk", "boto3", "botocore", "slack_sdk", "stripe"})


@per_project
def _set_by_hand(project: Project) -> frozenset[str]:
    """The libraries whose number of attempts the project sets."""
    found: set[str] = set()
    for _function, row in project.rows():
        if row.arguments and not _ATTEMPTS.isdisjoint(dict(row.arguments)):
            entry = project.links.entry(row.symbol)
            if entry is not None:
                found.add(entry.library)
    return frozenset(found)


def maker(call: Call) -> Call | None:
    """The call of this file that makes the client of a call's library, where there is exactly one."""
    entry = call.entry
    made = [
        other
        for other in call.code.calls
        if other.entry is not None
        and entry is not None
        and other.entry.library == entry.library
        and other.entry.effect is Effect.CLIENT
        and other.entry.name.rpartition(".")[2][:1].isupper()
    ]
    return made[0] if len(made) == 1 and not made[0].unpacks else None
