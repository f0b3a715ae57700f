"""SQLite connections that a function opens and does not close."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.databases import sqlite
from brownout.facts.databases.statements import statements
from brownout.facts.files.ownership import bound_names, mentions
from brownout.facts.practices import only_at_start
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Call as CallTable
    from brownout.model.tables import Function

_KEEPS = frozenset("append add put put_nowait setdefault insert register push enter_context callback".split())


@dataclass(slots=True)
class Open:
    """A connection that stays open: `gap` says on which ways, `with_item` that a `with` is taken for closing."""

    call: Call
    gap: str
    with_item: bool
    sometimes: bool


def left_open(code: Code) -> Iterator[Open]:
    """The connections of a file that their function opens, keeps for itself and does not close on every way."""
    for call in code.calls if code.index.tagged("sqlite-connect") else ():
        if not opens(call) or not code.judged(call.function):
            continue
        if call.function.name == "<module>" or only_at_start(code, call.function):
            continue
        found = _open(call)
        if found is not None:
            yield found


def opens(call: Call) -> bool:
    """Whether a call opens a connection for its function: `connect`, or a function of the file that gives a new one."""
    if call.has("sqlite-connect"):
        return sqlite.opens_file(call)
    if call.callee is None or not isinstance(call.table.statement, ast.Assign | ast.With):
        return False
    helper = call.code.function_named(call.callee.name)
    if helper is None or helper.decorators or helper.is_generator or len(helper.returns) != 1:
        return False
    made = [one for one in call.code.calls_in(helper) if one.entry is not None and one.entry.name == "sqlite3.connect"]
    return len(made) == 1 and sqlite.opens_file(made[0]) and _is_given(made[0], helper)


def _is_given(made: Call, helper: Function) -> bool:
    """Whether a helper does nothing with its connection but set it up and give it to the caller."""
    value = helper.returns[0]
    if value is made.node:
        return True
    names = bound_names(made)
    if not isinstance(value, ast.Name) or value.id not in names or helper.scope.declared.keys() & names:
        return False
    return not any(
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names
        for node in walk(helper.node)
    )


def _open(call: Call) -> Open | None:
    parent, statement = call.table.parent, call.table.statement
    plain = call.entry is None or call.entry.name == "sqlite3.connect"
    if isinstance(parent, ast.Attribute):
        return Open(call, "nobody has a name for it", False, False) if plain and _is_chained(call) else None
    names = bound_names(call)
    is_item = isinstance(parent, ast.With | ast.AsyncWith)
    if is_item and not plain:
        return None
    if not names:
        return Open(call, "`with` commits and does not close", False, False) if is_item else None
    if not is_item and not _is_direct(statement, call):
        return None
    if _goes_elsewhere(call, names):
        return None
    closes = [row for row in call.function.calls if _closes(row.node, names)]
    if not closes:
        gap = "`with` commits and does not close" if is_item else "nothing closes it"
        return Open(call, gap, is_item, False)
    ends = {id(row.statement) for row in closes} | _asked_first(closes, names)
    flow = call.code.flow(call.function)
    left = flow.escapes_without(statement, lambda step: id(step) in ends, errors=False)
    if left is not None and left.kind != "raise":
        return Open(call, f"line {left.at.lineno} leaves the function without closing it", False, False)
    if flow.on_every_path(statement, lambda step: id(step) in ends):
        return None
    writes = any(one.writes and one.connection in names for one in statements(call.code, call.function))
    return Open(call, "it stays open when something fails before the close", False, not writes)


def _asked_first(closes: Sequence[CallTable], names: set[str]) -> set[int]:
    """The `if` statements that close a connection where there is one: `if connection is not None: …`."""
    found: set[int] = set()
    for row in closes:
        for block in row.block.chain() if row.block is not None else ():
            if isinstance(block.node, ast.If) and mentions(block.node.test, names):
                found.add(id(block.node))
    return found


def _is_chained(call: Call) -> bool:
    """Whether a statement is run on the fresh connection at once: `sqlite3.connect(p).execute(…)`."""
    parent = call.table.parent
    return isinstance(parent, ast.Attribute) and parent.attr.startswith("execute")


def _is_direct(statement: ast.stmt, call: Call) -> bool:
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Await):
        value = value.value
    return value is call.node


def _goes_elsewhere(call: Call, names: set[str]) -> bool:
    """Whether somebody else may close it: returned, yielded, kept, declared global, or used by an inner function."""
    function = call.function
    if function.scope.declared.keys() & names:
        return True
    for value in (*function.returns, *function.yields):
        if any(isinstance(part, ast.Name) and part.id in names for part in _parts(value)):
            return True
    for node in walk(function.node):
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.Name) and part.id in names for part in _parts(node.value)
        ):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and node is not function.node:
            if any(isinstance(part, ast.Name) and part.id in names for part in walk(node)):
                return True
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple | ast.List) and mentions(node.iter, names):
            return True
        if isinstance(node, ast.Call) and _may_keep(node, names, call.code):
            return True
    return False


def _parts(value: ast.expr) -> list[ast.expr]:
    """A value, its elements, and what a class or function makes around it: `return Store(db)`."""
    parts = list(value.elts) if isinstance(value, ast.Tuple | ast.List) else [value]
    parts += [one for one in value.values if one is not None] if isinstance(value, ast.Dict) else []
    if isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", ""))[:1].isupper():
        parts += [*value.args, *(keyword.value for keyword in value.keywords)]
    return parts


def _may_keep(node: ast.Call, names: set[str], code: Code) -> bool:
    """Whether a call may keep the connection: an object made around it, a collection, or a function not known."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if not any(isinstance(part, ast.Name) and part.id in names for part in given):
        return False
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if last in ("closing", "aclosing"):
        return True
    if last in _KEEPS or last[:1].isupper():
        return True
    call = code.call_of(node)
    if call is None or call.callee is None:
        return call is None or call.entry is None or call.entry.closes
    return any("close" in row.text for row in call.callee.calls)


def _closes(node: ast.Call, names: set[str]) -> bool:
    func = node.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "close"
        and isinstance(func.value, ast.Name)
        and func.value.id in names
    )
