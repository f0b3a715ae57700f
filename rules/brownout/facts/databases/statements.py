"""SQL that a function sends to SQLite: the text, its verb, and the connection behind a cursor."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.index import per_file
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Binding, Function, Scope

_EXECUTING = frozenset({"execute", "executemany", "executescript", "execute_insert", "execute_fetchall"})
_LIBRARIES = ("sqlite3.", "aiosqlite.")
_OTHERS = frozenset(
    "psycopg psycopg2 pymysql MySQLdb mysql asyncpg aiomysql sqlalchemy duckdb oracledb pyodbc django".split()
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LATER_WRITE = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:INTO|UPDATE(?:\s+OR\s+\w+)?|FROM)\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_DEPTH = 6
WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})


@dataclass(slots=True)
class Statement:
    """One `execute`: its text on one line, its first word in capitals, and the connection as written."""

    call: Call
    sql: str
    verb: str
    connection: str

    @property
    def writes(self) -> bool:
        """Whether rows are changed."""
        return self.verb in WRITES

    @property
    def table(self) -> str:
        """The table that is written, in lower case; empty where it cannot be seen."""
        found = _TABLE.search(self.sql)
        return found[1].lower() if found else ""


def statements(code: Code, function: Function | None = None) -> Iterator[Statement]:
    """The statements that a function, or every function of a file, sends to SQLite, in the order of the text."""
    found = _statements(code)
    return iter(found) if function is None else (one for one in found if one.call.function is function)


@per_file
def _statements(code: Code) -> list[Statement]:
    found: list[Statement] = []
    for call in code.index.written(_EXECUTING):
        func = call.node.func
        if isinstance(func, ast.Attribute) and is_sqlite(call):
            first = call.argument("sql", 0) or call.argument("sql_script", 0)
            sql = " ".join(_COMMENTS.sub(" ", code.text_of(first, call.function)).split())
            found.append(Statement(call, sql, _verb(sql), connection_of(func.value, call.function)))
    return found


def is_sqlite(call: Call) -> bool:
    """Whether a method belongs to SQLite: by its receiver, or in a file that speaks to no other database."""
    if call.entry is not None:
        return call.entry.name.startswith(_LIBRARIES)
    if call.callee is not None or (call.target is not None and ".state." not in call.target):
        return False  # what is kept as `app.state.db` has no type
    imported = call.code.module.imported
    return not imported.isdisjoint(("sqlite3", "aiosqlite")) and imported.isdisjoint(_OTHERS)


def _verb(sql: str) -> str:
    verb = sql.lstrip("( ").partition(" ")[0].rstrip(";").upper()
    if verb == "WITH" and (found := _LATER_WRITE.search(sql)):
        return found[1].upper()
    return verb


def connection_of(node: ast.expr, function: Function) -> str:
    """The connection behind an expression, as written: `db` for `db.cursor()` and for a cursor that was made so."""
    for _ in range(_DEPTH):
        if isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("cursor", *_EXECUTING):
                break
            node = node.func.value
        elif isinstance(node, ast.Attribute) and node.attr == "connection":
            node = node.value
        else:
            made = _cursor_of(node, function)
            if made is None:
                break
            node = made
    return unparse(node)


def _bindings(name: str, scope: Scope) -> list[Binding]:
    """How the function, or one around it, or the module gives a name its value."""
    current: Scope | None = scope
    while current is not None:
        if name in current.bindings and (current is scope or current.kind != "class"):
            return current.bindings[name]
        current = current.parent
    return []


def _cursor_of(node: ast.expr, function: Function) -> ast.expr | None:
    """What a name or attribute of a cursor was made from: `db.cursor()`, also within `closing(…)`."""
    values: list[ast.expr | None] = []
    if isinstance(node, ast.Name):
        values = [binding.value for binding in _bindings(node.id, function.scope)]
    elif isinstance(node, ast.Attribute) and function.owner is not None and unparse(node.value) == "self":
        values = [binding.value for binding, _ in function.owner.attributes.get(node.attr, ())]
    for value in values:
        inner = value.value if isinstance(value, ast.Await) else value
        if isinstance(inner, ast.Call) and unparse(inner.func).endswith("closing") and inner.args:
            inner = inner.args[0]
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            if inner.func.attr in ("cursor", *_EXECUTING):
                return inner
    return None
