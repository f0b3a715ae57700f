"""Work that runs off the event loop: on which executor, and what a call such as `to_thread(get, url)` calls there."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from brownout.catalog import Entry
from brownout.facts.effects import handed_over
from brownout.facts.practices import by_adapter, in_deadline, sends_itself
from brownout.facts.rows import CallRow
from brownout.facts.waiting.timeouts import Limit, limit
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_TAKES_KEYWORDS = frozenset({"asyncio.to_thread", "starlette.concurrency.run_in_threadpool"})
_LAZY = frozenset({"pathlib.Path.glob", "pathlib.Path.rglob", "pathlib.Path.iterdir"})
_EXECUTORS = ("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.thread.ThreadPoolExecutor")


def executor_of(code: Code) -> str | None:
    """The name of the module's own thread pool, bound once at module level; None where there is none."""
    for name, bindings in code.module.scope.bindings.items():
        value = bindings[0].value if len(bindings) == 1 else None
        if isinstance(value, ast.Call):
            call = code.call_of(value)
            if call is not None and call.target in _EXECUTORS:
                return name
    return None


def iterated_elsewhere(call: Call) -> bool:
    """Whether a call only makes an iterator that a thread is given to go through: `to_thread(list, p.glob("*"))`."""
    if call.entry is None or call.entry.name not in _LAZY or not isinstance(call.table.parent, ast.Call):
        return False
    outer = call.code.call_of(call.table.parent)
    return outer is not None and outer.entry is not None and outer.entry.offload is not None


def in_generator(call: Call) -> bool:
    """Whether a call stands in a generator expression, where an `await` would make another thing of it."""
    made = (one for one in walk(call.table.statement) if isinstance(one, ast.GeneratorExp))
    return any(part is call.node for one in made for part in walk(one))


def handed_function(call: Call) -> ast.expr | None:
    """The expression for the function that a call hands over."""
    offload = call.entry.offload if call.entry is not None else None
    return None if offload is None else call.argument(offload.parameter, offload.position)


def handed_call(call: Call) -> tuple[Entry, CallRow] | None:
    """What a library's function handed over to a thread does there, with the arguments that reach it."""
    entry, row = call.entry, call.row
    if entry is None or row is None or entry.offload is None or entry.offload.to != "thread":
        return None
    if entry.offload.parameter in ("target", "function"):
        return None  # a thread of its own is given its arguments as a tuple
    links = call.code.project.links
    symbol = handed_over(row, entry)
    inner = links.entry(symbol) if symbol is not None and links.callee(symbol) is None else None
    if inner is None or symbol is None:
        return None
    skipped = (entry.offload.position or 0) + 1
    arguments: list[tuple[str | int, str]] = []
    for key, form in row.arguments:
        if isinstance(key, int):
            if key >= skipped:
                arguments.append((key - skipped, form))
        elif key != entry.offload.parameter:
            arguments.append((key, form))
    return inner, replace(row, symbol=symbol, arguments=tuple(arguments))


def lacks_limit(handed: tuple[Entry, CallRow], call: Call) -> bool:
    """Whether what is handed over waits forever: the deadline around an awaited thread counts, though it goes on."""
    entry, row = handed
    project = call.code.project
    if entry.timeout is None or entry.timeout.constructor or entry.timeout.ambient in project.calls_by_target:
        return False
    if by_adapter(entry, project) or sends_itself(project.links.target(row.symbol.rpartition(".")[0]), project.links):
        return False
    return limit(row, entry.timeout, project.links) is Limit.MISSING and not in_deadline(call)


def takes_keywords(call: Call) -> bool:
    """Whether keywords given to the call reach the function that it hands over."""
    return call.entry is not None and call.entry.name in _TAKES_KEYWORDS
