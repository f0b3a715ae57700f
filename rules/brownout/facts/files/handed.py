"""Paths that callers give to a function which opens what it is given: what the function itself cannot tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts.effects import Edge, Step
from brownout.facts.entrypoints import SERVICE_KINDS
from brownout.facts.files.files import KEEPERS, Access, is_state
from brownout.facts.nodes import names_in
from brownout.facts.paths import CHOSEN, FILE_WORDS, LOST, PathShape, literal, words_of
from brownout.facts.paths import shape as shape_of
from brownout.facts.practices import is_tooling
from brownout.facts.project import Project, per_project
from brownout.facts.rows import CallRow
from brownout.facts.summary import FunctionSummary
from brownout.model.defaults import default_of
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_DEPTH = 3
_STARTS = frozenset({"startup", "lifespan", "shutdown"})
_KEPT = re.compile(r"(\w+\.)+\w+")
_MOVES = frozenset({"replace", "rename", "renames", "move", "link"})


@dataclass(frozen=True, slots=True)
class Given:
    """A path that `caller` gives in the call `step`; without a step, the default of the function itself."""

    shape: PathShape
    step: Step | None
    caller: FunctionSummary
    caught: tuple[str, ...]
    """What handlers around the call stop."""

    @property
    def notes(self) -> list[Note]:
        """Where it is given."""
        return [] if self.step is None else [Note(self.step.location, "this call gives it the file")]


def given(path: ast.expr, shape: PathShape, call: Call) -> Iterator[Given]:
    """What the service's functions give for the parameter that a call opens as `path`; nothing where it opens more."""
    function, names = call.function, names_behind(path, call.function)
    if shape.keys != [CHOSEN]:
        function, names = _constructor(path, call.function)
    summary = call.code.summary(function)
    parameters = [parameter for parameter in function.parameters if parameter.arg in names]
    if summary is None or len(parameters) != 1:
        return
    yield from _given(summary, parameters[0].arg, call.code.project, 0)
    default = default_of(function, parameters[0])
    left_out = None if default is None else shape_of(default, function, call.code)
    if left_out is not None and _is_known(left_out):
        yield Given(left_out, None, summary, ())


def names_behind(path: ast.expr, function: Function) -> set[str]:
    """The names in a path, and those in what its local names are bound to: `target` of `path = Path(target)`."""
    found = names_in(path)
    for _ in range(_DEPTH):
        bindings = [one for name in found for one in function.scope.bindings.get(name, ())]
        found |= {name for one in bindings if one.kind == "assign" for name in names_in(one.value)}
    return found


def state_given(access: Access, code: Code) -> tuple[Given, str] | None:
    """A caller that gives a writing function a file of the service's state, and why it is its state."""
    read = read_back(code.project)
    for one in given(access.path, access.shape, access.call):
        why = is_state(replace(access, shape=one.shape), read)
        if why is not None:
            return one, why
    return None


def _constructor(node: ast.expr, function: Function) -> tuple[Function, set[str]]:
    """Where a path is an attribute of `self`: the method that was given it, and by which parameter."""
    owner = function.owner
    if owner is None or not isinstance(node, ast.Attribute) or unparse(node.value) != "self":
        return function, set()
    found = owner.attributes.get(node.attr, [])
    value = found[0][0].value if len(found) == 1 else None
    if isinstance(value, ast.Call) and len(value.args) == 1 and unparse(value.func).endswith(("Path", "str")):
        value = value.args[0]
    maker = found[0][1].function if value is not None else None
    return (function, set()) if maker is None or not isinstance(value, ast.Name) else (maker, {value.id})


def _given(function: FunctionSummary, parameter: str, project: Project, depth: int) -> Iterator[Given]:
    for edge in project.graph.callers.get(function.name, ()):
        caller = edge.caller
        if not _judged(caller, project) or _puts_in_place(caller):
            continue
        form, found = _argument(edge, function, parameter, project)
        if form.startswith("$") and form[1:] in caller.parameters:
            if depth < _DEPTH:
                yield from _given(caller, form[1:], project, depth + 1)
        elif found is not None and _is_known(found):
            found.words |= kept_by(found, caller)
            yield Given(found, edge.step, caller, edge.row.caught)


def kept_by(found: PathShape, caller: FunctionSummary) -> set[str]:
    """What the caller's class says of a file that has no name of its own: `f"{key}.json"` of `Checkpoints`."""
    if not found.literals or words_of(found.literals[-1].rpartition(".")[0]):
        return set()
    return words_of((caller.owner or "").rpartition(".")[2]) & KEEPERS


def _is_known(found: PathShape) -> bool:
    """Whether a path is written out, or is a setting; an element of something is neither."""
    return bool(found.literals) or (len(found.keys) == 1 and "." in found.keys[0] and found.keys[0][-1] != ")")


def _argument(edge: Edge, function: FunctionSummary, parameter: str, project: Project) -> tuple[str, PathShape | None]:
    """The form of what a call gives for a parameter, and the path that it is."""
    position = function.parameters.index(parameter)
    if function.owner is not None and function.parameters[:1] in (("self",), ("cls",)):
        position -= 1
    if edge.elsewhere is not None:  # `to_thread(save, path)`: the function itself comes first
        entry = project.links.entry(edge.row.symbol)
        if entry is None or entry.offload is None or entry.offload.position is None:
            return "?", None
        position += entry.offload.position + 1
    for key in (parameter, position):
        built = dict(edge.row.paths).get(key)
        if built is not None:
            return "?", project.links.joined(built)
        form = dict(edge.row.arguments).get(key)
        if form is not None:
            return form, _of_form(form, project)
    return "?", None


def _of_form(form: str, project: Project) -> PathShape | None:
    if form[:2] in ("='", '="'):
        return literal(ast.literal_eval(form[1:]))
    if form.startswith("@") and form.rpartition(".")[2].isidentifier():
        return project.links.path(form[1:]) or PathShape(words_of(form.rpartition(".")[2]), [form[1:]])
    return None


def _puts_in_place(caller: FunctionSummary) -> bool:
    """Whether a caller renames files itself: what it lets write is not the live file yet."""
    return any(row.text.rpartition(".")[2] in _MOVES for row in caller.calls)


def _judged(caller: FunctionSummary, project: Project) -> bool:
    """Whether failures of a caller hurt a service; tests, commands and builds give other paths."""
    kinds = project.contexts.get(caller.name, frozenset())
    if caller.path in _tests(project):
        return False
    return bool(kinds & (SERVICE_KINDS | _STARTS)) if kinds else not is_tooling(caller.path)


@per_project
def _tests(project: Project) -> frozenset[str]:
    return frozenset(module.path for module in project.modules if module.is_test)


@per_project
def read_back(project: Project) -> frozenset[str]:
    """The keys of the paths that the service reads, each itself or through a function that is given it."""
    return _opened_to("r", project)


@per_project
def written_to(project: Project) -> frozenset[str]:
    """The keys of the paths that the service writes, each itself or through a function that is given it."""
    return _opened_to("w", project)


def _opened_to(mode: str, project: Project) -> frozenset[str]:
    found: set[str] = set()
    for function, row in _openings(project):
        opened = _opened(row, mode, project)
        if isinstance(opened, PathShape):
            found.add(opened.key)
        elif opened is not None and opened in function.parameters:
            found |= {one.shape.key for one in _given(function, opened, project, 0)}
    return frozenset(key for key in found if is_one_file(key.split("|")))


@per_project
def _openings(project: Project) -> list[tuple[FunctionSummary, CallRow]]:
    """The calls of the project that may open a file to read or to write it."""
    return [
        (function, row)
        for function, row in project.rows()
        if (target := project.links.target(row.symbol)) in _OPENERS or (target or "").startswith("pathlib.Path.")
    ]


def is_one_file(parts: Sequence[str]) -> bool:
    """Whether a path is the same wherever it is written so: nobody chooses a part, and some of it is written out."""
    if (
        len(parts) == 1
        and _KEPT.fullmatch(parts[0])
        and not words_of(parts[0].rpartition(".")[2]).isdisjoint(FILE_WORDS)
    ):
        return True  # an attribute that says that it is a file's path: `Store.path`
    return CHOSEN not in parts and LOST not in parts and any(part[:1] in ("'", '"') for part in parts)


_OPENERS = frozenset({"builtins.open", "io.open", "gzip.open", "aiofiles.open"})
_METHODS = {"r": ("read_text", "read_bytes", "open"), "w": ("write_text", "write_bytes", "open")}


def _opened(row: CallRow, wanted: str, project: Project) -> str | PathShape | None:
    """What a call opens to read or to write: a name, which may be a parameter, or a path."""
    target = project.links.target(row.symbol) or ""
    receiver, _, method = row.text.rpartition(".")
    arguments = dict(row.arguments)
    is_path = target.startswith("pathlib.Path.") and method in _METHODS[wanted]
    if not is_path and target not in _OPENERS:
        return None
    position = 0 if is_path else 1
    mode = arguments.get(position, arguments.get("mode", "='r'")) if method in ("open", "") else f"='{wanted}'"
    if mode[2:3] != wanted:
        return None
    built = dict(row.paths).get("." if is_path else 0)
    if built is not None:
        return project.links.joined(built)
    form = arguments.get(0, "?")
    if is_path:
        return receiver
    return form[1:] if form.startswith("$") else _of_form(form, project)
