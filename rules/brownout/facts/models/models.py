"""Models: where they are loaded, whether the loaded one is kept, and how a request gets there."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from brownout.catalog import Effect, Entry
from brownout.core import Note
from brownout.facts.effects import Chain, Edge
from brownout.facts.entrypoints import REQUEST_KINDS
from brownout.facts.index import per_file
from brownout.facts.nodes import names_in
from brownout.facts.project import Project, per_project
from brownout.facts.spared import FIRST_TIME, KEPT
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_CACHES = frozenset({"lru_cache", "cache", "cached_property", "cached", "st.cache_resource", "cache_resource", "once"})


@per_file
def may_load(code: Code) -> list[Call]:
    """The calls of a file of which `loaded` and `fetched` may tell something."""
    classes = _modelled(code.project)
    return [
        call
        for call in code.all_calls
        if (call.target in classes if (entry := call.entry) is None else _may_load(entry))
    ]


@per_project
def _modelled(project: Project) -> dict[str, Entry]:
    """The classes of the project that are models, each with the class of a library that makes it one."""
    found: dict[str, Entry] = {}
    for owner in project.links.classes.values():
        for base in project.links.mro(owner.name)[1:] if owner.bases else ():
            entry = project.catalog.entry(base) if base != "?" else None
            if entry is not None and entry.effect is Effect.MODEL:
                found[owner.name] = entry
                break
    return found


def _may_load(entry: Entry) -> bool:
    return entry.effect is Effect.MODEL or entry.offload is not None or "hub-download" in entry.tags


def loaded(call: Call) -> Entry | None:
    """What loads a model in a call: the callee, its base class in a library, or what is handed to a thread."""
    code = call.code
    entry = call.entry
    if entry is not None and entry.effect is Effect.MODEL:
        return entry
    if entry is not None and entry.offload is not None:
        given = call.argument(entry.offload.parameter, entry.offload.position)
        handed = code.project.links.entry(code.symbol(given, call.function)) if given is not None else None
        return handed if handed is not None and handed.effect is Effect.MODEL else None
    return _modelled(code.project).get(call.target) if entry is None and call.target is not None else None


def kept(call: Call) -> bool:
    """Whether what a call makes is kept for the next time: assigned where a check for `None` or a key allows it."""
    statement = call.table.statement
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Attribute | ast.Subscript) and _is_first_time(call):
            return True
        if isinstance(target, ast.Name) and target.id in call.function.scope.declared and _is_first_time(call):
            return True
        if isinstance(target, ast.Name) and _stored_later(target.id, call):
            return True
    return False


def is_free_of_locals(call: Call) -> bool:
    """Whether a call that loads a model by itself needs nothing of the function that it stands in."""
    if call.entry is None or call.entry.effect is not Effect.MODEL:
        return False
    names = names_in(call.node)
    function: Function | None = call.function
    while function is not None and not isinstance(function.node, ast.Module):
        if not names.isdisjoint(function.scope.bindings):
            return False
        function = function.parent
    return not any(isinstance(part, ast.Await | ast.Lambda | ast.NamedExpr) for part in walk(call.node))


def _is_first_time(call: Call) -> bool:
    """Whether a test for absence stands around the call, or an early return for presence before it."""
    block = call.table.block
    while block is not None:
        if block.kind in ("if", "orelse", "handler"):
            return True
        block = block.parent
    node = call.function.node
    statements = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    return any(
        isinstance(part, ast.If) and part.lineno < call.node.lineno and isinstance(part.body[-1], ast.Return)
        for part in statements
    )


def _stored_later(name: str, call: Call) -> bool:
    for row in call.code.module.assigns:
        node = row.node
        if row.function is call.function and isinstance(node, ast.Assign):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            given = any(isinstance(value, ast.Name) and value.id == name for value in values)
            if given and _is_first_time(call):
                if any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
                    return True
    return False


def request_way(call: Call) -> tuple[Edge, ...] | None:
    """The calls that lead from a request to the function of `call`, no cache in between; () for a route itself."""
    code = call.code
    function = call.function
    while function.parent is not None and function.name.startswith("<lambda"):
        function = function.parent
    if any(_is_cache(code.names.symbol(node, function.outer or function.scope)) for node in function.decorators):
        return None
    return ways(code.project).get(code.names.full(function.qualname))


def ways(project: Project) -> dict[str, tuple[Edge, ...]]:
    """For each function that a request reaches without passing a cache, the shortest way to it."""
    found: dict[str, tuple[Edge, ...]] = {}
    wave: list[tuple[str, tuple[Edge, ...]]] = [
        (name, ())
        for name, points in project.entry_points.items()
        if any(point.kind in REQUEST_KINDS for point in points)
    ]
    while wave:
        reached: list[tuple[str, tuple[Edge, ...]]] = []
        for name, way in wave:
            function = project.links.functions.get(name)
            if name in found or function is None or is_cached(function):
                continue
            found[name] = way
            for edge in project.graph.out.get(name, ()):
                if edge.row.spared in (FIRST_TIME, KEPT):
                    continue
                if edge.callee is not None and edge.callee.name not in found:
                    reached.append((edge.callee.name, (*way, edge)))
        wave = reached
    return found


def is_cached(function: FunctionSummary) -> bool:
    """Whether a function's result is computed once and kept."""
    return any(_is_cache(symbol) for symbol in function.decorators)


def _is_cache(symbol: str | None) -> bool:
    return symbol is not None and symbol.removesuffix("()").rpartition(".")[2] in _CACHES


def notes(way: Sequence[Edge]) -> list[Note]:
    """The steps from the request as related places."""
    return [Note(edge.step.location, f"a request comes by here: `{edge.row.text}`") for edge in way]


# When models are loaded

_LONGEST = 3
_WORKERS = frozenset({"celery", "rq", "dramatiq", "arq", "huey", "runpod", "litserve", "streamlit", "gradio"})
_MEANT = re.compile(r"fail|crash|abort|refuse|required|must|die|exit|on purpose|deliberate|intention", re.IGNORECASE)


def loading_chain(call: Call) -> Chain | None:
    """The chain from a call to one that loads a model; None where there is none, or it is long."""
    entry = loaded(call)
    if entry is not None:
        return Chain((call.step,), entry) if entry.blocks else None
    if call.callee is None:
        return None
    inner = _loading(call.code.project).get(call.callee.name)
    if inner is None or len(inner.steps) >= _LONGEST or not inner.entry.blocks:
        return None
    return Chain((call.step, *inner.steps), inner.entry)


@per_project
def _loading(project: Project) -> dict[str, Chain]:
    return project.reaching(Effect.MODEL)


def is_worker_module(code: Code) -> bool:
    """Whether the file is where a worker starts: it is imported once, by the process that needs the model."""
    name = code.module.path.rpartition("/")[2]
    return not _WORKERS.isdisjoint(code.module.imported) or "worker" in name


def explained(call: Call) -> bool:
    """Whether a comment at the call says that its failure is meant to end the start-up."""
    first = call.table.statement.lineno
    lines = call.code.module.lines[max(0, first - 3) : call.table.statement.end_lineno or first]
    return any("#" in line and _MEANT.search(line.partition("#")[2]) for line in lines)


# Where models come from

_LOCAL = frozenset({"local_files_only", "artifacts_path", "download_enabled", "model_storage_directory"})


def fetched(call: Call) -> Entry | None:
    """What a call may download from a hub: the callee itself, or what it hands to a thread."""
    if call.has("hub-download"):
        return call.entry
    entry = loaded(call)
    return entry if entry is not None and "hub-download" in entry.tags else None


def is_local(call: Call) -> bool:
    """Whether the model is said to be here: by an argument, a path, or a setting of the project."""
    given = {keyword.arg for keyword in call.node.keywords}
    if call.unpacks or given & _LOCAL or _is_offline(call.code.project):
        return True
    if call.entry is not None and call.entry.library == "docling":
        return bool(call.node.args or call.node.keywords)  # options of some kind, which may hold the path
    first = call.argument("pretrained_model_name_or_path", 0) or call.argument("model")
    text = call.code.text_of(first, call.function)
    return text.startswith(("/", "./", "../", "~")) or _is_path(first)


def _is_path(node: ast.expr | None) -> bool:
    """Whether an expression is about a folder by its own words."""
    return node is not None and bool(re.search(r"path|dir|folder|local|cache|Path\(", unparse(node), re.IGNORECASE))


@per_project
def _is_offline(project: Project) -> bool:
    return any("hub-offline" in module.practices for module in project.modules)
