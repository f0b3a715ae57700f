"""Calls that fail now and then in ordinary production, and those whose failure nobody need expect."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import TYPE_CHECKING

from brownout.catalog import Effect, Entry
from brownout.facts.nodes import last_word

if TYPE_CHECKING:
    from brownout.facts.call import Call

_OUTSIDE = frozenset(
    {
        Effect.NETWORK,
        Effect.DATABASE,
        Effect.DISK,
        Effect.PROCESS,
        Effect.CPU,
        Effect.MODEL,
        Effect.MESSAGE,
    }
)
_LOGS = re.compile(r"^(log|logger|logging|_log|_logger|LOG|LOGGER|log\w*)$")
CALM = frozenset(
    "print len str int float bool list dict set tuple range enumerate zip sorted min max sum isinstance getattr append "
    "add items keys values get time monotonic perf_counter now utcnow isoformat format join split strip lower upper "
    "info debug warning error exception critical sleep wait is_set task_done empty qsize discard clear update pop "
    "setdefault extend Lock Event Path exists getLogger copy startswith endswith replace any all put put_nowait".split()
)
"""Names of what only looks, counts, logs or waits."""


def may_fail(call: Call) -> bool:
    """Whether a call works with the outside world, or is known to let a failure through."""
    entry = handed(call) or call.entry
    if entry is not None:
        return entry.effect in _OUTSIDE and bool(entry.raises or entry.effect is not Effect.DISK)
    if call.callee is not None:
        return bool(call.code.project.escapes.get(call.callee.name))
    return False


def handed(call: Call) -> Entry | None:
    """The library function that a call such as `to_thread(convert, …)` runs elsewhere while it is awaited."""
    entry = call.entry
    if entry is None or entry.offload is None or not call.awaited:
        return None
    given = call.argument(entry.offload.parameter, entry.offload.position)
    return None if given is None else call.code.project.links.entry(call.code.symbol(given, call.function))


def reaches(call: Call, functions: Container[str]) -> bool:
    """Whether a call leads to one of the functions: itself, or as a method that a class below may say anew."""
    code = call.code
    if call.text.startswith("self.") and call.text.count(".") == 1:
        name = last_word(call.node)
        owners = (owner for owner in code.module.classes if name in owner.methods)
        if any(code.names.full(f"{owner.qualname}.{name}") in functions for owner in owners):
            return True
    return call.callee is not None and call.callee.name in functions


def is_work(call: Call) -> bool:
    """Whether a call does more than look, count, log or wait: unknown ones do."""
    if call.entry is not None:
        return call.entry.effect in _OUTSIDE
    if call.callee is not None:
        return not call.callee.name.rpartition(".")[2].startswith(("log", "_log"))
    if call.receiver is not None and _LOGS.match(last_word(call.receiver)):
        return False
    if call.target is not None and call.target.startswith(("builtins.", "asyncio.", "time.", "logging.")):
        return False
    return last_word(call.node) not in CALM
