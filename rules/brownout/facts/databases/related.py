"""Writes of one function that belong together: they name the same row, or one takes its key from the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.databases.sessions import Session, autocommits, sessions
from brownout.facts.databases.statements import Statement
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Block


@dataclass(slots=True)
class Related:
    """The first and last of writes that belong together, and the statements of one block in which they stand."""

    first: Statement
    last: Statement
    why: str
    start: ast.stmt
    end: ast.stmt
    connection: str


def related_writes(code: Code) -> Iterator[Related]:
    """For each session in autocommit mode without a transaction, the first group of dependent writes."""
    for session in sessions(code):
        writes = session.writes
        if len(writes) < 2 or not code.judged(session.function) or autocommits(session, code) is not True:
            continue
        if session.blocks or any(one.verb in ("BEGIN", "SAVEPOINT") for one in session.statements):
            continue
        if any(one.sql.upper().startswith("BEGIN") for one in session.statements):
            continue
        group = _group(writes, session)
        if group is not None:
            yield group


def _group(writes: list[Statement], session: Session) -> Related | None:
    for index, first in enumerate(writes):
        found = [(other, why) for other in writes[index + 1 :] if (why := _why(first, other))]
        if found:
            last, why = found[-1]
            start, end = _in_one_block(first, last)
            return Related(first, last, why, start, end, session.name)
    return None


def _why(first: Statement, second: Statement) -> str:
    """Why one write depends on another; empty where it does not, or where only one of them is ever done."""
    if _exclusive(first, second):
        return ""
    shared = _names(first) & _names(second)
    if shared:
        return f"both use `{sorted(shared)[0]}`"
    if _takes_key(second):
        return "the second uses the key of the first"
    if (
        first.table
        and first.table == second.table
        and first.sql != second.sql
        and "DELETE" not in (first.verb, second.verb)
    ):
        return f"both change *{first.table}*"
    return ""


def _takes_key(statement: Statement) -> bool:
    """Whether a write is given the key of a row just made, there or under a name."""
    if "lastrowid" in unparse(statement.call.node):
        return True
    bindings = statement.call.function.scope.bindings
    return any(
        one.value is not None and "lastrowid" in unparse(one.value)
        for name in _names(statement)
        for one in bindings.get(name, ())
    )


def _exclusive(first: Statement, second: Statement) -> bool:
    """Whether the writes stand in different branches of one `if`, `try` or `match`."""
    ones = {id(block.node): block for block in _blocks(first)}
    for block in _blocks(second):
        other = ones.get(id(block.node))
        if other is not None and other.kind != block.kind and block.kind in ("if", "orelse", "handler", "try", "case"):
            return True
    handlers = [block for block in _blocks(second) if block.kind == "handler"]
    return bool(handlers) != any(block.kind == "handler" for block in _blocks(first))


def _blocks(statement: Statement) -> list[Block]:
    block = statement.call.table.block
    return list(block.chain()) if block is not None else []


def _names(statement: Statement) -> set[str]:
    """What a write is given besides its text: names, and attributes as written."""
    found: set[str] = set()
    for argument in statement.call.node.args[1:]:
        for part in walk(argument):
            if isinstance(part, ast.Attribute):
                found.add(unparse(part))
            elif isinstance(part, ast.Name):
                found.add(part.id)
    return {name for name in found if name not in ("self", "now", "datetime", "time", "json") and "time" not in name}


def _in_one_block(first: Statement, last: Statement) -> tuple[ast.stmt, ast.stmt]:
    """The statements of their nearest common block in which two writes stand."""
    ones, others = _path(first), _path(last)
    depth = 0
    while depth < min(len(ones), len(others)) - 1 and ones[depth] is others[depth]:
        depth += 1
    return ones[depth], others[depth]


def _path(statement: Statement) -> list[ast.stmt]:
    """The compound statements around a write, outermost first, and its own."""
    around = [block.node for block in reversed(_blocks(statement)) if isinstance(block.node, ast.stmt)]
    return [*around, statement.call.table.statement]
