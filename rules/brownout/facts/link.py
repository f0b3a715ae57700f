"""Symbols get their meaning across files: through re-exports, classes, returns and the catalog, or stay unknown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from brownout.catalog import Catalog, Entry
from brownout.facts.paths import PathShape, literal
from brownout.facts.summary import ClassSummary, FunctionSummary, ModuleSummary
from brownout.facts.symbols import is_container, of_container, sides, split

_DEPTH = 16
_STATE = re.compile(r"^(starlette|fastapi)(\..*)?(\.app|\.FastAPI|\.Starlette)\.state$")
"""What an application keeps for its requests, as a request or the application itself names it."""
_GENERATED = ("_pb2", "_pb2_grpc")
"""How modules end that are generated from descriptions of messages and services."""
_NAME = re.compile(r"\w+(\.\w+)+")

Called = tuple[str | None, FunctionSummary | None, Entry | None, str]
"""What a symbol stands for, the project's function that a call runs, the library's entry, and the canonical name."""


class Links:
    """All files of a project joined by names. Canonical names are dotted; `X()` is an instance of class X."""

    def __init__(self, modules: Iterable[ModuleSummary], catalog: Catalog) -> None:
        self.catalog = catalog
        self.modules: dict[str, ModuleSummary] = {}
        self.functions: dict[str, FunctionSummary] = {}
        self.classes: dict[str, ClassSummary] = {}
        self.packages: set[str] = set()
        self._states: dict[str, str | None] = {}
        self._known: dict[str, str | None] = {}
        self._called_by: dict[str | None, Called] = {}
        self._literals: dict[tuple[str, str], str | None] = {}
        for module in modules:
            self.modules.setdefault(module.name, module)
            self.functions |= {function.name: function for function in module.functions.values()}
            self.classes |= {owner.name: owner for owner in module.classes.values()}
            for name, symbol in module.states.items() if not module.is_test else ():
                self._states[name] = symbol if self._states.get(name, symbol) == symbol else None
            parts = module.name.split(".")
            self.packages |= {".".join(parts[:length]) for length in range(1, len(parts))}

    def target(self, symbol: str | None, depth: int = 0) -> str | None:
        """The canonical name of a symbol: a function or class of the project, a name of a library, or None."""
        if symbol is None or symbol == "?":
            return None
        if symbol in self._known:
            return self._known[symbol]
        if depth > _DEPTH:
            return None
        self._known[symbol] = None
        found = self._target(symbol, depth + 1)
        self._known[symbol] = found
        return found

    def entry(self, symbol: str | None) -> Entry | None:
        """What the catalog says of the callable that a symbol stands for."""
        target = self.target(symbol)
        if target is None or target in self.functions:
            return None
        return self.catalog.entry(target) if not target.endswith((")", "]", "}")) else None

    def callee(self, symbol: str | None) -> FunctionSummary | None:
        """The project function that calling a symbol runs: itself, a class's `__init__`, an instance's `__call__`."""
        target = self.target(symbol)
        if target is None:
            return None
        found = self.functions.get(target)
        if found is None and target in self.classes:
            found = self.method(target, "__init__")
        if found is None and target.endswith("()") and target[:-2] in self.classes:
            found = self.method(target[:-2], "__call__")
        return found

    def called(self, symbol: str | None) -> Called:
        """What calling a symbol means, in all four ways in which it is asked for."""
        found = self._called_by.get(symbol)
        if found is None:
            target = self.target(symbol)
            callee = self.callee(symbol)
            entry = None if callee is not None else self.entry(symbol)
            found = self._called_by[symbol] = (
                target, callee, entry, "" if target is None else self.catalog.canonical(target)
            )  # fmt: skip
        return found

    def constant(self, symbol: str | None) -> str | None:
        """The `repr` of the literal that a name of a module or an attribute of a class stands for, wherever it is."""
        owner, name = self._home(symbol)
        if isinstance(owner, ModuleSummary):
            return owner.constants.get(name)
        return None if owner is None else self._class_constant(owner.removesuffix("()"), name)

    def path(self, symbol: str | None, depth: int = 0) -> PathShape | None:
        """The path that a name of a module stands for, wherever it is; None where it is none, or not known."""
        owner, name = self._home(symbol)
        if isinstance(owner, ModuleSummary) and name in owner.paths and depth < _DEPTH:
            return self.joined(owner.paths[name], depth + 1)
        text = ast.literal_eval(self.constant(symbol) or "None")
        return literal(text) if isinstance(text, str) else None

    def joined(self, found: PathShape, depth: int = 0) -> PathShape:
        """A path that was read from one file alone, with what other files say of its parts."""
        whole = PathShape(words=set(found.words), calls=set(found.calls))
        for key in found.keys:
            elsewhere = self.path(key, depth) if _NAME.fullmatch(key) else None
            written = key[:1] in "'\""
            whole.add(elsewhere or (literal(ast.literal_eval(key)) if written else PathShape(keys=[key])))
        return whole

    def _home(self, symbol: str | None, depth: int = 0) -> tuple[ModuleSummary | str | None, str]:
        """The module that binds a name, or the class by its canonical name that has it, and the name there."""
        owner, name = split(symbol or "")
        if not owner or depth > _DEPTH:
            return None, name
        where = owner if owner in self.modules else self.target(owner)
        module = self.modules.get(where or "")
        if module is None:
            return where, name
        exported = module.exports.get(name)
        if name in module.constants or name in module.paths or exported is None or exported == symbol:
            return module, name
        return self._home(exported, depth + 1)

    def _class_constant(self, owner: str, name: str) -> str | None:
        """A class's own literal, where no subclass says otherwise; that goes through all classes, thus once."""
        key = owner, name
        if key not in self._literals:
            self._literals[key] = self._find_class_constant(owner, name)
        return self._literals[key]

    def _find_class_constant(self, owner: str, name: str) -> str | None:
        for base in self.mro(owner):
            summary = self.classes.get(base)
            if summary is not None and name in summary.attributes:
                heirs = (heir for heir in self.classes.values() if name in heir.attributes and heir.name != base)
                overridden = any(base in self.mro(heir.name) for heir in heirs)
                return None if overridden else dict(summary.constants).get(name)
        return None

    def method(self, owner: str, name: str) -> FunctionSummary | None:
        """The method that an instance of a project class has, through its bases in the project."""
        for base in self.mro(owner):
            summary = self.classes.get(base)
            if summary is not None and name in summary.methods:
                return self.functions.get(f"{base}.{name}")
        return None

    def mro(self, owner: str) -> list[str]:
        """A project class and its bases by canonical name, nearest first; outside bases stand at the end."""
        order: list[str] = []
        todo = [owner]
        while todo:
            current = todo.pop(0)
            if current in order:
                continue
            order.append(current)
            summary = self.classes.get(current)
            if summary is not None:
                todo.extend(self.target(base) or "?" for base in summary.bases)
        return order

    # -- one step at a time

    def _target(self, symbol: str, depth: int) -> str | None:
        if symbol[0] in "[{(" and is_container(symbol):
            return symbol
        if "|" in symbol and len(parts := sides(symbol)) > 1:
            same = {self.target(side, depth) for side in parts}
            return same.pop() if len(same) == 1 else None
        if symbol.endswith("()"):
            return self._called(self.target(symbol[:-2], depth), depth)
        if symbol.endswith("]"):
            opening = symbol.rindex("[")
            return self._element(self.target(symbol[:opening], depth), symbol[opening + 1 : -1], depth)
        if symbol.endswith("^"):
            return symbol
        owner, attribute = split(symbol)
        if not owner:
            return symbol
        if owner[-1] not in ")]^}":
            found = self._dotted(symbol, depth)
            if found is not None:
                return found
        resolved = self.target(owner, depth)
        return None if resolved is None else self._attribute(resolved, attribute, depth)

    def _dotted(self, symbol: str, depth: int) -> str | None:
        """A plain dotted name that is defined as it stands: module, function or class of the project."""
        if symbol in self.functions or symbol in self.classes or symbol in self.modules or symbol in self.packages:
            module, _, name = symbol.rpartition(".")
            exported = self.modules[module].exports.get(name, symbol) if module in self.modules else symbol
            if symbol in self.modules or exported == symbol or exported is None:
                return symbol
        return None

    def _attribute(self, owner: str, name: str, depth: int) -> str | None:
        if owner in self.modules:
            return self._export(owner, name, depth)
        if owner in self.packages:
            return f"{owner}.{name}" if name.endswith(_GENERATED) else None
        if owner.endswith("()^"):
            return self._member(owner[:-3], name, depth, after=True)
        if owner.endswith("()"):
            return self._member(owner[:-2], name, depth)
        if owner in self.classes:
            return self._member(owner, name, depth)
        if owner in self.functions:
            return None
        if name in self._states and _STATE.search(owner):
            return self.target(self._states[name], depth)
        attribute = self.catalog.attribute(owner, name)  # of a library's object, such as `flask.request`
        return self.target(attribute, depth) if attribute else f"{owner}.{name}"

    def _export(self, module: str, name: str, depth: int) -> str | None:
        full = f"{module}.{name}"
        summary = self.modules[module]
        if name in summary.exports:
            symbol = summary.exports[name]
            return full if symbol == full else self.target(symbol, depth)
        if full in self.modules or full in self.packages:
            return full
        for star in summary.stars:
            origin = self.target(star, depth)
            if origin in self.modules and origin != module:
                if not self._is_public(origin, name):
                    continue
                found = self._export(origin, name, depth + 1) if depth < _DEPTH else None
            else:
                found = f"{origin}.{name}" if origin and self.catalog.entry(f"{origin}.{name}") else None
            if found is not None:
                return found
        return full if name.endswith(_GENERATED) else None  # made by a build, and not checked in

    def _is_public(self, module: str, name: str) -> bool:
        """Whether `from module import *` brings a name."""
        public = self.modules[module].public
        return name in public if public is not None else not name.startswith("_")

    def _member(self, owner: str, name: str, depth: int, *, after: bool = False) -> str | None:
        if owner not in self.classes:
            attribute = self.catalog.attribute(owner, name) or self.catalog.item(owner, name)
            return self.target(attribute, depth) if attribute else f"{owner}.{name}"
        for base in self.mro(owner)[1 if after else 0 :]:
            summary = self.classes.get(base)
            if base == "?":
                return None
            if summary is None:
                found = self._library_member(base, name, depth)
                if found is not None:
                    return found
            elif name in summary.methods:
                method = f"{base}.{name}"
                return self._called(method, depth) if name in summary.properties else method
            elif name in summary.attributes:
                return self.target(summary.attributes[name], depth)
        return None

    def _library_member(self, base: str, name: str, depth: int) -> str | None:
        attribute = self.catalog.attribute(base, name)
        if attribute is not None:
            return self.target(attribute, depth)
        return f"{base}.{name}" if self.catalog.entry(f"{base}.{name}") is not None else None

    def _called(self, function: str | None, depth: int) -> str | None:
        if function is None:
            return None
        if function in self.functions:
            return self.target(self.functions[function].returns, depth)
        if function in self.classes:
            return f"{function}()"
        if function.endswith("()") and (method := self.method(function[:-2], "__call__")) is not None:
            return self.target(method.returns, depth)
        if function.endswith(("()", "]", "}")):
            return None
        owner, _, name = function.rpartition(".")
        if owner.endswith(("]", "}")):
            return of_container(owner, name)
        entry = self.catalog.entry(function)
        if entry is not None and entry.returns is not None:
            return self.target(entry.returns, depth) if entry.returns != f"{function}()" else entry.returns
        return f"{self.catalog.canonical(function)}()"

    def _element(self, owner: str | None, index: str, depth: int) -> str | None:
        if owner is None:
            return None
        if owner.startswith("[") and owner.endswith("]"):
            return self.target(owner[1:-1], depth)
        if owner.startswith("{") and owner.endswith("}"):
            return self.target(owner[1:-1], depth) if not index else None
        if owner.startswith("(") and index == "1":
            return self.target(owner[1:-1], depth)
        if owner.endswith("()") and not index:
            return self.target(self.catalog.item(owner[:-2]), depth)
        return None
