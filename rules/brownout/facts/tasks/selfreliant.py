"""Functions that hear of their own failures, so that nobody has to ask a task or a future how they ended."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import is_broad, raises
from brownout.facts.nodes import inside, last_word
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_DEPTH = 2
"""How far a function may leave its failures to those that it calls."""
_LOGS = frozenset({"exception", "error", "critical", "aexception", "aerror"})
_HARMLESS = frozenset(
    "debug info warning error exception critical log print sleep format adebug ainfo awarning aerror aexception "
    "suppress monotonic time perf_counter is_set wait len int str isinstance range enumerate append add discard pop "
    "popleft acquire release notify notify_all task_done set_result".split()
)
_MAY_FAIL = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Raise)


def handles_its_own(name: str, code: Code) -> bool:
    """Whether a function of the project hears of its own failures: all that can fail in it stands in a broad `try`."""
    own = code.function_named(name)
    if own is not None:
        return _guards_all(own, code, _DEPTH) or _guards_rounds(own, code)
    summary = code.project.links.functions.get(name)
    if summary is None:
        return True
    return _hears(summary) or any(
        _hears(callee) for row in summary.calls if (callee := code.project.links.callee(row.symbol)) is not None
    )


def _hears(function: FunctionSummary) -> bool:
    """Whether something in a function of another file is handled whatever happens."""
    return any("*" in row.caught for row in function.calls)


def _guards_rounds(function: Function, code: Code) -> bool:
    """Whether a function is a loop whose rounds stand in a `try` with a broad handler that does not raise."""
    return any(
        row.function is function
        and isinstance(row.node, ast.Try)
        and row.block is not None
        and any(isinstance(block.node, ast.While) for block in row.block.chain())
        and any(is_broad(handler) and (not raises(handler) or _logs(handler)) for handler in row.node.handlers)
        for row in code.module.tries
    )


def _logs(handler: ast.ExceptHandler) -> bool:
    """Whether a handler writes the failure to the log."""
    return any(isinstance(part, ast.Call) and last_word(part.func) in _LOGS for part in inside(handler.body))


def _guards_all(function: Function, code: Code, depth: int) -> bool:
    """Whether every call and raise of a function is guarded, by itself or by the function that it calls."""
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    guarded = _guarded(node)
    kinds = _MAY_FAIL if function.is_async else (ast.Call, ast.Raise)  # what is not awaited rarely fails
    return all(
        id(part) in guarded or _is_safe(part, function, code, depth)
        for part in inside(node.body)
        if isinstance(part, kinds)
    )


def _guarded(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    """The nodes of a function that stand in a `try` with a broad handler that does not raise, or in its handlers."""
    guarded: set[int] = set()
    for part in inside(node.body):
        if isinstance(part, ast.Try) and any(is_broad(handler) and not raises(handler) for handler in part.handlers):
            guarded |= {id(inner) for statement in part.body for inner in walk(statement)}
            guarded |= {id(inner) for handler in part.handlers for inner in walk(handler)}
            guarded |= {id(inner) for statement in part.finalbody for inner in walk(statement)}
        elif isinstance(part, ast.Try) and any(map(is_broad, part.handlers)):  # it acts on the failure and passes it on
            guarded |= {id(inner) for handler in part.handlers for inner in walk(handler)}
        if isinstance(part, ast.With) and any(last_word(item.context_expr) == "suppress" for item in part.items):
            guarded |= {id(inner) for statement in part.body for inner in walk(statement)}
    return guarded


def _is_safe(part: ast.AST, function: Function, code: Code, depth: int) -> bool:
    """Whether a step hardly fails: it logs, sleeps, looks at the clock, or guards itself; or nobody can know."""
    value = part.value if isinstance(part, ast.Await) else part
    if isinstance(value, ast.Name):  # awaited later: what it was made of
        bindings = function.scope.bindings.get(value.id, ())
        value = bindings[0].value if len(bindings) == 1 and bindings[0].value is not None else value
    if not isinstance(value, ast.Call):
        return False
    if last_word(value.func) in _HARMLESS or _runs_what_it_is_given(value, function, code):
        return True
    call = code.call_of(value)
    if call is None or call.callee is None or depth == 0:
        return False
    callee = code.function_named(call.callee.name)
    return callee is not None and _guards_all(callee, code, depth - 1)


def _runs_what_it_is_given(node: ast.Call, function: Function, code: Code) -> bool:
    """Whether a call runs a function that came in as a parameter: that one may well guard itself."""
    given: list[ast.expr] = [node.func]
    if isinstance(node.func, ast.Attribute) and node.func.attr == "run":
        given.append(node.func.value)  # an object that is work itself
    if last_word(node.func) == "run" and (call := code.call_of(node)) is not None and call.entry is None:
        given += node.args[:1]  # a context, a runner
    scope: Function | None = function
    names: set[str] = set()
    while scope is not None:
        names |= {parameter.arg for parameter in scope.parameters}
        scope = scope.parent
    return any(isinstance(part, ast.Name) and part.id in names - {"self", "cls"} for part in given)
