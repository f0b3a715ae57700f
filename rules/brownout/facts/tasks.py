"""Work started beside the caller: tasks and futures that nobody keeps, and those whose failure nobody looks at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.index import per_file
from brownout.facts.nodes import inside, last_word
from brownout.facts.trying import is_broad, raises
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_SPAWNERS = frozenset(
    {
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.AbstractEventLoop.create_task",
    }
)
_FUTURES = frozenset(
    {
        "concurrent.futures.Executor.submit",
        "concurrent.futures.ThreadPoolExecutor.submit",
        "concurrent.futures.ProcessPoolExecutor.submit",
        "asyncio.run_coroutine_threadsafe",
        "asyncio.AbstractEventLoop.run_in_executor",
    }
)
_LOGS = frozenset({"exception", "error", "critical", "aexception", "aerror"})
_HARMLESS = frozenset({"suppress", "monotonic", "time", "is_set", "wait", "adebug", "ainfo", "aerror", "awarning"})
_OUTSIDE = (Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL)
_TRIVIAL = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "print", "sleep", "format"})


@dataclass(slots=True)
class Started:
    """A call that starts work, and what that work is, as written."""

    call: Call
    work: str


def spawns(call: Call) -> bool:
    """Whether a call makes a task of the event loop that has no owner but the result: no task group."""
    if call.canonical == "asyncio.ensure_future" and call.node.args and not isinstance(call.node.args[0], ast.Call):
        return False  # it may be a task already, which is given back as it is
    if call.canonical in _SPAWNERS:
        return True
    receiver = call.receiver
    if call.canonical or receiver is None or call.text.rpartition(".")[2] != "create_task":
        return False
    name = last_word(receiver)
    return name in ("loop", "_loop", "event_loop", "get_event_loop", "get_running_loop")


@per_file
def spawned(code: Code) -> list[Call]:
    """The calls of a file that make a task of the event loop."""
    may_be = (call for call in code.all_calls if call.last == "create_task" or call.canonical in _SPAWNERS)
    return [call for call in may_be if spawns(call)]


def dropped(code: Code) -> Iterator[Started]:
    """The tasks of a file that nothing refers to once they are started."""
    for call in spawned(code):
        if code.judged(call.function) and _is_dropped(call):
            yield Started(call, _work(call))


def _is_dropped(call: Call) -> bool:
    statement = call.table.statement
    if isinstance(statement, ast.Expr):
        return statement.value is call.node or _is_last_link(statement.value, call.node)
    if not isinstance(statement, ast.Assign) or statement.value is not call.node:
        return False
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return False
    return _never_used(target.id, call)


def _is_last_link(value: ast.expr, node: ast.Call) -> bool:
    """`create_task(…).add_done_callback(log)`: the callback is kept by the task, the task by nobody."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.value is node


def _never_used(name: str, call: Call) -> bool:
    """Whether a local name is never read, in a function that does not go on to wait while it holds it."""
    function = call.function
    if isinstance(function.node, ast.Lambda | ast.Module) or name in function.scope.declared:
        return False
    for part in walk(function.node):
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load):
            return False
        if isinstance(part, ast.Await | ast.Yield) and part.lineno > call.node.lineno:
            return False
    return len(function.scope.bindings.get(name, ())) == 1


def _work(call: Call) -> str:
    argument = call.node.args[0] if call.node.args else None
    inner = call.code.call_of(argument)
    if inner is not None:
        return inner.text
    return call.code.text(argument) if argument is not None else "the work"


def lost_futures(code: Code) -> Iterator[Started]:
    """The futures of a file whose result, and with it any failure, nobody asks for."""
    for call in code.index.named(_FUTURES):
        if call.canonical not in _FUTURES or not isinstance(call.table.statement, ast.Expr):
            continue
        if call.table.statement.value is not call.node or not code.judged(call.function):
            continue
        position = 1 if call.canonical.endswith("run_in_executor") else 0
        if position >= len(call.node.args) or not _can_fail_unseen(call.node.args[position], call):
            continue
        yield Started(call, code.text(call.node.args[position]).removesuffix("()"))


def _can_fail_unseen(work: ast.expr, call: Call) -> bool:
    """Whether the work is a function of the project that lets failures out, or a library's."""
    code = call.code
    inner = code.call_of(work)
    symbol = inner.symbol if inner is not None else code.symbol(work, call.function)
    if inner is not None and last_word(inner.node.func) == "partial" and inner.node.args:
        symbol = code.symbol(inner.node.args[0], call.function)
    callee = code.project.links.callee(symbol)
    if callee is None:
        entry = code.project.links.entry(symbol)
        return entry is not None and entry.effect in _OUTSIDE
    return not handles_its_own(callee.name, code)


def handles_its_own(name: str, code: Code) -> bool:
    """Whether a function of the project hears of its own failures: all that can fail in it stands in a broad `try`."""
    own = code.function_named(name)
    if own is not None:
        return _guards_all(own) or _guards_rounds(own, code)
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


def _guards_all(function: Function) -> bool:
    """Whether every call and raise of a function stands inside of a `try` with a broad handler that does not raise."""
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    guarded: set[int] = set()
    for part in inside(node.body):
        if isinstance(part, ast.Try) and any(is_broad(handler) and not raises(handler) for handler in part.handlers):
            guarded |= {id(inner) for statement in part.body for inner in walk(statement)}
            guarded |= {id(inner) for handler in part.handlers for inner in walk(handler)}
            guarded |= {id(inner) for statement in part.finalbody for inner in walk(statement)}
        if isinstance(part, ast.With) and any(last_word(item.context_expr) == "suppress" for item in part.items):
            guarded |= {id(inner) for statement in part.body for inner in walk(statement)}
    if function.is_async:  # what is not awaited rarely fails
        return all(id(part) in guarded or _is_safe(part) for part in inside(node.body) if isinstance(part, _MAY_FAIL))
    return all(
        id(part) in guarded or _is_safe(part) for part in inside(node.body) if isinstance(part, ast.Call | ast.Raise)
    )


_MAY_FAIL = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Raise)


def _is_safe(part: ast.AST) -> bool:
    """Whether a step hardly fails: it logs, sleeps, or looks at the clock."""
    value = part.value if isinstance(part, ast.Await) else part
    return isinstance(value, ast.Call) and last_word(value.func) in (*_TRIVIAL, *_HARMLESS)
