"""Signatures read from a library's source or stubs with `ast`: nothing of a library is ever imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, and the text of its default ("" without one)."""

    name: str
    default: str
    keyword_only: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters after `self`; `open_ended` when `**kwargs` takes what is not named."""

    parameters: tuple[Parameter, ...]
    open_ended: bool

    def get(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def position(self, name: str) -> int | None:
        """Where the parameter stands among the positional ones."""
        names = [parameter.name for parameter in self.parameters if not parameter.keyword_only]
        return names.index(name) if name in names else None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a dotted name is: a definition in a module of the library, in a class or not."""

    node: ast.AST
    module: str
    in_class: bool = False


class Library:
    """The modules below some folders, by dotted name; sources before stubs where both exist unless `stubs_first`."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._found: dict[str, list[Definition]] = {}
        self._modules: dict[str, ast.Module | None] = {}
        self._packages: set[str] = set()

    def module(self, name: str) -> ast.Module | None:
        """The syntax tree of a module."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> ast.Module | None:
        place = name.replace(".", "/")
        for folder in self.folders:
            for file in (f"{place}.pyi", f"{place}/__init__.pyi", f"{place}.py", f"{place}/__init__.py"):
                path = folder / file
                if path.is_file():
                    if path.stem == "__init__":
                        self._packages.add(name)
                    return ast.parse(path.read_text(encoding="utf-8", errors="replace"))
        return None

    def find(self, name: str, depth: int = 0) -> list[Definition]:
        """Every definition of a dotted name, overloads included; empty where it cannot be found."""
        if name in self._found or depth > 7:
            return self._found.get(name, [])
        self._found[name] = []  # while it is being looked for: imports may go in circles
        self._found[name] = self._find(name, depth)
        return self._found[name]

    def _find(self, name: str, depth: int) -> list[Definition]:
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            module = ".".join(parts[:cut])
            tree = self.module(module)
            if tree is not None:
                if cut == len(parts):
                    return [Definition(tree, module)]
                return self._in_module(tree, module, parts[cut:], depth)
        return []

    def exists(self, name: str) -> bool:
        """Whether the library defines or re-exports the name."""
        return bool(self.find(name))

    def signatures(self, name: str) -> list[Signature]:
        """What the name takes when it is called; a class takes what its constructor takes. Empty: cannot be told."""
        found: list[Signature] = []
        for definition in self.find(name):
            node = definition.node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(_signature(node, definition.in_class))
            elif isinstance(node, ast.ClassDef):
                for maker in ("__init__", "__new__"):
                    makers = self._member(node, definition.module, maker, 0)
                    found.extend(
                        _signature(made.node, True) for made in makers if isinstance(made.node, ast.FunctionDef)
                    )
                    if found:
                        break
        return found

    def _in_module(self, tree: ast.Module, module: str, parts: list[str], depth: int) -> list[Definition]:
        first, rest = parts[0], parts[1:]
        found: list[Definition] = []
        for node in _statements(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == first and not rest:
                found.append(Definition(node, module))
            elif isinstance(node, ast.ClassDef) and node.name == first:
                found += [Definition(node, module)] if not rest else self._chain(node, module, rest, depth)
            elif isinstance(node, ast.ImportFrom):
                found += self._imported(node, module, first, rest, depth)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if (alias.asname or alias.name) == first:
                        found += self.find(".".join([alias.name, *rest]), depth + 1)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                found += self._assigned(node, module, first, rest, depth)
        return found

    def _imported(self, node: ast.ImportFrom, module: str, first: str, rest: list[str], depth: int) -> list[Definition]:
        found: list[Definition] = []
        for alias in node.names:
            if (alias.asname or alias.name) == first or alias.name == "*":
                source = self._source(node, module)
                name = first if alias.name == "*" else alias.name
                if source != module:
                    found += self.find(".".join([source, name, *rest]), depth + 1)
        return found

    def _source(self, node: ast.ImportFrom, module: str) -> str:
        if not node.level:
            return node.module or ""
        parts = module.split(".")
        self.module(module)
        keep = len(parts) - node.level + (1 if module in self._packages else 0)
        return ".".join([*parts[:keep], *([node.module] if node.module else [])])

    def _assigned(
        self, node: ast.Assign | ast.AnnAssign, module: str, first: str, rest: list[str], depth: int
    ) -> list[Definition]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            if any(isinstance(name, ast.Name) and name.id == first for name in names):
                value = node.value
                other = ast.unparse(value) if isinstance(value, ast.Name | ast.Attribute) else ""
                if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and rest:
                    other = value.func.id
                if other and other.split(".")[0] != first:
                    found = self.find(".".join([module, other, *rest]), depth + 1)
                    if found:
                        return found
                return [Definition(node, module)] if not rest else []
        return []

    def _chain(self, node: ast.ClassDef, module: str, parts: list[str], depth: int) -> list[Definition]:
        found = self._member(node, module, parts[0], depth)
        if len(parts) == 1:
            return found
        return [
            deeper
            for definition in found
            if isinstance(definition.node, ast.ClassDef)
            for deeper in self._chain(definition.node, definition.module, parts[1:], depth + 1)
        ]

    def _member(self, node: ast.ClassDef, module: str, name: str, depth: int) -> list[Definition]:
        if depth > 7:
            return []
        found: list[Definition] = []
        for inner in _statements(node):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and inner.name == name:
                found.append(Definition(inner, module, True))
            elif isinstance(inner, ast.Assign | ast.AnnAssign):
                targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    same = inner.value.id if isinstance(inner.value, ast.Name) and inner.value.id != name else ""
                    found += self._member(node, module, same, depth + 1) if same else [Definition(inner, module, True)]
        if found:
            return found
        for base in node.bases:
            text = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
            for definition in self.find(f"{module}.{text}", depth + 1) or self.find(text, depth + 1):
                if isinstance(definition.node, ast.ClassDef) and definition.node is not node:
                    found += self._member(definition.node, definition.module, name, depth + 1)
            if found:
                return found
        return []


def _statements(node: ast.Module | ast.ClassDef) -> list[ast.stmt]:
    """The statements of a body, those under `if`, `try` and `with` too."""
    found: list[ast.stmt] = []
    todo: list[ast.stmt] = list(reversed(node.body))
    while todo:
        current = todo.pop()
        found.append(current)
        if isinstance(current, ast.If | ast.Try | ast.With):
            inner = [*current.body, *getattr(current, "orelse", []), *getattr(current, "finalbody", [])]
            inner += [one for handler in getattr(current, "handlers", []) for one in handler.body]
            todo.extend(reversed(inner))
    return found


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> Signature:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [""] * (len(positional) - len(arguments.defaults)) + [ast.unparse(one) for one in arguments.defaults]
    pairs = list(zip(positional, defaults, strict=True))
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if in_class and pairs and "staticmethod" not in decorators:
        pairs = pairs[1:]
    found = [Parameter(one.arg, default, False) for one, default in pairs]
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(Parameter(one.arg, "" if default is None else ast.unparse(default), True))
    return Signature(tuple(found), arguments.kwarg is not None)
