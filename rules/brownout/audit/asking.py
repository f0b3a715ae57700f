"""How a client asks an entry point: method, path, and a body made from what the function takes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from brownout.audit.data import Request
from brownout.audit.material import Material
from brownout.facts.code import Code
from brownout.facts.failing.endings import Arrival
from brownout.model.syntax import unparse
from brownout.model.tables import Class, Function

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY", "WS")
_BODIES = ("POST", "PUT", "PATCH")
_PLAIN: dict[str, object] = {"str": "text", "int": 1, "float": 1.0, "bool": True, "dict": {}, "Any": "text"}
_FILE = re.compile(r"\b(UploadFile|File)\b")
_FORM = re.compile(r"\bForm\b")
_GIVEN = re.compile(
    r"\b(Depends|Security|Request|Response|WebSocket|BackgroundTasks|HTTPConnection|Header|Cookie|Path)\b"
)
_PART = re.compile(r"[{<](?:\w+:)?(\w+)(?::\w+)?[}>]")
_NUMBER = re.compile(r"<(?:int|float):|:int}")
_DEPTH = 3


def request(arrival: Arrival, material: Material) -> Request | None:
    """The request that reaches an entry point; None for what no client asks."""
    method, _, path = arrival.label.partition(" (")[0].partition(" ")
    if method not in _VERBS or not path.startswith("/"):
        return None
    code = material.codes[arrival.path]
    function = code.function_named(arrival.name)
    method = "GET" if method == "ANY" else method
    if function is None:
        return Request(method, path)
    takes = _Takes(material, code, function, frozenset(_PART.findall(path)))
    body = json.dumps(takes.body) if method in _BODIES and takes.body is not None else ""
    return Request(method, _template(path, takes.numbers), tuple(takes.query), tuple(takes.files), body)


def _template(path: str, numbers: set[str]) -> str:
    """The path with `1` for numbers and `{name}` for everything that must exist."""

    def shown(match: re.Match[str]) -> str:
        name = match[1]
        plain = name in numbers or _NUMBER.match(match[0]) is not None
        return "1" if plain and not name.lower().endswith(("id", "pk")) else f"{{{name}}}"

    return _PART.sub(shown, path)


class _Takes:
    """What the parameters of a route stand for: files, a body, words of the query."""

    def __init__(self, material: Material, code: Code, function: Function, in_path: frozenset[str]) -> None:
        self.material = material
        self.numbers: set[str] = set()
        self.files: list[str] = []
        self.query: list[str] = []
        self.body: object = None
        bodies: dict[str, object] = {}
        for argument, default in _parameters(function):
            if argument.annotation is None or argument.arg in ("self", "cls"):
                continue
            text = unparse(argument.annotation) + (f" = {unparse(default)}" if default is not None else "")
            if argument.arg in in_path:
                self.numbers |= {argument.arg} if text.startswith(("int", "float")) else set()
            elif _FILE.search(text):
                self.files.append(argument.arg)
            elif _FORM.search(text):
                self.query.append(argument.arg)
            elif not _GIVEN.search(text):
                self._plain(argument, default, code, function, bodies)
        if bodies:
            self.body = next(iter(bodies.values())) if len(bodies) == 1 else bodies

    def _plain(
        self, argument: ast.arg, default: ast.expr | None, code: Code, function: Function, bodies: dict[str, object]
    ) -> None:
        """A model makes the body; a plain value without a default is a word of the query."""
        annotation = argument.annotation
        assert annotation is not None
        owner = self.material.class_named(code.target(annotation, function))
        is_class = owner is not None and (code.symbol(annotation, function) or "").endswith(owner[0].name)
        if owner is not None and is_class and _is_model(*owner):  # an alias may hold `Depends`
            bodies[argument.arg] = _example(owner[0], owner[1], self.material, 0)
        elif default is None and isinstance(annotation, ast.Name) and annotation.id in ("str", "int", "float", "bool"):
            self.query.append(argument.arg)


def _parameters(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    node = function.node
    if isinstance(node, ast.Module):
        return
    positional = [*node.args.posonlyargs, *node.args.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
    yield from zip(positional, [*missing, *node.args.defaults], strict=True)
    yield from zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)


def _is_model(owner: Class, code: Code) -> bool:
    """Whether a class describes a body: a model of pydantic, or a dataclass."""
    links = code.project.links
    bases = [code.catalog.canonical(base) for base in links.mro(code.names.full(owner.qualname))]
    if any(base.rpartition(".")[2] in ("BaseModel", "SQLModel") for base in bases):
        return True
    return any("dataclass" in unparse(decorator) for decorator in owner.node.decorator_list)


def _example(owner: Class, code: Code, material: Material, depth: int) -> dict[str, object]:
    """The fields that must be given, each with a value of its type."""
    found: dict[str, object] = {}
    for node in owner.node.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or _has_default(node.value):
            continue
        found[node.target.id] = _value(node.annotation, owner, code, material, depth)
    return found


def _has_default(value: ast.expr | None) -> bool:
    """Whether a field need not be given: `= 1`, `= Field(default=…)`, `= Field(1)`, but not `= Field(max_length=3)`."""
    if not isinstance(value, ast.Call) or not unparse(value.func).endswith(("Field", "field")):
        return value is not None
    given = [unparse(argument) for argument in value.args[:1]]
    given += [unparse(k.value) for k in value.keywords if k.arg in ("default", "default_factory")]
    return bool(given) and given[0] not in ("...", "Ellipsis")


def _value(node: ast.expr, owner: Class, code: Code, material: Material, depth: int) -> object:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.parse(node.value, mode="eval").body if node.value.isidentifier() else node
    if isinstance(node, ast.BinOp):
        return _value(node.left, owner, code, material, depth)
    if isinstance(node, ast.Subscript):
        return _generic(node, owner, code, material, depth)
    if isinstance(node, ast.Name) and node.id in _PLAIN:
        return _PLAIN[node.id]
    symbol = code.names.symbol(node, owner.outer)
    found = material.class_named(code.project.links.target(symbol)) if depth < _DEPTH else None
    if found is None:
        return "text"
    if _is_model(*found):
        return _example(*found, material, depth + 1)
    return _member(found[0])


def _generic(node: ast.Subscript, owner: Class, code: Code, material: Material, depth: int) -> object:
    name = unparse(node.value).rpartition(".")[2]
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in ("list", "List", "set", "Set", "Sequence", "tuple", "Tuple", "Iterable"):
        return [_value(parts[0], owner, code, material, depth)]
    if name == "Literal" and isinstance(parts[0], ast.Constant):
        return parts[0].value
    if name in ("Optional", "Annotated"):
        return _value(parts[0], owner, code, material, depth)
    return {} if name in ("dict", "Dict", "Mapping") else "text"


def _member(owner: Class) -> object:
    """The first member of an enumeration."""
    for node in owner.node.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return node.value.value
    return "text"
