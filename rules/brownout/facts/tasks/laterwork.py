"""Work that a request leaves for after its answer, in the memory of the process only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.databases.job_statuses import reaped
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.effects import Chain

_TAKES = frozenset({"starlette.background.BackgroundTasks.add_task", "starlette.background.BackgroundTask"})
_SLOW = frozenset({Effect.MODEL, Effect.CPU, Effect.PROCESS})
_SURE_STEPS = 3


def long_tasks(code: Code) -> Iterator[tuple[Call, str]]:
    """The tasks that a file's requests leave behind, and the slow thing that each does, as it is called there."""
    if "ackground" not in code.module.text or reaped(code.project):
        return
    for call in code.all_calls:
        name = call.entry.name if call.entry is not None else call.canonical
        given = call.argument("func", 0) if name in _TAKES else None
        slow = _slow_part(given, call) if given is not None and code.serves(call.function) else None
        if slow is not None:
            yield call, slow


def _slow_part(node: ast.expr, call: Call) -> str | None:
    """What keeps a function busy for long: a conversion, a model, another process; None where nothing does."""
    links, symbol = call.code.project.links, call.code.symbol(node, call.function)
    callee = links.callee(symbol)
    if callee is not None:
        chain = _long(call.code.project).get(callee.name)
        return None if chain is None else chain.steps[-1].text
    entry = links.entry(symbol)
    return unparse(node) if entry is not None and entry.effect in _SLOW and not entry.short else None


@per_project
def _long(project: Project) -> dict[str, Chain]:
    """The functions that do something slow themselves, or through few others."""
    return {
        name: chain
        for name, chain in project.reaching(*_SLOW).items()
        if len(chain.steps) <= _SURE_STEPS and not chain.entry.short
    }
