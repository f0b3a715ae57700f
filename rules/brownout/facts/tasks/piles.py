"""Dictionaries that live as long as the process and get a new key from each request, and nothing ever takes one out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.intake.uploads import parameter_of
from brownout.facts.nodes import own
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Binding, Class, Function

_EMPTY = re.compile(r"^(\{\}|dict\(\)|(collections\.)?(OrderedDict|defaultdict)\(.*\))$")
_CACHES = re.compile(r"cache|memo|seen|results?$|history|buffers?$", re.IGNORECASE)
_SMALL = re.compile(
    r"client|engine|conn|lock|handler|plugin|provider|driver|regist|metric|setting|config|model|semaphore|limiter|pool|"
    r"task|socket|subscri|listener|active",
    re.IGNORECASE,
)
_ASKED = frozenset({"route", "websocket"})
_FEW = frozenset({"bool", "Literal", "Enum", "type", "Type"})


@dataclass(slots=True)
class Pile:
    """An assignment that gives a lasting dictionary one more key."""

    node: ast.Subscript
    name: str
    function: Function


def growing(code: Code) -> Iterator[Pile]:
    """The first place for each lasting dictionary of a file where a request gives it a new key."""
    for name, home in _lasting(code) if code.requested else ():
        if _is_emptied(name, code.module.text):
            continue
        for function in code.requested:
            if home is None or function.owner is home:
                node = _filled(name, function, code)
                if node is not None:
                    yield Pile(node, name, function)
                    break


def _lasting(code: Code) -> Iterator[tuple[str, Class | None]]:
    """The dictionaries of a module, and those of objects that the module makes once, by the name of a cache."""
    for name, bindings in code.module.scope.bindings.items():
        if _is_cache(name, bindings) and code.names.full(name) not in _imported(code.project):
            yield name, None
    for owner in code.module.classes:
        if code.names.full(owner.qualname) in _made_once(code.project):
            for name, found in owner.attributes.items():
                if _is_cache(name, [binding for binding, _ in found]):
                    yield f"self.{name}", owner


def _is_cache(name: str, bindings: list[Binding]) -> bool:
    value = bindings[0].value if len(bindings) == 1 else None
    if value is None or not _CACHES.search(name) or _SMALL.search(name):
        return False
    return _EMPTY.match(unparse(value)) is not None


def _is_emptied(name: str, text: str) -> bool:
    """Whether the file takes something out, looks at the size, or hands the dictionary on."""
    plain = re.escape(name)
    return (
        re.search(
            rf"{plain}\s*\.\s*(pop|popitem|clear)\b|\bdel\s+{plain}|len\(\s*{plain}\s*\)|[(,=]\s*{plain}\s*[,)\n]|"
            rf"for\s+[^\n]*\bin\s+(list\()?{plain}\b",
            text,
        )
        is not None
    )


def _filled(name: str, function: Function, code: Code) -> ast.Subscript | None:
    """The assignment in a function that gives the dictionary a key which comes with the request."""
    for node in own(function.node):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and unparse(target.value) == name:
                    if _comes_with_request(target.slice, function, code):
                        return target
    return None


def _comes_with_request(key: ast.expr, function: Function, code: Code) -> bool:
    """Whether a key is made of a parameter that may have any value, or is new each time."""
    names = {part.id for part in walk(key) if isinstance(part, ast.Name)}
    for name in list(names):
        for binding in function.scope.bindings.get(name, ()):
            if binding.kind == "assign" and binding.value is not None:
                names |= {part.id for part in walk(binding.value) if isinstance(part, ast.Name)}
    sent = _sent(function, code)
    for parameter in function.parameters:
        if parameter.arg in names & sent:
            words = {getattr(part, "id", getattr(part, "attr", "")) for part in _annotation(parameter)}
            if not words & _FEW:
                return True
    return False


def _sent(function: Function, code: Code) -> set[str]:
    """The parameters of a function that a client gives: of a route, and those to which a route hands its own on."""
    if any(point.kind in _ASKED for point in code.points(function)):
        return {parameter.arg for parameter in function.parameters}
    summary = code.summary(function)
    found: set[str] = set()
    for edge in code.project.graph.callers.get(summary.name, ()) if summary is not None else ():
        if summary is not None and any(
            point.kind in _ASKED for point in code.project.entry_points.get(edge.caller.name, ())
        ):
            keys = (key for key, form in edge.row.arguments if form.startswith("$"))
            found |= {name for key in keys if (name := parameter_of(summary, key)) is not None}
    return found - {"self", "cls"}


def _annotation(parameter: ast.arg) -> list[ast.AST]:
    return list(walk(parameter.annotation)) if parameter.annotation is not None else []


@per_project
def _imported(project: Project) -> frozenset[str]:
    """What other files import: whether they take something out is not known."""
    return frozenset(
        symbol
        for module in project.modules
        for name, symbol in module.exports.items()
        if symbol is not None and symbol != f"{module.name}.{name}"
    )


@per_project
def _made_once(project: Project) -> frozenset[str]:
    """The classes of which only modules make objects, at their top level."""
    places: dict[str, set[bool]] = {}
    for function, row in project.rows():
        target = project.links.target(row.symbol)
        if target in project.links.classes:
            places.setdefault(target, set()).add(function.qualname == "<module>")
    return frozenset(name for name, found in places.items() if found == {True})
