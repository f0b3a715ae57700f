"""What must stay in its thread: a statement on a SQLite connection that the moved call does not make itself.

A connection refuses other threads than the one that made it; where `check_same_thread=False` silences that, two threads
would use it at once, unless a lock stands around each use. What is not known counts as kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.effects import Edge
from brownout.facts.project import Project, per_project
from brownout.facts.rows import CallRow
from brownout.facts.spared import FIRST_TIME

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.summary import FunctionSummary

_CONNECT = "sqlite3.connect"
_OBJECTS = ("sqlite3.Connection()", "sqlite3.Cursor()")
_METHODS = ("sqlite3.Connection.", "sqlite3.Cursor.")
_KEEPS = frozenset({"lru_cache", "cache", "cached", "cache_resource", "singleton", "cached_property"})
_DEPTH = 8
_SAME_THREAD = ("check_same_thread", 4)


def movable(call: Call) -> bool:
    """Whether a call may be made in another thread than the one around it."""
    row, project = call.row, call.code.project
    if row is None or not _uses_sqlite(project):
        return True
    if call.entry is not None and call.entry.name == _CONNECT:
        return _any_thread(row)
    if project.links.target(f"{row.symbol}()") in _OBJECTS and not _is_method(call):
        return False  # made there, used here
    if any(_is_object(form, project) for _, form in row.arguments):
        return False
    if _is_method(call) or (call.callee is not None and call.callee.name in threadbound(project)):
        return row.locked and _threads_allowed(project)
    return True


def _is_method(call: Call) -> bool:
    return call.entry is not None and call.entry.name.startswith(_METHODS)


@per_project
def threadbound(project: Project) -> frozenset[str]:
    """The functions that use, or keep, a SQLite connection which they do not make and drop themselves."""
    if not _uses_sqlite(project):
        return frozenset()
    found: dict[str, bool] = {}
    """Each one, and whether all that it needs is that its caller makes the connection it gives."""
    wave = [(name, only) for name, edges in project.graph.out.items() if (only := _own(edges, project)) is not None]
    while wave:
        name, only_given = wave.pop()
        if name in found and (only_given or not found[name]):
            continue
        found[name] = only_given
        for edge in project.graph.callers.get(name, ()):
            if edge.callee is None or edge.callee.is_async or edge.elsewhere is not None or _guarded(edge, project):
                continue
            passed = _given(edge, project) if only_given else False
            if passed is not None:
                wave.append((edge.caller.name, passed))
    return frozenset(found)


def _own(edges: list[Edge], project: Project) -> bool | None:
    """Whether the function's own statements need a connection: from its caller (True), or a kept one (False)."""
    needs = [need for edge in edges if (need := _need(edge, project)) is not None]
    return all(needs) if needs else None


def _need(edge: Edge, project: Project) -> bool | None:
    if _keeps(edge, project):
        return False
    if edge.entry is None or not edge.entry.name.startswith(_METHODS) or _guarded(edge, project):
        return None
    connection = edge.row.symbol.rpartition(".")[0]
    if connection.startswith(_OBJECTS):
        return True  # by its annotation: a parameter
    return None if _is_made(connection, edge.caller, project) else False


def _keeps(edge: Edge, project: Project) -> bool:
    """Whether a connection is made for an object or a module that has one."""
    if project.links.target(f"{edge.row.symbol}()") != "sqlite3.Connection()":
        return False
    return edge.row.spared == FIRST_TIME or _owner_keeps(edge.caller, project)


def _owner_keeps(function: FunctionSummary, project: Project) -> bool:
    owner = project.links.classes.get(function.owner or "")
    attributes = owner.attributes.values() if owner is not None else ()
    return any(project.links.target(symbol) in _OBJECTS for symbol in attributes)


def _is_made(symbol: str, function: FunctionSummary, project: Project, depth: int = 0) -> bool:
    """Whether a symbol of a connection or cursor stands for one that was made on the way to it."""
    while symbol.endswith("()") and project.links.target(symbol[:-2]) not in project.links.functions:
        if symbol == f"{_CONNECT}()":
            return function.path not in _with_globals(project)
        owner, _, method = symbol[:-2].rpartition(".")
        if not owner or project.links.target(owner) not in _OBJECTS or method == "Connection":
            return False
        symbol = owner
    made = project.links.functions.get(project.links.target(symbol[:-2]) or "") if symbol.endswith("()") else None
    if made is None or made.returns is None or depth > _DEPTH or function.path in _with_globals(project):
        return False
    if any(not _KEEPS.isdisjoint(decorator.removesuffix("()").split(".")) for decorator in made.decorators):
        return False
    return _is_made(made.returns, made, project, depth + 1)


def _given(edge: Edge, project: Project) -> bool | None:
    """What a call of a function that is given its connection needs: None where the caller has made it."""
    handed = False
    for _, form in edge.row.arguments:
        if form.startswith("$"):
            handed = True
        elif _is_object(form, project):
            if form.startswith(_OBJECTS, 1):
                return True
            return None if _is_made(form[1:], edge.caller, project) else False
    return handed


def _is_object(form: str, project: Project) -> bool:
    return form.startswith("@") and project.links.target(form[1:]) in _OBJECTS


def _guarded(edge: Edge, project: Project) -> bool:
    return edge.row.locked and _threads_allowed(project)


def _any_thread(row: CallRow) -> bool:
    """Whether a connection is made for any thread: `check_same_thread=False`."""
    return any(key in _SAME_THREAD and form == "=False" for key, form in row.arguments)


def _connects(project: Project) -> Iterator[tuple[FunctionSummary, CallRow]]:
    yield from project.calls_by_target.get(_CONNECT, ())


@per_project
def _uses_sqlite(project: Project) -> bool:
    return any("sqlite3" in module.imported or "sqlite3" in module.exports for module in project.modules)


@per_project
def _threads_allowed(project: Project) -> bool:
    """Whether every connection of the project lets other threads use it."""
    made = [_any_thread(row) for _, row in _connects(project)]
    return bool(made) and all(made)


@per_project
def _with_globals(project: Project) -> frozenset[str]:
    """The files that keep a connection, or a cursor, under a name of the module."""
    return frozenset(
        module.path
        for module in project.modules
        if any(project.links.target(symbol) in _OBJECTS for symbol in module.exports.values())
    )
