"""Where the outside world comes in: routes, sockets, start-up, workers, schedules, threads, commands, imports."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from brownout.catalog import Entry
from brownout.facts.effects import Edge, Graph, handed_over
from brownout.facts.link import Links
from brownout.facts.summary import ClassSummary, FunctionSummary

REQUEST_KINDS = frozenset({"route", "websocket", "dependency", "background", "middleware"})
SERVICE_KINDS = REQUEST_KINDS | {"worker", "scheduled", "thread", "task"}


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A function that the outside world calls, of which kind, and who calls it (`fastapi.FastAPI.get`)."""

    function: FunctionSummary
    kind: str
    registrar: str
    detail: str = ""
    """The first constant argument of the decorator, such as the route's path."""


def entry_points(links: Links, graph: Graph) -> dict[str, list[EntryPoint]]:
    """The entry points of the project by the name of their function."""
    found: dict[str, list[EntryPoint]] = defaultdict(list)
    for function in links.functions.values():
        for point in _decorated(function, links):
            found[function.name].append(point)
    for edges in graph.out.values():
        for edge in edges:
            if edge.row.where == "task" and edge.callee is not None:
                found[edge.callee.name].append(EntryPoint(edge.callee, "task", edge.row.symbol))
            if _starts(edge) and edge.callee is not None:
                found[edge.callee.name].append(EntryPoint(edge.callee, edge.elsewhere or "", edge.row.symbol))
            elif edge.entry is not None and edge.entry.registers is not None:
                _registered(edge.row.arguments, edge.entry, links, found)
    _methods(links, found)
    _mains(links, found)
    return dict(found)


def _starts(edge: Edge) -> bool:
    """Whether a call begins something of its own: a thread that is awaited where it begins is a step of its caller."""
    if edge.elsewhere == "thread":
        return edge.entry is None and not edge.row.awaited
    return edge.elsewhere == "background" and edge.entry is None


def _decorated(function: FunctionSummary, links: Links) -> list[EntryPoint]:
    points: list[EntryPoint] = []
    for symbol in function.decorators:
        entry = links.entry(symbol.removesuffix("()") if symbol.endswith("()") else symbol)
        if entry is not None and entry.registers is not None:
            points.append(EntryPoint(function, entry.registers, entry.name))
    return points


def _registered(
    arguments: tuple[tuple[str | int, str], ...], entry: Entry, links: Links, found: dict[str, list[EntryPoint]]
) -> None:
    """`app.add_api_route("/x", handler)`, `Depends(provider)`, `FastAPI(lifespan=…)`: every function handed over."""
    for _key, form in arguments:
        if not form.startswith("@"):
            continue
        callee = links.callee(form[1:])
        if callee is not None and entry.registers is not None:
            found[callee.name].append(EntryPoint(callee, entry.registers, entry.name))


def _methods(links: Links, found: dict[str, list[EntryPoint]]) -> None:
    """The methods that a library calls of the project's subclasses, whichever base in the project they come from."""
    of_tests = {owner.name for module in links.modules.values() if module.is_test for owner in module.classes.values()}
    for owner in links.classes.values():
        for symbol in owner.jobs:
            job = links.callee(symbol)
            if job is not None:
                found[job.name].append(EntryPoint(job, "worker", "arq"))
        if owner.bases and owner.name not in of_tests:
            _handlers(owner, links, found)


def _handlers(owner: ClassSummary, links: Links, found: dict[str, list[EntryPoint]]) -> None:
    for outside in links.mro(owner.name)[1:]:
        if outside in links.classes:
            continue
        for base, kind, name in links.catalog.handlers(outside):
            function = links.method(owner.name, name)
            if function is not None and all(point.kind != kind for point in found[function.name]):
                found[function.name].append(EntryPoint(function, kind, base))


def _mains(links: Links, found: dict[str, list[EntryPoint]]) -> None:
    """Functions named `main`, and those that parse arguments, are commands; one that runs for ever is a worker."""
    for function in links.functions.values():
        if function.qualname == "main" or (
            function.qualname.endswith("main") and any("argparse" in row.symbol for row in function.calls)
        ):
            found[function.name].append(EntryPoint(function, "worker" if function.loops else "cli", "main"))


def contexts(points: dict[str, list[EntryPoint]], graph: Graph) -> dict[str, frozenset[str]]:
    """For each function the kinds of entry points from which calls can lead to it; no kind: nobody known calls it."""
    kinds: dict[str, set[str]] = {name: {point.kind for point in found} for name, found in points.items()}
    todo = list(kinds)
    while todo:
        name = todo.pop()
        for edge in graph.out.get(name, ()):
            if edge.callee is None:
                continue
            known = kinds.setdefault(edge.callee.name, set())
            if not kinds[name] <= known:
                known |= kinds[name]
                todo.append(edge.callee.name)
    return {name: frozenset(found) for name, found in kinds.items()}


__all__ = ["REQUEST_KINDS", "SERVICE_KINDS", "EntryPoint", "contexts", "entry_points", "handed_over"]
