"""What other files may know of one file: plain values without syntax trees, so that they can be cached and sent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from brownout.core import Span
from brownout.facts.habits import directories_in, practices_in
from brownout.facts.intake.sizes import may_look, refusals
from brownout.facts.nodes import own
from brownout.facts.paths import PathShape, sketch
from brownout.facts.rows import CallRow, Place, RaiseRow, Wanted, call_row, form, raise_row
from brownout.model.annotations import is_none
from brownout.model.defaults import default_of
from brownout.model.names import Names
from brownout.model.syntax import unparse, walk
from brownout.model.tables import Class, Function, Module


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """A function as other files see it."""

    name: str
    qualname: str
    path: str
    place: Place = field(compare=False)
    is_async: bool
    is_generator: bool
    owner: str | None
    parameters: tuple[str, ...]
    defaults: tuple[tuple[str, str], ...]
    decorators: tuple[str, ...]
    returns: str | None
    calls: tuple[CallRow, ...]
    keywords: str | None = None
    """The name of the `**` parameter, where nothing in the body changes or reads it."""
    loops: bool = False
    """Whether its own body holds a `while True`."""
    refuses_size: bool = False
    """Whether it looks at the size of what it is given, and leaves when it is too large."""
    raises: tuple[RaiseRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class as other files see it: bases and attributes as symbols, methods by name."""

    name: str
    qualname: str
    bases: tuple[str, ...]
    attributes: dict[str, str | None]
    methods: tuple[str, ...]
    properties: tuple[str, ...]
    constants: tuple[tuple[str, str], ...] = ()
    """Attributes bound exactly once, to a literal, by the literal's `repr`."""
    jobs: tuple[str, ...] = ()
    """The functions that an arq worker is told to run: its settings' `functions`."""


@dataclass(slots=True)
class ModuleSummary:
    """A file as other files see it."""

    name: str
    path: str
    is_test: bool
    exports: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    functions: dict[str, FunctionSummary] = field(default_factory=dict[str, FunctionSummary])
    classes: dict[str, ClassSummary] = field(default_factory=dict[str, ClassSummary])
    stars: tuple[str, ...] = ()
    public: tuple[str, ...] | None = None
    """What `__all__` names, where the file says so once."""
    imported: tuple[str, ...] = ()
    practices: tuple[str, ...] = ()
    """What the file does once for all: `wal`, `body-limit`, `document-timeout` …; the names of `habits.PRACTICES`."""
    makes: tuple[str, ...] = ()
    """For which paths the file makes directories, as written."""
    states: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    """What the file keeps on an application, by name: `app.state.store = Store()`; None for different things."""
    constants: dict[str, str] = field(default_factory=dict[str, str])
    """Module names bound exactly once, to a literal, by the literal's `repr`."""
    paths: dict[str, PathShape] = field(default_factory=dict[str, PathShape])
    """Module names bound exactly once, to an expression that puts a path together."""

    def move(self, other: ModuleSummary) -> None:
        """Take over the places of an equal summary: the text has moved, what it says has not."""
        for name, function in self.functions.items():
            moved = other.functions[name]
            function.place.span = moved.place.span
            for call, found in zip(function.calls, moved.calls, strict=True):
                call.place.span = found.place.span
            for failure, again in zip(function.raises, moved.raises, strict=True):
                failure.place.span = again.place.span


def summarise(module: Module, names: Names, *, is_test: bool = False, wanted: Wanted | None = None) -> ModuleSummary:
    """The summary of one file's tables, without the calls that nobody wants."""
    summary = ModuleSummary(
        module.name, module.path, is_test, stars=tuple(module.stars), imported=tuple(sorted(module.imported))
    )
    loops = {id(row.function) for row in module.loops if isinstance(row.node, ast.While) and _is_true(row.node.test)}
    summary.practices = practices_in(module.text)
    summary.makes = directories_in(module.text)
    for name, bindings in module.scope.bindings.items():
        summary.exports[name] = names.join(bindings, module.scope)
        value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
        if isinstance(value, ast.Constant):
            summary.constants[name] = repr(value.value)
        elif value is not None and (found_path := sketch(value, module.scope, names)) is not None:
            summary.paths[name] = found_path
        if name == "__all__" and isinstance(value, ast.List | ast.Tuple):
            summary.public = tuple(str(part.value) for part in value.elts if isinstance(part, ast.Constant))
    raises: dict[int, list[RaiseRow]] = {}
    for row in module.raises:
        found = raise_row(row, module, names)
        if found is not None:
            raises.setdefault(id(row.function), []).append(found)
    for function in module.functions:
        rows = tuple(raises.get(id(function), ()))
        summary.functions.setdefault(function.qualname, _function(function, module, names, loops, rows, wanted))
        if ".state" in module.text:
            _keep_states(summary.states, function, names)
    for owner in module.classes:
        summary.classes.setdefault(owner.qualname, _class(owner, names))
    return summary


def _keep_states(states: dict[str, str | None], function: Function, names: Names) -> None:
    """Add what a function keeps on an application: `app.state.store = …`, several of them at once, too."""
    for node in own(function.node):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for kept, value in pairs:
                if isinstance(kept, ast.Attribute) and _APPLICATION.search(unparse(kept.value)) and not is_none(value):
                    symbol = names.symbol(value, function.scope)
                    states[kept.attr] = symbol if states.get(kept.attr, symbol) == symbol else None


_APPLICATION = re.compile(r"(^|[._])(app|api|application)\.state$")


def _class(owner: Class, names: Names) -> ClassSummary:
    attributes = {name: names.attribute(owner, name) for name in owner.attributes if name not in owner.methods}
    properties = tuple(
        name for name, method in owner.methods.items() if any(_is_property(node) for node in method.decorators)
    )
    bases = (names.symbol(base, owner.outer) for base in owner.node.bases if not isinstance(base, ast.Subscript))
    return ClassSummary(
        names.full(owner.qualname),
        owner.qualname,
        tuple(base if base is not None else "?" for base in bases),
        attributes,
        tuple(owner.methods),
        properties,
        tuple((name, repr(value.value)) for name, value in _literals(owner)),
        tuple(_jobs(owner, names)) if owner.name.endswith("WorkerSettings") else (),
    )


def _jobs(owner: Class, names: Names) -> Iterator[str]:
    """The symbols in `functions = [convert, func(render)]`; `cron(sweep)` registers by itself."""
    for binding, scope in owner.attributes.get("functions", []):
        listed = binding.value.elts if isinstance(binding.value, ast.List | ast.Tuple) else []
        for node in listed:
            inner = node.args[0] if isinstance(node, ast.Call) and node.args else node
            symbol = names.symbol(inner, scope)
            if symbol is not None:
                yield symbol


def _literals(owner: Class) -> Iterator[tuple[str, ast.Constant]]:
    for name, found in owner.attributes.items():
        if len(found) == 1 and isinstance(value := found[0][0].value, ast.Constant) and found[0][0].kind == "assign":
            yield name, value


def _is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _is_property(node: ast.expr) -> bool:
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return last in ("property", "cached_property")


def _function(
    function: Function,
    module: Module,
    names: Names,
    loops: set[int],
    raises: tuple[RaiseRow, ...],
    wanted: Wanted | None,
) -> FunctionSummary:
    node = function.node
    outer = function.outer or function.scope
    decorators = [names.symbol(decorator, outer) or "?" for decorator in function.decorators]
    place = Place(Span(1, 0, 1, 0) if isinstance(node, ast.Module) else module.span(node))
    defaults = [
        (parameter.arg, form(default, function, names))
        for parameter in function.parameters
        if (default := default_of(function, parameter)) is not None
    ]
    returned = _returned(function, names)
    rows = [row for call in function.calls if (row := call_row(call, module, names, wanted)) is not None]
    return FunctionSummary(
        names.full(function.qualname),
        function.qualname,
        module.path,
        place,
        function.is_async,
        function.is_generator,
        names.full(function.owner.qualname) if function.owner else None,
        tuple(parameter.arg for parameter in function.parameters),
        tuple(defaults),
        tuple(decorators),
        returned,
        tuple(rows),
        _untouched_keywords(function),
        id(function) in loops,
        may_look(node) and _speaks_of_size(node, module) and any(True for _ in refusals(node)),
        raises,
    )


def _speaks_of_size(node: ast.AST, module: Module) -> bool:
    """Whether the function's text holds a word that a look at a size needs; a cheap test before the real one."""
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
    return any("size" in line or "length" in line for line in map(str.lower, module.lines[first - 1 : last]))


def _untouched_keywords(function: Function) -> str | None:
    """The `**` parameter's name if it is only ever handed on whole."""
    node = function.node
    if isinstance(node, ast.Module | ast.Lambda) or node.args.kwarg is None:
        return None
    name = node.args.kwarg.arg
    handed = {id(keyword.value) for call in function.calls for keyword in call.node.keywords if keyword.arg is None}
    for part in walk(node):
        if isinstance(part, ast.Name) and part.id == name and id(part) not in handed:
            return None
    return name


def _returned(function: Function, names: Names) -> str | None:
    """The symbol of what a call of the function gives; of what it yields where it is a generator."""
    values = function.yields if function.is_generator else function.returns
    found = {
        names.symbol(value, function.scope)
        for value in values
        if not (isinstance(value, ast.Constant) and value.value is None)
    }
    if len(found) == 1 and (only := found.pop()) is not None:
        return only
    node = function.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        declared = names.annotation(node.returns, function.outer or function.scope)
        is_collection = function.is_generator and declared is not None and declared.startswith("[")
        return declared[1:-1] if declared is not None and is_collection else declared
    return None
