"""Liveness routes, and what they ask of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.effects import Chain
from brownout.facts.operating import health
from brownout.facts.operating.probing import Probe, routes
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.core import Note
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_OTHERS = (Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE)


@dataclass(slots=True)
class Dependent:
    """A liveness route that asks somebody else: the call, whom it asks, and the steps to it."""

    probe: Probe
    call: Call
    display: str
    notes: list[Note]


def dependent(code: Code) -> Iterator[Dependent]:
    """The liveness routes of a file that ask somebody else, with the first call that does."""
    for probe in routes(code, health.LIVE):
        for call in code.calls_in(probe.function):
            chain = _asks(call)
            if chain is not None:
                yield Dependent(probe, call, chain.entry.display, call.notes(chain))
                break
            if _is_query(call):
                yield Dependent(probe, call, "the database", [])
                break


def _is_query(call: Call) -> bool:
    """Whether a call of an object of unknown type is given SQL."""
    first = call.node.args[0] if call.node.args else None
    inner = first.args[0] if isinstance(first, ast.Call) and first.args else first
    return (
        isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.upper().startswith("SELECT ")
    )


def _asks(call: Call) -> Chain | None:
    step = call.step
    if call.entry is not None:
        asks = call.entry.effect in _OTHERS and not call.entry.closes and "Request." not in call.entry.name
        return Chain((step,), call.entry) if asks else None
    inner = _reaching(call.code.project).get(call.callee.name) if call.callee is not None else None
    return None if inner is None else Chain((step, *inner.steps), inner.entry)


@per_project
def _reaching(project: Project) -> dict[str, Chain]:
    return project.reaching(*_OTHERS)
