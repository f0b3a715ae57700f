"""Work started beside the caller: tasks and futures that nobody keeps, and those whose failure nobody looks at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.index import per_file
from brownout.facts.nodes import last_word
from brownout.facts.tasks.selfreliant import handles_its_own
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_SPAWNERS = frozenset(
    {
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.AbstractEventLoop.create_task",
    }
)
_CALLERS = frozenset({"call_later", "call_soon", "call_at", "call_soon_threadsafe", "add_signal_handler"})
"""Methods of the event loop that call a function and drop what it returns."""
_FUTURES = frozenset(
    {
        "concurrent.futures.Executor.submit",
        "concurrent.futures.ThreadPoolExecutor.submit",
        "concurrent.futures.ProcessPoolExecutor.submit",
        "asyncio.run_coroutine_threadsafe",
        "asyncio.AbstractEventLoop.run_in_executor",
    }
)
_OUTSIDE = (Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL)


@dataclass(slots=True)
class Started:
    """A call that starts work, and what that work is, as written."""

    call: Call
    work: str
    handles_its_own: bool = False
    """Whether the work is known to hear of its own failures."""


def spawns(call: Call) -> bool:
    """Whether a call makes a task of the event loop that has no owner but the result: no task group."""
    if call.canonical == "asyncio.ensure_future" and call.node.args and not isinstance(call.node.args[0], ast.Call):
        return False  # it may be a task already, which is given back as it is
    if call.canonical in _SPAWNERS:
        return True
    receiver = call.receiver
    if call.canonical or receiver is None or call.last != "create_task":
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
            work = call.code.call_of(call.node.args[0]) if call.node.args else None
            callee = work.callee if work is not None else None
            yield Started(call, _work(call), callee is not None and handles_its_own(callee.name, code))


def _is_dropped(call: Call) -> bool:
    statement = call.table.statement
    if isinstance(call.function.node, ast.Lambda):
        return call.function.node.body is call.node and _is_callback(call.function.node, call)
    if isinstance(statement, ast.Expr):
        return _is_whole(statement.value, call.node) or _is_last_link(statement.value, call.node)
    if not isinstance(statement, ast.Assign) or statement.value is not call.node:
        return False
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return False
    return _never_used(target.id, call)


def _is_whole(value: ast.expr, node: ast.Call) -> bool:
    """Whether a value that is thrown away is a call, or a list or a condition around it."""
    if isinstance(value, ast.ListComp | ast.SetComp):
        return value.elt is node
    if isinstance(value, ast.BoolOp):
        return value.values[-1] is node
    if isinstance(value, ast.IfExp):
        return node in (value.body, value.orelse)
    return value is node


def _is_callback(function: ast.Lambda, call: Call) -> bool:
    """Whether a lambda is called by the event loop, which drops what it returns."""
    outer = call.function.parent
    return outer is not None and any(
        function in row.node.args and last_word(row.node.func) in _CALLERS for row in outer.calls
    )


def _is_last_link(value: ast.expr, node: ast.Call) -> bool:
    """`create_task(…).add_done_callback(log)`: the callback is kept by the task, the task by nobody."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.value is node


def _never_used(name: str, call: Call) -> bool:
    """Whether a local name is never read, in a function that does not go on to wait while it holds it."""
    function = call.function
    if isinstance(function.node, ast.Lambda | ast.Module) or name in function.scope.declared:
        return False
    bindings = function.scope.bindings.get(name, ())
    round_ = _round(call)
    for part in walk(round_ or function.node):
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load):
            return False
        if isinstance(part, ast.Await | ast.Yield | ast.AsyncFor | ast.AsyncWith) and part.lineno > call.node.lineno:
            return False
    if round_ is None:
        return len(bindings) == 1
    end = round_.end_lineno or 0
    later = [part.lineno for part in walk(function.node) if isinstance(part, ast.Name) and part.id == name]
    again = [line for line in later if line > end]
    anew = {getattr(binding.node, "lineno", 0) for binding in bindings}
    return not again or min(again) in anew


def _round(call: Call) -> ast.For | ast.AsyncFor | ast.While | None:
    """The loop around a call, whose next round takes the name for the next task."""
    for block in call.table.block.chain() if call.table.block is not None else ():
        if block.kind == "loop" and isinstance(block.node, ast.For | ast.AsyncFor | ast.While):
            goes_round = not any(isinstance(part, ast.Break | ast.Return) for part in walk(block.node))
            return block.node if goes_round else None
    return None


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
