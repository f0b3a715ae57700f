"""Pauses between the attempts of a loop, and handlers that go on without one."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.project import Project, per_project
from brownout.facts.retrying.attempts import Loop, assigned_in, is_endless, names_in
from brownout.facts.retrying.declared_retries import NOT_LOAD
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.retrying.attempts import Attempt

_PAUSE = re.compile(r"sleep|wait|backoff|back_off|pause|delay|throttle|jitter|cool", re.IGNORECASE)
_PLAIN = frozenset(
    "debug info warning warn error exception critical log print append add str repr format inc increment type len "
    "isinstance getattr min max int float record observe capture_exception write now".split()
)


def at_once_again(attempt: Attempt) -> ast.ExceptHandler | None:
    """The handler after which the loop tries again without a pause, if there is one."""
    loop, tried = attempt.loop, attempt.node
    if not _counts(loop) and not is_endless(loop, tried):
        return None
    return None if _uses_turn(loop, tried) else at_once(attempt)


def at_once(attempt: Attempt) -> ast.ExceptHandler | None:
    """The handler that goes straight on to the same work, if there is one."""
    if _is_made_anew(attempt) or _pauses(attempt):
        return None
    for handler in attempt.node.handlers:
        if _goes_on(handler) and not _only_other_failures(handler) and not _changes_something(handler, attempt):
            return handler
    return None


def _counts(loop: Loop) -> bool:
    """Whether the loop makes a number of attempts: `for … in range(…)`, `while attempts < 3`."""
    if isinstance(loop, ast.While):
        return isinstance(loop.test, ast.Compare | ast.Constant) and not any(
            isinstance(part, ast.Call) for part in walk(loop.test)
        )
    return isinstance(loop.iter, ast.Call) and unparse(loop.iter.func) == "range"


def _uses_turn(loop: Loop, tried: ast.Try | ast.TryStar) -> bool:
    """Whether each turn tries something else: the loop's own name is used for more than a message."""
    turn = names_in(loop.target) if isinstance(loop, ast.For | ast.AsyncFor) else names_in(loop.test)
    for statement in (part for part in loop.body if part is not tried):
        if isinstance(statement, ast.Assign) and turn & names_in(statement.value):
            return True
    for statement in tried.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            last = unparse(statement.value.func).rpartition(".")[2]
            if last in _PLAIN:
                continue
        if isinstance(statement, ast.If):
            continue
        if turn & (names_in(statement) - assigned_in([statement])):
            return True
    return False


def _is_made_anew(attempt: Attempt) -> bool:
    """Whether the loop makes what it tries anew each time, by functions of the project."""
    code, used = attempt.calls[0].code, {name for statement in attempt.node.body for name in names_in(statement)}
    for statement in attempt.loop.body:
        if statement is attempt.node or statement.lineno > attempt.node.lineno:
            break
        if not assigned_in([statement]).isdisjoint(used):
            views = (code.call_of(part) for part in walk(statement) if isinstance(part, ast.Call))
            if any(view is not None and view.entry is None for view in views):
                return True
    return False


def _pauses(attempt: Attempt) -> bool:
    code, tried = attempt.calls[0].code, attempt.node
    first = min(call.node.lineno for call in attempt.calls)
    for row in attempt.function.calls:
        blocks = list(row.block.chain()) if row.block is not None else []
        if not any(block.node is attempt.loop for block in blocks):
            continue
        if any(block.kind == "try" and block.node is tried for block in blocks) and row.node.lineno >= first:
            continue
        call = code.call(row)
        if _PAUSE.search(call.text) or (call.callee is not None and call.callee.name in _pausing(code.project)):
            return True
    return False


def _goes_on(handler: ast.ExceptHandler) -> bool:
    return not isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)


def _only_other_failures(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return False
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(NOT_LOAD.search(unparse(node).rpartition(".")[2]) for node in types)


def _changes_something(handler: ast.ExceptHandler, attempt: Attempt) -> bool:
    """Whether the next attempt is another one: the handler sets what the `try` uses, or calls what may do so."""
    used = {name for statement in attempt.node.body for name in names_in(statement)}
    if assigned_in(handler.body) & (used - assigned_in(attempt.node.body)):
        return True
    for statement in handler.body:
        for part in walk(statement):
            if isinstance(part, ast.Call):
                name = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
                if name not in _PLAIN:
                    return True
    return False


@per_project
def _pausing(project: Project) -> frozenset[str]:
    return project.reached(Effect.SLEEP)
