"""Temporary names that several writers share: whose code may run twice at once, and which names are always the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from brownout.facts.databases.sharing import locked
from brownout.facts.entrypoints import REQUEST_KINDS, contexts
from brownout.facts.files.handed import Given, given, is_one_file, names_behind
from brownout.facts.files.replacing import Replace, replaces
from brownout.facts.files.written import in_lock
from brownout.facts.nodes import names_in
from brownout.facts.paths import PathShape, shape
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_AT_ONCE = REQUEST_KINDS | {"worker"}
_SETTINGS = re.compile(r"settings|config|conf\b|cfg|options|environ|getenv", re.IGNORECASE)
_DEPTH = 3


def shared_names(code: Code) -> Iterator[Replace]:
    """The replaces of a file, in code that may run twice at once, whose new file has a name that is always the same."""
    for replace in replaces(code):
        if replace.moves or not runs_at_once(replace.call):
            continue
        source = shape(replace.source, replace.call.function, code)
        if source.unique or not _is_always(source.keys, replace.call.function, code):
            continue
        if is_one_file(source.keys) or _follows_one_file(replace, source, code):
            yield replace


def runs_at_once(call: Call) -> bool:
    """Whether two requests, or two workers of a queue, may be at a call at once: no lock is held around it."""
    name = call.code.names.full(call.function.qualname)
    return _is_run_twice(name, call.code.project) and not locked(call) and not in_lock(call)


def _is_run_twice(name: str, project: Project) -> bool:
    kinds = _several(project).get(name, frozenset[str]())
    return bool(kinds & _AT_ONCE) and not _called_in_lock(name, project)


@per_project
def _several(project: Project) -> dict[str, frozenset[str]]:
    """The kinds of entry points that lead to a function, without programs that one process runs: `main`."""
    points = {
        name: [point for point in found if point.registrar != "main"] for name, found in project.entry_points.items()
    }
    return contexts(points, project.graph)


def _called_in_lock(name: str, project: Project, depth: int = 0) -> bool:
    """Whether every call of a function stands in a lock, or in functions that are called so."""
    edges = project.graph.callers.get(name, ())
    if not edges or depth > _DEPTH or project.entry_points.get(name):
        return False
    return all(edge.row.locked or _called_in_lock(edge.caller.name, project, depth + 1) for edge in edges)


def _is_always(keys: Sequence[str], function: Function, code: Code) -> bool:
    """Whether nothing in a path is an element, an answer, or what an object was made with: those differ by writer."""
    for key in keys:
        if key[:1] in ("'", '"') or _SETTINGS.search(key):
            continue
        if key.endswith(("()", "]")) or "()." in key or "[]" in key or _is_local(key.partition(".")[0], function):
            return False
        owner = function.owner
        if owner is not None and key.startswith(f"{code.names.full(owner.qualname)}."):
            return False
    return True


def _is_local(name: str, function: Function) -> bool:
    return any(binding.kind != "import" for binding in function.scope.bindings.get(name, ()))


def _follows_one_file(replace: Replace, source: PathShape, code: Code) -> bool:
    """Whether the new file is named after the target, which some caller gives as one and the same file."""
    target = shape(replace.target, replace.call.function, code)
    if source.keys[:1] != target.keys or not names_behind(replace.source, replace.call.function) >= names_in(
        replace.target
    ):
        return False
    found = given(replace.target, target, replace.call)
    return any(is_one_file(one.shape.keys) and _gives_at_once(one, code.project) for one in found)


def _gives_at_once(one: Given, project: Project) -> bool:
    """Whether the call that gives the path may happen twice at once."""
    if not _is_run_twice(one.caller.name, project):
        return False
    step = one.step
    return step is None or not any(row.locked and row.place == step.place for row in one.caller.calls)
