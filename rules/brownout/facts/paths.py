"""What a path expression says about the file that it names: its words, an identity, whether it is new every time."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.model.names import Names
from brownout.model.syntax import children, unparse, walk
from brownout.model.tables import Binding, Class, Scope

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.facts.link import Links
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
_PUT_TOGETHER = _LAYERS - {"str", "format"}
_LIKE_A_PATH = re.compile(r"/|\.[a-z]{2,5}$")
_NAMED = (ast.Name, ast.Attribute)
_DEPTH = 10
FILE_WORDS = frozenset({"path", "file", "filename", "filepath"})
"""Words in the name of an attribute that say that it is the path of a file."""
CHOSEN = "$"
"""The key of a part that a caller chooses: a parameter, what a function makes of its arguments."""
LOST = "?"
"""The key of a part that lies too deep to be read: nothing is known of it."""


@dataclass(slots=True)
class PathShape:
    """`words` are the lower-case words of names and literals in the path; `key` is equal for equal paths of a file."""

    words: set[str] = field(default_factory=set[str])
    keys: list[str] = field(default_factory=list[str])
    literals: list[str] = field(default_factory=list[str])
    calls: set[str] = field(default_factory=set[str])

    def add(self, other: PathShape) -> None:
        """Take in what another path says, as the next part of this one."""
        self.words |= other.words
        self.keys += other.keys
        self.literals += other.literals
        self.calls |= other.calls

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
    return _Reader(code.names, code.project.links).read(node, function.scope)


def sketch(node: ast.expr, scope: Scope, names: Names) -> PathShape | None:
    """The shape of an expression that puts a path together, as far as its own file tells; None for another one."""
    if node.__class__ is ast.Constant:
        return None
    told = _stands_for_path(node, scope, names) if isinstance(node, _NAMED) else _builds(node)
    return _Reader(names, None).read(node, scope) if told else None


def literal(text: str) -> PathShape:
    """The shape of a path that is written out."""
    return PathShape(words_of(text), [repr(text)], [text])


def _stands_for_path(node: ast.Name | ast.Attribute, scope: Scope, names: Names) -> bool:
    """Whether a name, or an attribute of `self`, is bound once, to an expression that puts a path together."""
    if isinstance(node, ast.Name):
        home = _home(node.id, scope)
        bindings = home.bindings[node.id] if home is not None else ()
        return len(bindings) == 1 and bindings[0].kind == "assign" and _is_path(bindings[0].value)
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        owner = _owner(scope)
        found = [] if owner is None else _attributes_of(owner, node.attr, names)
        if len(found) != 1 or found[0][0].kind != "assign":
            return False
        value = found[0][0].value
        given = isinstance(value, ast.Name) and not words_of(node.attr).isdisjoint(FILE_WORDS)
        return given or _is_path(value)
    return False


def _is_path(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _LIKE_A_PATH.search(node.value) is not None
    return _builds(node)


def _builds(node: ast.expr | None) -> bool:
    """Whether an expression puts a path together: `BASE / "x"`, `Path(…)`, `os.path.join(…)`, `f"{base}/x"`."""
    if isinstance(node, ast.BinOp):
        parts = [part.value for part in walk(node) if isinstance(part, ast.Constant)]
        texts = [part for part in parts if isinstance(part, str)]
        return bool(texts) and (isinstance(node.op, ast.Div) or any(map(_LIKE_A_PATH.search, texts)))
    if isinstance(node, ast.JoinedStr):
        texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        return any(map(_LIKE_A_PATH.search, texts))
    if isinstance(node, ast.Call):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return last in _PUT_TOGETHER
    return False


def words_of(text: str) -> set[str]:
    """The lower-case words of an identifier or file name: `stateFile_v2.json` gives state, file, v, 2, json."""
    return {word.lower() for word in _WORD.findall(text)}


@dataclass(slots=True)
class _Reader:
    """Reads one path expression of a file; `links` knows the names of other files, where they are joined already."""

    names: Names
    links: Links | None
    found: PathShape = field(default_factory=PathShape)

    def read(self, node: ast.AST, scope: Scope, depth: int = 0) -> PathShape:
        """Collect what an expression says, through names that are bound once."""
        if depth > _DEPTH:
            self.found.keys.append(LOST)
            return self.found
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self.found.add(literal(node.value))
        elif isinstance(node, ast.Name):
            self._name(node, scope, depth)
        elif isinstance(node, ast.Attribute):
            self._attribute(node, scope, depth)
        elif isinstance(node, ast.Call):
            self._call(node, scope, depth)
        elif isinstance(node, ast.Subscript):
            self.read(node.value, scope, depth + 1)
        else:
            for child in children(node):
                self.read(child, scope, depth + 1)
        return self.found

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> None:
        home = _home(node.id, scope)
        bindings = home.bindings[node.id] if home is not None else []
        self.found.words |= words_of(node.id)
        values = [one.value for one in bindings if one.kind in ("assign", "with") and one.value is not None]
        if len(values) == len(bindings) and values and home is not None:
            before = [value for value in values if value.lineno <= node.lineno]
            self.read((before or values)[-1], home, depth + 1)
            return
        if bindings and bindings[0].kind == "import" and self.links is not None:
            elsewhere = self.links.path(bindings[0].symbol)
            if elsewhere is not None:
                self.found.add(elsewhere)
                return
        local = home is scope and bindings and bindings[0].kind == "parameter"
        self.found.keys.append(CHOSEN if local else self.names.symbol(node, scope) or node.id)

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> None:
        if node.attr in ("parent", "name", "stem", "suffix"):
            self.read(node.value, scope, depth + 1)
            self.found.keys.append(f".{node.attr}")
            return
        self.found.words |= words_of(node.attr)
        owner = _owner(scope)
        if owner is not None and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            bindings = _attributes_of(owner, node.attr, self.names)
            values = [(b.value, inner) for b, inner in bindings if b.value is not None and b.kind == "assign"]
            kept = f"{self.names.full(owner.qualname)}.{node.attr}"
            if len(values) == 1 and not isinstance(values[0][0], ast.Name):
                begins = len(self.found.keys)
                self.read(values[0][0], values[0][1], depth + 1)
                # who made the object has chosen, once: for its methods it is one and the same
                self.found.keys[begins:] = [kept if key == CHOSEN else key for key in self.found.keys[begins:]]
                return
            self.found.keys.append(kept)
            return
        symbol = self.names.symbol(node, scope)
        elsewhere = self.links.path(symbol) if self.links is not None else None
        if elsewhere is not None:
            self.found.add(elsewhere)
            return
        self.found.keys.append(symbol or unparse(node))

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> None:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        symbol = self.names.symbol(node.func, scope) or ""
        if symbol.rpartition(".")[2] in _LAYERS:
            last = symbol.rpartition(".")[2]  # imported under another name
        self.found.calls |= words_of(last) | {last}
        if symbol.startswith("os."):
            pass  # the module is no part of the path
        elif isinstance(node.func, ast.Attribute) and last in _LAYERS | {"read_text", "open"}:
            self.read(node.func.value, scope, depth + 1)
        if last == "dirname" and node.args:
            self.read(node.args[0], scope, depth + 1)
            self.found.keys.append(".parent")
        elif last in _LAYERS:
            for argument in node.args:
                self.read(argument, scope, depth + 1)
        elif (made := self._returned(symbol, depth)) is not None:
            self.found.words |= words_of(last)
            self.found.add(made)
        else:
            self.found.words |= words_of(last)
            self.found.keys.append(f"{symbol or unparse(node.func)}()")
            receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
            if any(_is_chosen(part, scope) for part in (*node.args, *receiver)):
                self.found.keys.append(CHOSEN)

    def _returned(self, symbol: str, depth: int) -> PathShape | None:
        """The path that a function of this file puts together and returns; one that its caller names is its own."""
        name = symbol.replace("()", "")  # a method of `self` is one of an instance
        for function in self.names.module.functions:
            if name == self.names.full(function.qualname):
                only = function.returns[0] if len(function.returns) == 1 else None
                if only is None or not _builds(only):
                    return None
                found = _Reader(self.names, self.links).read(only, function.scope, depth + 1)
                return None if found.keys[-1:] == [CHOSEN] or LOST in found.keys else found
        return None


def _home(name: str, scope: Scope) -> Scope | None:
    """The nearest scope that binds a name."""
    home: Scope | None = scope
    while home is not None and name not in home.bindings:
        home = home.parent
    return home


def _attributes_of(owner: Class, name: str, names: Names) -> list[tuple[Binding, Scope]]:
    """How a class, or one of its bases in the same file, gives an attribute its value."""
    if name not in owner.attributes:
        bases = {base.id for base in owner.node.bases if isinstance(base, ast.Name)}
        for other in names.module.classes:
            if other.qualname in bases and name in other.attributes:
                return other.attributes[name]
    return owner.attributes.get(name, [])


def _owner(scope: Scope) -> Class | None:
    """The class whose method, or whose body, a scope belongs to."""
    current: Scope | None = scope
    while current is not None and current.owner is None:
        current = current.parent
    return None if current is None else current.owner


def _is_chosen(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression holds a parameter of the function other than `self`."""
    for part in walk(node):
        if isinstance(part, ast.Name) and part.id not in ("self", "cls"):
            bindings = scope.bindings.get(part.id, ())
            if bindings and bindings[0].kind == "parameter":
                return True
    return False
