"""What a path expression says about the file that it names: its words, an identity, whether it is new every time."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.model.syntax import children, unparse, walk
from brownout.model.tables import Binding, Class, Scope

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
UNIQUE = frozenset(
    """
    uuid uuid1 uuid4 uuid7 now utcnow today time strftime isoformat timestamp hex token mkstemp mkdtemp mktemp
    random randint monotonic hexdigest urlsafe getpid
    """.split()
)
_TEMPORARY = frozenset({"tmp", "temp", "temporary", "tempfile", "partial", "staging", "scratch", "part"})
_LAYERS = frozenset(
    """
    Path str PurePath fspath abspath realpath expanduser resolve absolute join joinpath with_suffix with_name
    format as_posix removesuffix AnyPath
    """.split()
)
_DEPTH = 6
CHOSEN = "$"
"""The key of a part that a caller chooses: a parameter, what a function makes of its arguments."""


@dataclass(slots=True)
class PathShape:
    """`words` are the lower-case words of names and literals in the path; `key` is equal for equal paths of a file."""

    words: set[str] = field(default_factory=set[str])
    keys: list[str] = field(default_factory=list[str])
    literals: list[str] = field(default_factory=list[str])
    calls: set[str] = field(default_factory=set[str])

    @property
    def key(self) -> str:
        """The identity: names of parameters do not count, what they are joined to does."""
        return "|".join(self.keys)

    @property
    def unique(self) -> bool:
        """Whether the path has a part that is new each time, such as a UUID or the date."""
        return not UNIQUE.isdisjoint(self.words | self.calls)

    @property
    def temporary(self) -> bool:
        """Whether the path is named as a temporary one."""
        return not _TEMPORARY.isdisjoint(self.words) or any(part.endswith((".tmp", ".part")) for part in self.literals)

    @property
    def suffix(self) -> str:
        """The last literal's file name extension, with its dot, lower case; empty where there is none."""
        name = self.literals[-1].rpartition("/")[2] if self.literals else ""
        return "." + name.rpartition(".")[2].lower() if "." in name else ""


def shape(node: ast.expr, function: Function, code: Code) -> PathShape:
    """The shape of a path expression evaluated in `function`."""
    found = PathShape()
    _collect(node, function.scope, code, found, 0)
    return found


def words_of(text: str) -> set[str]:
    """The lower-case words of an identifier or file name: `stateFile_v2.json` gives state, file, v, 2, json."""
    return {word.lower() for word in _WORD.findall(text)}


def _collect(node: ast.AST, scope: Scope, code: Code, found: PathShape, depth: int) -> None:
    if depth > _DEPTH:
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            found.words |= words_of(node.value)
            found.literals.append(node.value)
            found.keys.append(repr(node.value))
    elif isinstance(node, ast.Name):
        _name(node, scope, code, found, depth)
    elif isinstance(node, ast.Attribute):
        _attribute(node, scope, code, found, depth)
    elif isinstance(node, ast.Call):
        _call(node, scope, code, found, depth)
    elif isinstance(node, ast.Subscript):
        _collect(node.value, scope, code, found, depth + 1)
    else:
        for child in children(node):
            _collect(child, scope, code, found, depth + 1)


def _name(node: ast.Name, scope: Scope, code: Code, found: PathShape, depth: int) -> None:
    home: Scope | None = scope
    while home is not None and node.id not in home.bindings:
        home = home.parent
    bindings: list[Binding] = home.bindings[node.id] if home is not None else []
    found.words |= words_of(node.id)
    values = [binding.value for binding in bindings if binding.kind in ("assign", "with") and binding.value is not None]
    if len(values) == len(bindings) and values and home is not None:
        before = [value for value in values if value.lineno <= node.lineno]
        _collect((before or values)[-1], home, code, found, depth + 1)
        return
    if bindings and bindings[0].kind == "import" and bindings[0].symbol is not None:
        given = ast.literal_eval(code.project.links.constant(bindings[0].symbol) or "None")
        if isinstance(given, str):
            _collect(ast.Constant(given), scope, code, found, depth + 1)
            return
    local = home is scope and bindings and bindings[0].kind == "parameter"
    found.keys.append(CHOSEN if local else code.names.symbol(node, scope) or node.id)


def _attribute(node: ast.Attribute, scope: Scope, code: Code, found: PathShape, depth: int) -> None:
    if node.attr in ("parent", "name", "stem", "suffix"):
        _collect(node.value, scope, code, found, depth + 1)
        found.keys.append(f".{node.attr}")
        return
    found.words |= words_of(node.attr)
    owner = next((s.owner for s in _around(scope) if s.owner is not None), None)
    if owner is not None and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        bindings = _attribute_of(owner, node.attr, code)
        values = [(b.value, inner) for b, inner in bindings if b.value is not None and b.kind == "assign"]
        if len(values) == 1 and not isinstance(values[0][0], ast.Name):
            _collect(values[0][0], values[0][1], code, found, depth + 1)
            return
        found.keys.append(f"{code.names.full(owner.qualname)}.{node.attr}")
        return
    found.keys.append(code.names.symbol(node, scope) or unparse(node))


def _attribute_of(owner: Class, name: str, code: Code) -> list[tuple[Binding, Scope]]:
    """How a class, or one of its bases in the same file, gives an attribute its value."""
    if name not in owner.attributes:
        bases = {base.id for base in owner.node.bases if isinstance(base, ast.Name)}
        for other in code.module.classes:
            if other.qualname in bases and name in other.attributes:
                return other.attributes[name]
    return owner.attributes.get(name, [])


def _around(scope: Scope) -> list[Scope]:
    found: list[Scope] = []
    current: Scope | None = scope
    while current is not None:
        found.append(current)
        current = current.parent
    return found


def _call(node: ast.Call, scope: Scope, code: Code, found: PathShape, depth: int) -> None:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    symbol = code.names.symbol(node.func, scope) or ""
    if symbol.rpartition(".")[2] in _LAYERS:
        last = symbol.rpartition(".")[2]  # imported under another name
    found.calls |= words_of(last) | {last}
    if symbol.startswith("os."):
        pass  # the module is no part of the path
    elif isinstance(node.func, ast.Attribute) and last in _LAYERS | {"read_text", "open"}:
        _collect(node.func.value, scope, code, found, depth + 1)
    if last in _LAYERS:
        for argument in node.args:
            _collect(argument, scope, code, found, depth + 1)
    elif (helper := _helper(node, scope, code)) is not None:
        found.words |= words_of(last)
        _collect(helper.returns[0], helper.scope, code, found, depth + 1)
    else:
        found.words |= words_of(last)
        found.keys.append(f"{symbol or unparse(node.func)}()")
        if any(_is_chosen(argument, scope) for argument in node.args):
            found.keys.append(CHOSEN)


def _helper(node: ast.Call, scope: Scope, code: Code) -> Function | None:
    """The method of the same object that a call asks for a path, where it does nothing but return one."""
    if not isinstance(node.func, ast.Attribute) or not isinstance(node.func.value, ast.Name):
        return None
    owner = next((around.owner for around in _around(scope) if around.owner is not None), None)
    method = owner.methods.get(node.func.attr) if owner is not None and node.func.value.id in ("self", "cls") else None
    if method is None or len(method.returns) != 1 or isinstance(method.node, ast.Module | ast.Lambda):
        return None
    only = [
        part for part in method.node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
    ]
    return method if len(only) == 1 and isinstance(only[0], ast.Return) else None


def _is_chosen(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression holds a parameter of the function other than `self`."""
    for part in walk(node):
        if isinstance(part, ast.Name) and part.id not in ("self", "cls"):
            bindings = scope.bindings.get(part.id, ())
            if bindings and bindings[0].kind == "parameter":
                return True
    return False
