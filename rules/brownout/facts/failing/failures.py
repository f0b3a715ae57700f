"""Failures that leave a function: raised by it, or by what it calls, and stopped by no handler on the way."""

from __future__ import annotations

import builtins
import importlib
from collections import deque

from brownout.facts.effects import Edge, Graph, Step
from brownout.facts.link import Links

Escapes = dict[str, dict[str, tuple[Step, ...]]]
"""By function and exception type (without `builtins.`): the calls from the function to where it is raised."""

_LATER = frozenset({"process", "task", "background", "thread"})


def escapes(graph: Graph, links: Links) -> Escapes:
    """What leaves each function of the project, each with the shortest way to where it is raised."""
    found: Escapes = {}
    todo: deque[tuple[str, str, tuple[Step, ...]]] = deque()
    for function in links.functions.values():
        for row in function.raises:
            target = links.target(row.symbol)
            if target is not None and not (row.caught and stops(row.caught, _plain(target), links)):
                step = Step(function.path, row.place, "raise", _plain(target))
                todo.append((function.name, _plain(target), (step,)))
        for edge in graph.effects.get(function.name, ()):
            for kind in _raised_by(edge):
                if not stops(edge.row.caught, kind, links):
                    todo.append((function.name, kind, (edge.step,)))
    while todo:
        name, kind, steps = todo.popleft()
        if kind in found.setdefault(name, {}):
            continue
        found[name][kind] = steps
        for edge in graph.callers.get(name, ()):
            if _passes(edge) and not (edge.row.caught and stops(edge.row.caught, kind, links)):
                todo.append((edge.caller.name, kind, (edge.step, *steps)))
    return {name: kinds for name, kinds in found.items() if kinds}


def _raised_by(edge: Edge) -> tuple[str, ...]:
    """What a library's call raises, where it is made here and now."""
    entry = edge.entry
    if entry is None or edge.elsewhere is not None or (entry.awaits and not edge.row.awaited):
        return ()
    return tuple(_plain(kind) for kind in entry.raises)


def _passes(edge: Edge) -> bool:
    """Whether a failure of the callee comes back to the caller: not from a task or thread that nobody waits for."""
    if edge.elsewhere in _LATER:
        return edge.row.awaited
    return edge.callee is not None and (edge.row.awaited or not edge.callee.is_async)


def stops(handlers: tuple[str, ...], kind: str, links: Links) -> bool:
    """Whether handlers for these types stop an exception; one that cannot be told may."""
    for handler in handlers:
        target = links.target(handler) if handler not in ("*", "?") else None
        if (
            target is None
            or target.rpartition(".")[2].isupper()
            or is_a(kind, _plain(links.catalog.canonical(target)), links)
        ):
            return True
    return False


def is_a(kind: str, base: str, links: Links) -> bool:
    """Whether an exception type is another one or below it."""
    if base == "?" or kind == base or base in ("Exception", "BaseException"):
        return True
    known = _standard(kind), _standard(base)
    if known[0] is not None and known[1] is not None:
        return issubclass(known[0], known[1])
    if kind in links.classes:
        return any(is_a(_plain(parent), base, links) for parent in links.mro(kind)[1:])
    page = links.catalog.class_page(kind)
    return page is not None and any(is_a(_plain(parent), base, links) for parent in page.bases)


_STANDARD = frozenset(
    {"asyncio", "concurrent.futures", "http.client", "json", "shutil", "socket", "sqlite3", "ssl", "subprocess",
     "tarfile", "urllib.error", "zipfile"}
)  # fmt: skip
"""Modules of the standard library whose exceptions are looked up where they are defined."""


def _standard(name: str) -> type | None:
    """An exception of Python or of its standard library."""
    module, _, last = name.rpartition(".")
    if module and module not in _STANDARD:
        return None
    found = getattr(importlib.import_module(module) if module else builtins, last, None)
    return found if isinstance(found, type) else None


def _plain(symbol: str) -> str:
    return symbol.removeprefix("builtins.").removesuffix("()")
