"""Cancellation of tasks, and the handlers that keep it to themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import caught_names
from brownout.facts.nodes import blocks, follows, inside, last_word
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function, Row

_KINDS = frozenset({"CancelledError", "BaseException"})
_CLEANS = re.compile(r"(^|_)(aclose|close|disconnect|stop|shutdown|cleanup|release|cancel|aexit)(_|$|__)")


@dataclass(slots=True)
class Swallowed:
    """A handler that takes a cancellation and goes on."""

    function: Function
    handler: ast.ExceptHandler
    text: str
    goes_on: bool


def swallowed(code: Code) -> Iterator[Swallowed]:
    """The handlers of a file's coroutines that keep a cancellation from ending the task."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try | ast.TryStar) or not row.function.is_async:
            continue
        if not _awaits(node.body) or not code.judged(row.function):
            continue
        for handler in node.handlers:
            if not (caught_names(handler) | _meant(handler, row.function, code)) & _KINDS:
                continue
            if (
                not _lets_go(handler)
                and not _is_meant(row, handler)
                and not _was_asked_for(node, row.function, code)
                and _matters(row, handler, code)
            ):
                text = f"except {unparse(handler.type)}" if handler.type is not None else "except"
                yield Swallowed(row.function, handler, text, True)
            break


def _meant(handler: ast.ExceptHandler, function: Function, code: Code) -> frozenset[str]:
    """What a handler's type is called where it comes from, whatever it was imported as."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    found = (code.target(node, function) for node in types if node is not None)
    return frozenset(name.rpartition(".")[2] for name in found if name is not None)


def _awaits(body: list[ast.stmt]) -> bool:
    return any(isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith) for part in inside(body))


def _is_meant(row: Row, handler: ast.ExceptHandler) -> bool:
    """Whether the cancellation is kept on purpose: noted for later, told apart, or shielded from during clean-up."""
    if any(block.kind in ("finally", "handler") for block in blocks(row.block)):
        return True
    body = getattr(row.node, "body", [])
    awaited = [part.value for part in inside(body) if isinstance(part, ast.Await)]
    if awaited and all(_CLEANS.search(last_word(value)) for value in awaited):
        return True
    if any(isinstance(part, ast.Call) and last_word(part.func) == "shield" for part in inside(body)):
        return True
    return any(
        isinstance(part, ast.If)
        or (isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name))
        or (isinstance(part, ast.Call) and last_word(part.func) in ("cancel", "isinstance", "set_exception"))
        for part in inside(handler.body)
    )


def _lets_go(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises again on some way, or exits the process."""
    return any(
        isinstance(part, ast.Raise)
        or (isinstance(part, ast.Call) and last_word(part.func) in ("_exit", "exit", "uncancel"))
        for part in inside(handler.body)
    )


def _was_asked_for(node: ast.Try | ast.TryStar, function: Function, code: Code) -> bool:
    """Whether the function awaits a task that it has itself cancelled: `task.cancel()` and then `await task`."""
    awaited = {unparse(part.value) for part in inside(node.body) if isinstance(part, ast.Await)}
    for call in code.calls_in(function):
        if call.last == "cancel" and call.receiver is not None:
            receiver = unparse(call.receiver)
            if any(receiver in text or receiver.rpartition(".")[2] in text for text in awaited):
                return True
            if call.node.lineno <= node.lineno:
                return True
    return False


def _matters(row: Row, handler: ast.ExceptHandler, code: Code) -> bool:
    """Whether the task goes on after the handler: another round of a loop, or more work after it."""
    last = handler.body[-1]
    leaves = isinstance(last, ast.Return | ast.Break)
    in_loop = any(block.kind == "loop" for block in blocks(row.block))
    if in_loop and not leaves:
        return True
    if isinstance(last, ast.Return) and last.value is not None and not _is_nothing(last.value):
        return True
    if row.function.is_generator or (code.points(row.function) and not in_loop):
        return False  # the outermost function of its task
    if code.in_request(row.function) and not in_loop and not any(p.kind == "task" for p in code.points(row.function)):
        return True  # whoever awaits it goes on with the request that was given up
    if "CancelledError" in caught_names(handler) and len(caught_names(handler)) == 1 and leaves:
        return False
    if isinstance(last, ast.Break):
        return False
    node = row.node
    rest = follows(node, row.function) if isinstance(node, ast.stmt) else []
    if any(isinstance(part, ast.Await | ast.Return) for part in inside(rest)):
        return not leaves
    return bool("BaseException" in caught_names(handler) and code.in_request(row.function))


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
