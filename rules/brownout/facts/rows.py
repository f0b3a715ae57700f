"""Calls and raises as other files see them: a symbol, the forms of the arguments, what is caught around the place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from sys import intern

from brownout.core import Span
from brownout.facts.locking import locked
from brownout.facts.paths import PathShape, sketch
from brownout.facts.spared import spared
from brownout.model.names import Names
from brownout.model.syntax import unparse
from brownout.model.tables import Block, Call, Function, Module, Row, Scope

CALL_TEXT = 60
_NAMED = (ast.Name, ast.Attribute, ast.Lambda)
_SUMS = (ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.Compare)
_TRIES = (ast.Try, ast.TryStar)
_WITHS = (ast.With, ast.AsyncWith)
_READS = frozenset({"read_text", "read_bytes", "open"})


@dataclass(slots=True)
class Place:
    """Where something stands now; it moves with the text, what is known of it does not: no comparison looks at it."""

    span: Span


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call as other files see it: the symbol called, the arguments' forms, what is caught around it.

    `arguments` pairs a keyword or position with a form: `=10` a constant, `$name` a parameter of the enclosing
    function, `@a.b` a name whose symbol is known, `?` anything else; `**` and `*` stand for unpacked ones.
    """

    symbol: str
    text: str
    place: Place = field(compare=False)
    awaited: bool
    arguments: tuple[tuple[str | int, str], ...]
    caught: tuple[str, ...]
    where: str = ""
    """`with` where the call is the expression of a with item, `task` where it makes a task's coroutine, else empty."""
    spared: str = ""
    """Why it does not keep each caller waiting: `first`, `nonblocking`, else empty; see `facts.spared`."""
    locked: bool = False
    """Whether a lock stands around it."""
    paths: tuple[tuple[str | int, PathShape], ...] = field(default=(), hash=False)
    """The arguments that put a path together, by keyword or position; the receiver of a method as `.`."""


@dataclass(frozen=True, slots=True)
class RaiseRow:
    """One `raise` of an exception that is named: its symbol, the place, and what is caught around it."""

    symbol: str
    place: Place = field(compare=False)
    caught: tuple[str, ...]


_NO_ROW = object()
Wanted = Callable[[str], bool]
"""Whether other files may need to know of a call of this symbol."""


def call_row(call: Call, module: Module, names: Names, wanted: Wanted | None = None) -> CallRow | None:
    """The row of a call whose callee has a symbol that is wanted."""
    row = call.row
    if row is None:
        symbol = names.symbol(call.node.func, call.scope, call.block)
        known = symbol is not None and (wanted is None or wanted(symbol))
        row = call.row = _row(call, symbol, module, names) if known and symbol is not None else _NO_ROW
    return row if isinstance(row, CallRow) else None


def _row(call: Call, symbol: str, module: Module, names: Names) -> CallRow:
    node = call.node
    return CallRow(
        symbol,
        intern(expression_text(node.func)),
        Place(module.span(node)),
        call.awaited,
        tuple(_arguments(call, names)) if node.args or node.keywords else (),
        caught(call.block, call.scope, names),
        "with" if isinstance(call.parent, _WITHS) else "task" if _is_task(call.parent) else "",
        spared(call),
        locked(call, lambda context: names.symbol(context, call.scope)),
        tuple(_paths(call, names)) if node.args or node.keywords or _reads(node) else (),
    )


def _arguments(call: Call, names: Names) -> Iterator[tuple[str | int, str]]:
    function = call.function
    for index, argument in enumerate(call.node.args):
        starred = argument.__class__ is ast.Starred
        yield ("*", "?") if starred else (index, form(argument, function, names))
    for keyword in call.node.keywords:
        yield keyword.arg or "**", form(keyword.value, function, names)


def _paths(call: Call, names: Names) -> Iterator[tuple[str | int, PathShape]]:
    node, scope = call.node, call.scope
    for index, argument in enumerate(node.args):
        if (found := sketch(argument, scope, names)) is not None:
            yield index, found
    for keyword in node.keywords:
        if keyword.arg is not None and (found := sketch(keyword.value, scope, names)) is not None:
            yield keyword.arg, found
    if isinstance(node.func, ast.Attribute) and _reads(node):
        if (found := sketch(node.func.value, scope, names)) is not None:
            yield ".", found


def _reads(node: ast.Call) -> bool:
    return getattr(node.func, "attr", "") in _READS


def _is_task(parent: ast.AST | None) -> bool:
    """Whether a coroutine is handed to `create_task` as it is made."""
    if not isinstance(parent, ast.Call):
        return False
    last = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
    return last in ("create_task", "ensure_future", "run_coroutine_threadsafe")


def form(node: ast.expr, function: Function, names: Names) -> str:
    """The form of an argument: constant, parameter, known name or unknown."""
    if isinstance(node, ast.Constant):
        return intern(f"={node.value!r}") if not isinstance(node.value, str) or len(node.value) < 80 else "?"
    if isinstance(node, ast.Name):
        bindings = function.scope.bindings.get(node.id, ())
        if len(bindings) == 1 and bindings[0].kind in ("parameter", "keywords"):
            return intern(f"${node.id}")
    if isinstance(node, _NAMED):
        symbol = names.symbol(node, function.scope)
        return "?" if symbol is None else intern(f"@{symbol}")
    return "?"


def call_text(node: ast.Call) -> str:
    """The callee as written, shortened: `self.session.get`."""
    return expression_text(node.func)


def expression_text(node: ast.expr) -> str:
    """A dotted expression as written; inner calls and subscripts are shown as `()` and `[…]`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        value = node.value
        if isinstance(value, ast.Name):
            return f"{value.id}.{node.attr}"
        inner = expression_text(value)
        return f"({inner}).{node.attr}" if isinstance(value, _SUMS) else f"{inner}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{expression_text(node.func)}()"
    if isinstance(node, ast.Subscript):
        return f"{expression_text(node.value)}[…]"
    if isinstance(node, ast.Await):
        return f"(await {expression_text(node.value)})"
    text = unparse(node)
    return text if len(text) <= CALL_TEXT else f"{text[:CALL_TEXT]}…"


def raise_row(row: Row, module: Module, names: Names) -> RaiseRow | None:
    """The row of a `raise` whose exception has a symbol; a bare one is told by what its handler stops."""
    node = row.node
    if not isinstance(node, ast.Raise) or node.exc is None:
        return None
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    symbol = names.symbol(raised, row.function.scope, row.block)
    if symbol is None:
        return None
    return RaiseRow(symbol, Place(module.span(node)), caught(row.block, row.function.scope, names))


def caught(block: Block | None, scope: Scope, names: Names) -> tuple[str, ...]:
    """The exception types that handlers around a place stop, innermost first; `*` for everything."""
    found: list[str] = []
    while block is not None:
        if block.kind == "try" and isinstance(block.node, _TRIES):
            for handler in block.node.handlers:
                found.extend(handled_types(handler, block, scope, names))
        elif block.kind == "with" and isinstance(context := getattr(block.node, "context_expr", None), ast.Call):
            if names.symbol(context.func, scope, block) == "contextlib.suppress":
                symbols = (names.symbol(node, scope, block) for node in context.args)
                found.extend(_stopped(symbol) for symbol in symbols)
        block = block.parent
    return tuple(found)


def handled_types(handler: ast.ExceptHandler, block: Block, scope: Scope, names: Names) -> list[str]:
    """What one handler stops: nothing where it ends by raising the same exception again."""
    if any(isinstance(statement, ast.Raise) and statement.exc is None for statement in handler.body):
        return []
    if handler.type is None:
        return ["*"]
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    symbols = (names.symbol(node, scope, block) for node in types)
    return [_stopped(symbol) for symbol in symbols]


def _stopped(symbol: str | None) -> str:
    return "*" if symbol in ("builtins.Exception", "builtins.BaseException") else symbol or "?"
