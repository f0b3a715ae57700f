"""Calls prepared with `functools.partial`: what they do once they are called, or run by a thread that is given them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect, Entry
from brownout.facts.offloads import lacks_limit
from brownout.facts.rows import CallRow, Place, form

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

PARTIAL = "functools.partial"
_RUNNERS = frozenset({"run_in_executor", "submit", "to_thread", "run_sync", "run_in_threadpool"})
"""Methods that run in a thread what they are given, and those of executors that nobody knows the class of."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared call that is made without a limit: the place to show, and what is called there."""

    call: Call
    entry: Entry


def without_limit(code: Code) -> Iterator[Prepared]:
    """The prepared calls of the network that a file makes or hands to a thread without a limit, each shown once."""
    if not any(call.symbol == PARTIAL for call in code.all_calls):
        return
    seen: set[int] = set()
    for call in code.all_calls:
        partial = _partial(call.node.func, call.function, code)
        shown = call
        given = 0
        if partial is None and call.last in _RUNNERS:
            given, partial = next(_handed(call), (0, None))
            shown = partial or call
        entry = _entry(partial, call, given) if partial is not None else None
        if entry is not None and id(shown.node) not in seen:
            seen.add(id(shown.node))
            yield Prepared(shown, entry)


def _handed(call: Call) -> Iterator[tuple[int, Call]]:
    """The prepared call among the first arguments, and how many arguments of the call are not for it."""
    for index, argument in enumerate(call.node.args[:2]):
        partial = _partial(argument, call.function, call.code)
        if partial is not None:
            yield index + 1, partial


def _partial(node: ast.expr, function: Function, code: Code) -> Call | None:
    """The `partial(…)` that an expression stands for: itself, or a name or attribute bound to it alone."""
    if isinstance(node, ast.Name):
        bindings = code.names.bindings(node.id, function.scope) or []
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        owner = function.owner
        bindings = [binding for binding, _ in owner.attributes.get(node.attr, ())] if owner is not None else []
    else:
        found = code.call_of(node) if isinstance(node, ast.Call) else None
        return found if found is not None and found.symbol == PARTIAL else None
    if len(bindings) != 1 or bindings[0].kind != "assign" or not isinstance(bindings[0].value, ast.Call):
        return None
    return _partial(bindings[0].value, function, code)


def _entry(partial: Call, call: Call, given: int) -> Entry | None:
    """What the library says of the prepared call, where neither it nor the one who makes it gives a limit."""
    inner = partial.argument(None, 0)
    links = partial.code.project.links
    symbol = partial.code.symbol(inner, partial.function) if inner is not None else None
    entry = links.entry(symbol) if symbol is not None and links.callee(symbol) is None else None
    if symbol is None or entry is None or entry.effect is not Effect.NETWORK:
        return None
    first = [*_forms(partial, 1)]
    count = sum(isinstance(key, int) for key, _ in first)
    later = [(key + count if isinstance(key, int) else key, given) for key, given in _forms(call, given)]
    row = CallRow(symbol, partial.text, Place(partial.span), False, (*first, *later), ())
    return entry if lacks_limit((entry, row), call) else None


def _forms(call: Call, skipped: int) -> Iterator[tuple[str | int, str]]:
    """The arguments after the first few, by their new positions or their names, as rows have them."""
    names = call.code.names
    for index, argument in enumerate(call.node.args[skipped:]):
        is_starred = isinstance(argument, ast.Starred)
        yield ("*", "?") if is_starred else (index, form(argument, call.function, names))
    for keyword in call.node.keywords:
        yield keyword.arg or "**", form(keyword.value, call.function, names)
