"""What a function does with one SQLite connection: where it comes from, what is written, what ends the transaction."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.facts.databases.statements import Statement, connection_of, is_sqlite, statements
from brownout.facts.index import per_file
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_WRAPPED = ("closing", "aclosing", "enter_context", "enter_async_context")
_OFF = re.compile(r"\.isolation_level\s*=\s*None|\.autocommit\s*=\s*True")


@dataclass(slots=True)
class Session:
    """The statements of one function on one connection; `opened` is the call that connected, where it is seen.

    `blocks` are the `with connection:` statements, each of which commits at its end.
    """

    name: str
    function: Function
    opened: Call | None
    statements: list[Statement] = field(default_factory=list[Statement])
    commits: list[Call] = field(default_factory=list["Call"])
    closes: list[Call] = field(default_factory=list["Call"])
    blocks: list[ast.With | ast.AsyncWith] = field(default_factory=list[ast.With | ast.AsyncWith])

    @property
    def writes(self) -> list[Statement]:
        """The statements that change rows."""
        return [statement for statement in self.statements if statement.writes]

    @property
    def local(self) -> bool:
        """Whether the connection was opened in this very function."""
        return self.opened is not None and self.opened.function is self.function

    def within(self, node: ast.AST) -> ast.With | ast.AsyncWith | None:
        """The `with connection:` block around a node."""
        line = getattr(node, "lineno", 0)
        inside = [block for block in self.blocks if block.lineno < line <= (block.end_lineno or 0)]
        return inside[-1] if inside else None


@per_file
def sessions(code: Code) -> list[Session]:
    """The sessions of a file, by function and connection, in the order of their first statement."""
    found: dict[tuple[int, str], Session] = {}
    for statement in statements(code):
        function = statement.call.function
        key = id(function), statement.connection
        if key not in found:
            found[key] = Session(statement.connection, function, opened(statement.connection, function, code))
        found[key].statements.append(statement)
    for session in found.values():
        _complete(session, code)
    return list(found.values())


def _complete(session: Session, code: Code) -> None:
    for call in code.calls_in(session.function):
        func = call.node.func
        if isinstance(func, ast.Attribute) and func.attr in ("commit", "close"):
            if connection_of(func.value, session.function) == session.name and (call.entry is None or is_sqlite(call)):
                (session.commits if func.attr == "commit" else session.closes).append(call)
    session.commits += [one.call for one in session.statements if one.verb in ("COMMIT", "END")]
    for row in code.module.withs:
        if row.function is session.function and isinstance(row.node, ast.With | ast.AsyncWith):
            if any(_commits(item, session.name, code) for item in row.node.items):
                session.blocks.append(row.node)


def _commits(item: ast.withitem, name: str, code: Code) -> bool:
    """Whether an item of a `with` statement is the connection itself, so that its end commits."""
    context = item.context_expr
    if isinstance(context, ast.Name | ast.Attribute):
        return unparse(context) == name
    call = code.call_of(context)
    if call is None or item.optional_vars is None or unparse(item.optional_vars) != name:
        return False
    if call.last in _WRAPPED:
        return False
    return call.entry is None or call.entry.name == "sqlite3.connect"


def opened(name: str, function: Function, code: Code) -> Call | None:
    """The `connect` that gave a local name, an attribute of `self` or a name of the module its value."""
    values: Sequence[ast.expr | None] = ()
    if name.startswith("self.") and function.owner is not None:
        values = [binding.value for binding, _ in function.owner.attributes.get(name[5:], ())]
    elif name.isidentifier():
        values = [binding.value for binding in code.names.bindings(name, function.scope) or ()]
    found = [call for value in values if (call := _connect(value, code)) is not None]
    return found[0] if len(found) == 1 else None


def _connect(value: ast.expr | None, code: Code) -> Call | None:
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, ast.Call) and unparse(value.func).rpartition(".")[2] in _WRAPPED and value.args:
        value = value.args[0]
    call = code.call_of(value)
    return call if call is not None and call.has("sqlite-connect") else None


def autocommits(session: Session, code: Code) -> bool | None:
    """Whether every statement commits by itself; None where the connection's mode cannot be seen."""
    if _OFF.search(code.module.text):
        return None if not session.local else f"{session.name}.isolation_level = None" in code.module.text
    if session.opened is None:
        helped = _helped(session, code)
        if helped is not None:
            return helped
        return None if _autocommit_somewhere(code.project) else False
    return connects_in_autocommit(session.opened)


def _helped(session: Session, code: Code) -> bool | None:
    """Whether the function of the project that made the connection opened it in autocommit; None where unknown."""
    if not session.name.isidentifier():
        return None
    bindings = code.names.bindings(session.name, session.function.scope) or ()
    for binding in bindings:
        value = binding.value.value if isinstance(binding.value, ast.Await) else binding.value
        call = code.call_of(value)
        rows = call.callee.calls if call is not None and call.callee is not None else ()
        for row in rows:
            if code.project.links.target(row.symbol) == "sqlite3.connect":
                given = dict(row.arguments)
                return given.get("isolation_level") == "=None" or given.get("autocommit") == "=True"
    return None


def connects_in_autocommit(call: Call) -> bool | None:
    """Whether a `connect` asks for autocommit: `isolation_level=None`, `autocommit=True`; None if it may."""
    if call.unpacks:
        return None
    level, auto = call.argument("isolation_level", 3), call.argument("autocommit")
    if level is not None:
        value = call.code.constant(level, call.function)
        return None if value is ... else value is None
    if auto is not None:
        value = call.code.constant(auto, call.function)
        return value if isinstance(value, bool) else None
    return False


@per_project
def _autocommit_somewhere(project: Project) -> bool:
    return any("autocommit" in module.practices for module in project.modules if not module.is_test)
