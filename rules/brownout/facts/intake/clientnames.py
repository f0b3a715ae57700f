"""Names that clients choose, followed through assignments and calls until they are joined into a path."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts.effects import Step
from brownout.facts.intake.uploads import parameter_of
from brownout.facts.project import Project, per_project
from brownout.model.defaults import default_of
from brownout.model.syntax import own, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_UPLOADS = frozenset(
    {
        "starlette.datastructures.UploadFile",
        "fastapi.UploadFile",
        "werkzeug.datastructures.FileStorage",
        "werkzeug.datastructures.file_storage.FileStorage",
    }
)
"""Files whose name is what the client wrote; Django's `UploadedFile.name` keeps no more than the last part of it."""
_CHECKS = frozenset({"is_relative_to", "commonpath", "commonprefix", "relative_to"})
_OPENS = frozenset({"aiofiles.open", "io.open", "builtins.open"})
_JOINS = frozenset({"join", "joinpath"})
_RESOLVERS = frozenset({"resolve", "realpath", "abspath", "normpath", "absolute"})


@dataclass(slots=True)
class Join:
    """A join of a path with a client's name: the whole expression, the name in it, and how the name got here."""

    node: ast.expr
    name: ast.expr
    function: Function
    notes: list[Note]
    fixable: bool


def joins(code: Code) -> Iterator[Join]:
    """The unchecked joins of a file."""
    given = _given(code.project)
    may_have_source = ".filename" in code.module.text
    for function in code.functions:
        if isinstance(function.node, ast.Module | ast.Lambda):
            continue
        parameters = given.get(code.names.full(function.qualname), {})
        if not parameters and not may_have_source and not code.points(function):
            continue
        names = _Tainted(function, code, parameters, may_have_source=may_have_source)
        if names.has_source:
            yield from names.joins()


@per_project
def _given(project: Project) -> dict[str, dict[str, Step]]:
    """For each function the parameters that some call gives a client's name, with the place of that call."""
    found: dict[str, dict[str, Step]] = {}
    todo = [
        (function, row, key, "")
        for function in project.links.functions.values()
        for row in function.calls
        for key, form in row.arguments
        if form.endswith(".filename") and form.startswith("@") and is_source(form[1:], project)
    ]
    while todo:
        function, row, key, _ = todo.pop()
        callee = project.links.callee(row.symbol)
        parameter = parameter_of(callee, key) if callee is not None else None
        if callee is None or parameter is None or parameter in found.get(callee.name, {}):
            continue
        found.setdefault(callee.name, {})[parameter] = Step(function.path, row.place, row.text, callee.name)
        for inner in callee.calls:
            todo.extend((callee, inner, name, "") for name, form in inner.arguments if form == f"${parameter}")
    return found


def _handed_on(step: Step) -> Note:
    return Note(step.location, "the client's name is handed on here")


def is_source(symbol: str | None, project: Project) -> bool:
    """Whether a symbol is the file name of an upload."""
    if symbol is None or not symbol.endswith(".filename"):
        return False
    owner = project.links.target(symbol.rpartition(".")[0])
    if owner is None or not owner.endswith("()"):
        return False
    return project.catalog.canonical(owner[:-2]) in _UPLOADS


class _Tainted:
    """The names of one function that hold what a client chose."""

    def __init__(self, function: Function, code: Code, parameters: dict[str, Step], *, may_have_source: bool) -> None:
        self.function = function
        self.code = code
        self.parameters = parameters
        self.names: dict[str, list[Note]] = {name: [_handed_on(step)] for name, step in parameters.items()}
        self.names.update((name, []) for name in _sent(function, code))
        self.has_source = bool(self.names) or (
            may_have_source
            and any(isinstance(node, ast.Attribute) and self.is_source(node) for node in own(self.function.node))
        )
        if self.has_source:
            self._follow()

    def is_source(self, node: ast.Attribute) -> bool:
        return node.attr == "filename" and is_source(self.code.symbol(node, self.function), self.code.project)

    def _follow(self) -> None:
        for _ in range(3):
            for name, bindings in self.function.scope.bindings.items():
                values = [b.value for b in bindings if b.kind in ("assign", "for") and b.value is not None]
                if values and name not in self.names and all(self.notes_of(value) is not None for value in values):
                    self.names[name] = self.notes_of(values[0]) or []

    def notes_of(self, node: ast.expr) -> list[Note] | None:
        """How a client's name got into an expression; None where it did not, or was made harmless."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            return [] if self.is_source(node) else None
        if isinstance(node, ast.BoolOp):
            return next((found for value in node.values if (found := self.notes_of(value)) is not None), None)
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            return next((found for part in parts if (found := self.notes_of(part)) is not None), None)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            left = self.notes_of(node.left)
            return left if left is not None else self.notes_of(node.right)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Await | ast.NamedExpr):
            return self.notes_of(node.value)
        return None

    def _of_call(self, node: ast.Call) -> list[Note] | None:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if last in ("strip", "lower", "replace", "removeprefix", "lstrip", "rstrip", "encode", "decode", "casefold"):
            if isinstance(node.func, ast.Attribute) and not (last == "replace" and _drops_separators(node)):
                return self.notes_of(node.func.value)
        if last in ("str", "unquote") and node.args:
            return self.notes_of(node.args[0])
        return None

    def joins(self) -> Iterator[Join]:
        if self._is_checked():
            return
        for node in own(self.function.node):
            name = self._joined(node)
            if name is not None:
                notes = self.notes_of(name) or []
                place = node.value if isinstance(node, ast.Assign) else node
                assert isinstance(place, ast.expr)
                yield Join(place, name, self.function, notes, isinstance(name, ast.Name | ast.Attribute))

    def _joined(self, node: ast.AST) -> ast.expr | None:
        """The client's name in a join, or None."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return node.right if self.notes_of(node.right) is not None else None
        if isinstance(node, ast.Call):
            if all(self.notes_of(part) is None for part in node.args):
                return None
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            joins = last in _JOINS or self.code.target(node.func, self.function) == "os.path.join"
            if joins and not isinstance(getattr(node.func, "value", None), ast.Constant):
                return next((part for part in node.args if self.notes_of(part) is not None), None)
            by_name = last in ("open", "Path", "write_bytes", "FileResponse", "send_file") and isinstance(
                node.func, ast.Name
            )
            if (by_name or last == "save" or self.code.target(node.func, self.function) in _OPENS) and node.args:
                first = node.args[0]
                if isinstance(first, ast.JoinedStr | ast.BinOp) and self.notes_of(first) is not None:
                    return first if _has_directory(first) else None
                if len(node.args) > 1 and last == "Path":
                    return next((part for part in node.args[1:] if self.notes_of(part) is not None), None)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.JoinedStr | ast.BinOp):
            value = node.value
            plain = not isinstance(value, ast.BinOp) or isinstance(value.op, ast.Add)
            if plain and not _is_address(value) and not any(_is_address(target) for target in node.targets):
                return value if self.notes_of(value) is not None and _has_directory(value) else None
        return None

    def _is_checked(self) -> bool:
        """Whether the function checks where a path ends up, or what a name contains."""
        nodes = list(own(self.function.node))
        attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        if attributes & _CHECKS or ("startswith" in attributes and attributes & _RESOLVERS):
            return True
        return any(
            isinstance(node, ast.If | ast.IfExp | ast.Assert | ast.While) and self._is_test(node.test) for node in nodes
        )

    def _is_test(self, test: ast.expr) -> bool:
        """Whether a condition looks at what a name contains: for separators, by a pattern, by a function, in a list."""
        for part in walk(test):
            if isinstance(part, ast.Compare):
                operands = [part.left, *part.comparators]
                if any(isinstance(one, ast.Constant) and one.value in _SEPARATORS for one in operands):
                    return True
                if isinstance(part.ops[0], ast.In | ast.NotIn) and self.notes_of(part.left) is not None:
                    return True
            elif isinstance(part, ast.Call):
                last = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
                given = any(self.notes_of(argument) is not None for argument in part.args)
                if given and last not in ("len", "isinstance", "bool", "str", "exists", "isfile", "isdir"):
                    return True
        return False


def _sent(function: Function, code: Code) -> Iterator[str]:
    """The text parameters of a route that come from a query, a form or a path with slashes in it."""
    if not any(point.kind == "route" for point in code.points(function)):
        return
    templates = [
        part.value
        for decorator in function.decorators
        if isinstance(decorator, ast.Call)
        for part in decorator.args[:1]
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    web = any(point.registrar.partition(".")[0] in ("fastapi", "starlette") for point in code.points(function))
    for parameter in function.parameters:
        name = parameter.arg
        if any(re.search(rf"\{{{name}:path\}}|<path:{name}>", template) for template in templates):
            yield name
        elif web and _is_text(parameter.annotation) and templates and not any(f"{{{name}" in one for one in templates):
            if not _has_pattern(default_of(function, parameter)):
                yield name


def _is_text(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "str"


def _has_pattern(default: ast.expr | None) -> bool:
    """Whether a parameter's `Query(…)` or `Form(…)` has a pattern, or is a dependency's own matter."""
    if not isinstance(default, ast.Call):
        return False
    last = default.func.attr if isinstance(default.func, ast.Attribute) else getattr(default.func, "id", "")
    return last in ("Depends", "Security", "Header", "Cookie") or any(
        keyword.arg in ("pattern", "regex") for keyword in default.keywords
    )


_ADDRESS = re.compile(r"(^|_)(url|uri|href|endpoint|link|route|host)s?($|_)", re.IGNORECASE)
_SEPARATORS = ("..", "/", "\\", "../")


def _drops_separators(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value in ("/", "\\", "..", "../")


def _is_address(node: ast.expr) -> bool:
    """Whether names or texts in an expression speak of a URL, which is no path on a disk."""
    for part in walk(node):
        word = part.id if isinstance(part, ast.Name) else getattr(part, "attr", None)
        if isinstance(word, str) and _ADDRESS.search(word):
            return True
        if (
            isinstance(part, ast.Constant)
            and isinstance(part.value, str)
            and ("://" in part.value or "?" in part.value)
        ):
            return True
    return False


def _has_directory(node: ast.expr) -> bool:
    """Whether a text has a part before the name that ends in a slash."""
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and "/" in part.value for part in walk(node)
    )
