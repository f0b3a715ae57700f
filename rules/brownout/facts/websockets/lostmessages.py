"""Messages that are gone when their send fails: no queue keeps them, and no later connection asks for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import blocks, inside, last_word
from brownout.facts.project import Project, per_project
from brownout.facts.websockets.broadcasts import is_send
from brownout.facts.websockets.registries import REMOVERS
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_KEEPS = re.compile(
    r"(^|_)(append|appendleft|put|put_nowait|rpush|lpush|push|xadd|enqueue|requeue|queue|retry|resend|store|save|persist|"
    r"insert|execute|publish|buffer|defer|send|nack|reject|raise)(_|$)",
    re.IGNORECASE,
)
_REGISTRIES = re.compile(r"dead|gone|stale|closed|broken|disconnected|failed|remove|lost", re.IGNORECASE)
_RESYNC = re.compile(
    r"pending|missed|backlog|outbox|replay|resync|history|snapshot|since|unsent|undelivered", re.IGNORECASE
)


def lost(code: Code) -> Iterator[Call]:
    """The sends of a file whose failure is passed over, so that nobody ever gets the message."""
    if resyncs(code.project) or _tells_on_connect(code):
        return
    for call in code.all_calls:
        if not call.awaited or not is_send(call) or not code.judged(call.function):
            continue
        handler = _handler(call)
        if handler is not None and not _keeps(handler) and not _is_error_message(call):
            yield call


@per_project
def resyncs(project: Project) -> bool:
    """Whether the project keeps what was not delivered, or tells a client on connect what it has missed."""
    return any(_RESYNC.search(row.text.rpartition(".")[2]) for function, row in project.rows()) or any(
        _RESYNC.search(function.qualname) for function in project.links.functions.values()
    )


def _tells_on_connect(code: Code) -> bool:
    """Whether an endpoint of the file sends the state to each client as it connects."""
    for call in code.all_calls:
        if not is_send(call) or not any(other.has("ws-accept") for other in code.calls_in(call.function)):
            continue
        if any(block.kind in ("loop", "handler") for block in blocks(call.table.block)):
            continue
        if call.node.args and not isinstance(call.node.args[0], ast.Constant | ast.JoinedStr):
            return True
    return False


def _handler(call: Call) -> ast.ExceptHandler | None:
    """The innermost handler around the send that takes its failure, where the send is all that it is about."""
    for block in blocks(call.table.block):
        if block.kind == "handler":
            return None  # telling of an error
        if block.kind == "loop" and (isinstance(block.node, ast.While | ast.AsyncFor) or _receives(block.node, call)):
            return None  # what a handler further out ends is the connection
        node = block.node
        if block.kind == "try" and isinstance(node, ast.Try):
            if _receives(node, call):
                return None
            for handler in node.handlers:
                if not any(isinstance(part, ast.Raise) for part in inside(handler.body)):
                    return handler
            return None
    return None


def _receives(node: ast.AST, call: Call) -> bool:
    """Whether the block also waits for messages: then the handler is about the connection, not about this message."""
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
    return any(
        other.has("ws-receive", "ws-iter") and first <= other.node.lineno <= last
        for other in call.code.calls_in(call.function)
    )


def _keeps(handler: ast.ExceptHandler) -> bool:
    """Whether a handler keeps the message, sends it elsewhere, or tells the caller."""
    for part in inside(handler.body):
        if isinstance(part, ast.Return) and part.value is not None:
            return True
        if isinstance(part, ast.Call):
            last = last_word(part.func)
            if last in REMOVERS:
                continue
            receiver = part.func.value if isinstance(part.func, ast.Attribute) else None
            if _KEEPS.search(last) and not _REGISTRIES.search(last_word(receiver)):
                return True
    return False


def _is_error_message(call: Call) -> bool:
    """Whether what is sent is about the connection itself: a ping, an error, a farewell."""
    text = " ".join(unparse(argument) for argument in call.node.args)
    return bool(re.search(r"ping|pong|heartbeat|\berror\b", text, re.IGNORECASE))
