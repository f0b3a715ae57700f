"""Pragmas that trade the safety of a database for speed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.databases import sqlite
from brownout.facts.databases.sessions import opened
from brownout.facts.databases.statements import connection_of
from brownout.facts.paths import words_of
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_UNSAFE = re.compile(
    r"pragma\s+(?:\w+\.)?(synchronous\s*(?:=|\()\s*['\"]?(?:off|0)\b"
    r"|journal_mode\s*(?:=|\()\s*['\"]?(?:off|memory)\b"
    r"|writable_schema\s*(?:=|\()\s*['\"]?(?:on|1|true|yes)\b)",
    re.IGNORECASE,
)
_REBUILT = frozenset(
    "tmp temp temporary scratch cache cached import importer bulk rebuild reindex index staging build throwaway memory "
    "test bench benchmark seed fast".split()
)
_NEAR = 8
_SAID = re.compile(r"disposab|durab|rebuil|recreat|throw|crash|fsync|lose|loss|lost|scratch", re.IGNORECASE)


@dataclass(slots=True)
class Unsafe:
    """A call that sets an unsafe pragma; `literal` is the text that says so, where it is one."""

    call: Call
    pragma: str
    literal: ast.Constant | None


def unsafe(code: Code) -> Iterator[Unsafe]:
    """The calls of a file that switch off a protection of a database that matters."""
    for call in code.index.written(("execute", "executescript", "exec_driver_sql")):
        func = call.node.func
        if not isinstance(func, ast.Attribute) or func.attr not in ("execute", "executescript", "exec_driver_sql"):
            continue
        if not call.node.args or not (code.judged(call.function) or _sets_up(call.function, code)):
            continue
        text = code.text_of(call.node.args[0], call.function) or _inner(call.node.args[0])
        found = _UNSAFE.search(text)
        if found and not _may_be_lost(call):
            first = call.node.args[0]
            yield Unsafe(call, " ".join(found[1].split()), first if isinstance(first, ast.Constant) else None)


def _sets_up(function: Function, code: Code) -> bool:
    """Whether it makes an object that works in the service, though only the program's beginning makes it."""
    if function.owner is None or function.name != "__init__":
        return False
    return any(code.judged(method) for method in function.owner.methods.values())


def _inner(node: ast.expr) -> str:
    """The text within a wrapper such as SQLAlchemy's `text(…)`."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return ""


def _may_be_lost(call: Call) -> bool:
    """Whether the database can be built again: in memory, named so, or said so in a comment."""
    function: Function | None = call.function
    assert isinstance(call.node.func, ast.Attribute)
    connection = connection_of(call.node.func.value, call.function)
    connect = opened(connection, call.function, call.code)
    if connect is not None:
        path = connect.argument("database", 0)
        if not sqlite.opens_file(connect) or (path is not None and is_spare(call.code.text_of(path, connect.function))):
            return True
        if path is not None and is_spare(unparse(path)):
            return True
    while function is not None and function.name != "<module>":
        if is_spare(function.qualname):
            return True
        function = function.parent
    return is_spare(connection) or _is_commented(call)


def is_spare(text: str) -> bool:
    """Whether a name says that the thing can be made again: `cache_db`, `tmp`."""
    return not _REBUILT.isdisjoint(words_of(text))


def _is_commented(call: Call) -> bool:
    """Whether a comment in or above the block of lines says why the database may be lost."""
    lines = call.code.module.lines
    first, last = call.node.lineno, call.node.end_lineno or call.node.lineno
    before = lines[first - 2].strip() if first > 1 else ""
    if before.startswith("#") or any(" # " in line for line in lines[first - 1 : last]):
        return True
    near = (line for line in lines[max(0, first - _NEAR) : first] if line.strip().startswith("#"))
    return any(_SAID.search(line) for line in near)
