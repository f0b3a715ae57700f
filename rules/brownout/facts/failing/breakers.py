"""Calls of other services on which many routes hang, and what stops asking a service that is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brownout.facts.effects import Edge
from brownout.facts.failing.guards import is_remote, stopped
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call

MANY = 5
"""From so many routes on, one slow service is an outage of everything."""


@per_project
def shared(project: Project) -> dict[tuple[str, str], int]:
    """The call of each library that most routes reach, with their number; those with many only."""
    if any("breaker" in module.practices for module in project.modules):
        return {}
    best: dict[str, tuple[int, tuple[str, str]]] = {}
    for name, edges in project.graph.out.items():
        if "route" not in project.contexts.get(name, frozenset()):
            continue
        for library in {edge.entry.library for edge in edges if edge.entry is not None and _counts(edge, project)}:
            routes = _routes(name, project)
            if routes >= MANY and routes > best.get(library, (0, ("", "")))[0]:
                best[library] = routes, (name, library)
    return {place: routes for routes, place in best.values()}


def _counts(edge: Edge, project: Project) -> bool:
    """Whether an edge is a call of another service whose failure its function lets through."""
    return edge.entry is not None and is_remote(edge.entry) and not stopped(edge.row.caught, edge.entry, project)


def _routes(name: str, project: Project) -> int:
    """How many routes lead to a function."""
    found: set[str] = set()
    seen = {name}
    todo = [name]
    while todo:
        current = todo.pop()
        if any(point.kind == "route" for point in project.entry_points.get(current, ())):
            found.add(current)
        for edge in project.graph.callers.get(current, ()):
            if edge.caller.name not in seen and not _may_be_handled(edge):
                seen.add(edge.caller.name)
                todo.append(edge.caller.name)
    return len(found)


def _may_be_handled(edge: Edge) -> bool:
    """Whether some failure is handled around a call: then there may be a fallback."""
    return bool(edge.row.caught)


def hangs_on(call: Call) -> int:
    """How many routes hang on a call, where it is the one that most of them reach; else 0."""
    if call.entry is None or not is_remote(call.entry):
        return 0
    code = call.code
    return shared(code.project).get((code.names.full(call.function.qualname), call.entry.library), 0)
