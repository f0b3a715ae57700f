"""The tables of one file: functions, classes, calls and blocks, as rows that point into its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from brownout.core import Span
from brownout.model.syntax import forget


class Block:
    """One syntactic block that encloses a row: `kind` says which part of `node` it is, `parent` is the next one out.

    Kinds: try, handler, else, finally, with, loop, if, orelse, case.
    """

    __slots__ = ("kind", "node", "parent")

    def __init__(self, kind: str, node: ast.AST, parent: Block | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent

    def chain(self) -> Iterator[Block]:
        """This block and the ones around it, innermost first, up to the function's own body."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.parent


class Binding:
    """One way in which a scope gives a name a value.

    Kinds: import (`symbol` is the absolute name), function, class (`symbol`), assign, with, for, unpack (`value` is
    the expression, `index` the place in a tuple), annotation (`annotation` only), parameter, except, unknown.
    """

    __slots__ = ("annotation", "block", "function", "index", "kind", "node", "symbol", "value")

    def __init__(
        self,
        kind: str,
        node: ast.AST,
        block: Block | None,
        *,
        value: ast.expr | None = None,
        annotation: ast.expr | None = None,
        symbol: str | None = None,
        index: int | None = None,
    ) -> None:
        self.kind = kind
        self.node = node
        self.block = block
        self.value = value
        self.annotation = annotation
        self.symbol = symbol
        self.index = index


class Scope:
    """A namespace: of the module, a class body, a function, or a lambda."""

    __slots__ = ("bindings", "declared", "function", "is_class", "kind", "owner", "parent")

    def __init__(self, kind: str, parent: Scope | None, owner: Class | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.owner = owner
        self.bindings: dict[str, list[Binding]] = {}
        self.declared: dict[str, str] = {}
        self.function: Function | None = None

    def bind(self, name: str, binding: Binding) -> None:
        """Add a binding; `global` and `nonlocal` names go where they were declared to live."""
        scope: Scope = self
        where = self.declared.get(name)
        if where == "global":
            while scope.parent is not None:
                scope = scope.parent
        elif where == "nonlocal" and self.parent is not None:
            scope = self.parent
        scope.bindings.setdefault(name, []).append(binding)


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module


@dataclass(slots=True, eq=False)
class Class:
    """A class of the file; `attributes` are the `self.x = …` of its methods and the names of its body."""

    name: str
    qualname: str
    node: ast.ClassDef
    scope: Scope
    outer: Scope
    methods: dict[str, Function] = field(default_factory=dict[str, "Function"])
    attributes: dict[str, list[tuple[Binding, Scope]]] = field(default_factory=dict[str, "list[tuple[Binding, Scope]]"])


@dataclass(slots=True, eq=False)
class Function:
    """A function, method, lambda or (named `<module>`) the module's own body."""

    name: str
    qualname: str
    node: FunctionNode
    scope: Scope
    outer: Scope | None
    parent: Function | None
    owner: Class | None
    is_async: bool = False
    is_generator: bool = False
    calls: list[Call] = field(default_factory=list["Call"])
    returns: list[ast.expr] = field(default_factory=list[ast.expr])
    yields: list[ast.expr] = field(default_factory=list[ast.expr])
    tries: bool = False
    """Whether its body holds a `try`, those of functions inside of it included."""
    known: dict[str, object] | None = None
    """Answers about this function that are asked for again and again."""
    parameters: Sequence[ast.arg] = ()
    """The positional parameters, then the keyword-only ones, without `*args` and `**kwargs`."""
    decorators: Sequence[ast.expr] = ()
    """The decorator expressions, outermost first."""

    def is_decorated(self, name: str) -> bool:
        """Whether one of the decorators is this plain name."""
        return any(isinstance(node, ast.Name) and node.id == name for node in self.decorators)


class Call:
    """A call expression: where it stands and what becomes of its result; `row` is kept for `facts.rows`."""

    __slots__ = ("awaited", "block", "function", "node", "parent", "row", "scope", "statement")

    def __init__(
        self,
        node: ast.Call,
        function: Function,
        scope: Scope,
        block: Block | None,
        statement: ast.stmt,
        parent: ast.AST,
    ) -> None:
        self.node = node
        self.function = function
        self.scope = scope
        self.block = block
        self.statement = statement
        self.parent = parent
        self.awaited = isinstance(parent, ast.Await)
        self.row: object = None


@dataclass(slots=True, eq=False)
class Row:
    """A statement that rules ask about: a try, loop, with, raise, return or assignment, and where it stands."""

    node: ast.AST
    function: Function
    scope: Scope
    block: Block | None


@dataclass(slots=True, eq=False)
class Module:
    """One file as tables; everything symbolic, nothing looked up in the catalog or in other files."""

    name: str
    path: str
    text: str
    tree: ast.Module
    is_package: bool
    scope: Scope
    body: Function
    functions: list[Function] = field(default_factory=list[Function])
    classes: list[Class] = field(default_factory=list[Class])
    calls: list[Call] = field(default_factory=list[Call])
    tries: list[Row] = field(default_factory=list[Row])
    loops: list[Row] = field(default_factory=list[Row])
    withs: list[Row] = field(default_factory=list[Row])
    raises: list[Row] = field(default_factory=list[Row])
    assigns: list[Row] = field(default_factory=list[Row])
    stars: list[str] = field(default_factory=list[str])
    imported: set[str] = field(default_factory=set[str])
    """The first words of everything that the file imports."""
    function_of: dict[int, Function] = field(default_factory=dict[int, Function])
    """The function of each `def` and `lambda`, by the identity of its node."""
    _lines: list[str] | None = None
    _folded: str | None = None
    _assigns_of: dict[int, list[Row]] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines as Python counts them: ended by LF, CRLF or CR only."""
        if self._lines is None:
            self._lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines

    @property
    def folded(self) -> str:
        """The text for a look at words whatever their case: one that a pattern finds without case is here as well."""
        if self._folded is None:
            self._folded = self.text.lower() if self.text.isascii() else self.text.casefold()
        return self._folded

    def assigns_of(self, function: Function) -> Sequence[Row]:
        """The assignments in the body of one function."""
        if self._assigns_of is None:
            self._assigns_of = {}
            for row in self.assigns:
                self._assigns_of.setdefault(id(row.function), []).append(row)
        return self._assigns_of.get(id(function), ())

    def dissolve(self) -> None:
        """Take the tables apart where they point at each other: their memory is free at once, without a collector."""
        for function in self.functions:
            function.calls.clear()
            function.scope.function = function.known = None
            function.scope.bindings.clear()
            forget(function.node)
        for found in self.classes:
            found.methods.clear()
            found.attributes.clear()
            found.scope.bindings.clear()
            found.scope.owner = None
            forget(found.node)
        for rows in (self.tries, self.loops, self.withs, self.raises, self.assigns):
            for row in rows:
                forget(row.node)

    def span(self, node: ast.AST) -> Span:
        """The span of a node in code points."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        if self.text.isascii():
            return Span(line, column, end_line, end_column)
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))
