"""How SQLite transactions of a file begin and end: read before write, once per row, never, or not at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.databases import sqlite
from brownout.facts.databases.leftopen import opens
from brownout.facts.databases.sessions import Session, autocommits, sessions
from brownout.facts.databases.statements import Statement, connection_of
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_OWN = ("commit", "close", "cursor", "execute", "executemany", "executescript", "rollback")
_LOOKED_AT = ("closing", "aclosing", "len", "str", "repr", "isinstance")


def upgrades(code: Code) -> Iterator[tuple[Statement, Statement]]:
    """The deferred `BEGIN` statements of a file after which a SELECT comes before the first write."""
    if not sqlite.is_concurrent(code.project):
        return
    for session in sessions(code):
        if not code.judged(session.function) or (session.opened is not None and not sqlite.opens_file(session.opened)):
            continue
        begun: Statement | None = None
        read = False
        for statement in session.statements:
            if statement.verb == "BEGIN":
                words = statement.sql.upper().rstrip(";").split()
                begun, read = (statement if not {"IMMEDIATE", "EXCLUSIVE"} & set(words) else None), False
            elif statement.verb in ("COMMIT", "END", "ROLLBACK") and not _in_branch(statement):
                begun = None
            elif statement.verb in ("CREATE", "ALTER", "DROP"):
                begun = None  # a migration: it runs once, before anybody else
            elif statement.verb == "SELECT":
                read = True
            elif statement.writes and begun is not None:
                if read:
                    yield begun, statement
                begun = None


def _in_branch(statement: Statement) -> bool:
    """Whether a statement runs on some ways only: those after it may belong to the same transaction."""
    block = statement.call.table.block
    return block is not None and any(one.kind in ("if", "orelse", "handler", "case") for one in block.chain())


def commits_per_row(code: Code) -> Iterator[Call]:
    """The commits of a file that stand in a loop over rows which does nothing else but write them."""
    for session in sessions(code):
        if not code.judged(session.function):
            continue
        for commit in session.commits:
            loop = _row_loop(commit)
            if loop is None or not any(_inside(one.call.node, loop) for one in session.writes):
                continue
            source = set(walk(loop.iter))  # where the rows come from is asked for once
            within = (call for call in code.calls_in(session.function) if _inside(call.node, loop))
            others = (call for call in within if call.node not in source)
            if not any(_is_work(call, session) for call in others):
                yield commit


def _row_loop(call: Call) -> ast.For | ast.AsyncFor | None:
    """The `for` around a commit that runs once per turn: not under an `if`, a handler or a nested loop of attempts."""
    for block in call.table.block.chain() if call.table.block is not None else ():
        if block.kind == "loop":
            node = block.node
            return node if isinstance(node, ast.For | ast.AsyncFor) and not _is_batches(node) else None
        if block.kind in ("if", "orelse", "handler", "case"):
            return None
    return None


def _is_batches(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether each turn handles many rows: `for start in range(0, n, size)`, `for batch in batched(rows)`."""
    target, iterable = unparse(loop.target).lower(), unparse(loop.iter).lower()
    if any(word in target for word in ("batch", "chunk", "page", "migration", "version", "script")):
        return True
    return any(word in iterable for word in ("range(", "batched(", "chunked(", "queue", "migrations"))


def _inside(node: ast.expr, loop: ast.stmt) -> bool:
    return loop.lineno <= node.lineno <= (loop.end_lineno or 0)


def _is_work(call: Call, session: Session) -> bool:
    """Whether a call does something of its own outside the database: then each turn is worth keeping."""
    if call.receiver is not None and connection_of(call.receiver, session.function) == session.name:
        return False
    if call.entry is not None:
        return call.entry.effect not in (None, Effect.DATABASE, Effect.CLIENT)
    return call.callee is not None and call.callee.name in call.code.project.outside


@dataclass(slots=True)
class Uncommitted:
    """A session whose writes are lost; `last` is the statement after which a commit belongs, where that is plain."""

    session: Session
    write: Statement
    last: ast.stmt | None
    awaited: bool


def uncommitted(code: Code) -> Iterator[Uncommitted]:
    """The sessions of a file that write on a connection of their own and never commit."""
    for session in sessions(code):
        writes = [one for one in session.writes if not one.call.text.endswith("executescript")]
        if not writes or session.commits or session.blocks or not code.judged(session.function):
            continue
        if not session.local and not _made_by_helper(session, code):
            continue
        if autocommits(session, code) is not False or not session.name.isidentifier() or _shared(session, code):
            continue
        awaited = writes[-1].call.awaited
        yield Uncommitted(session, writes[0], _outermost(writes[-1].call, session), awaited)


def _made_by_helper(session: Session, code: Code) -> bool:
    """Whether a function of the file has made the connection anew for this one."""
    if session.opened is not None or not session.name.isidentifier():
        return False
    bindings = session.function.scope.bindings.get(session.name, ())
    call = code.call_of(bindings[0].value) if len(bindings) == 1 else None
    return call is not None and opens(call)


def _shared(session: Session, code: Code) -> bool:
    """Whether anybody else gets the connection, or a cursor of it: returned, yielded, stored, passed on."""
    function, names = session.function, {session.name}
    names |= {name for name in function.scope.bindings if _is_cursor(name, session)}
    if function.scope.declared.keys() & names:
        return True
    own = {id(call.receiver) for call in code.calls_in(function) if call.receiver is not None}
    for node in walk(function.node):
        if isinstance(node, ast.Return | ast.Yield) and _is_one(node.value, names):
            return True
        if isinstance(node, ast.Assign) and _is_one(node.value, names):
            return True
        if isinstance(node, ast.Call) and not _is_looked_at(node) and id(node) not in own:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(_is_one(part, names) for part in given):
                return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and node is not function.node:
            if any(isinstance(part, ast.Name) and part.id in names for part in walk(node)):
                return True
    return False


def _is_cursor(name: str, session: Session) -> bool:
    return name != session.name and connection_of(ast.Name(name), session.function) == session.name


def _is_looked_at(node: ast.Call) -> bool:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return last in _LOOKED_AT


def _is_one(node: ast.AST | None, names: set[str]) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return any(isinstance(part, ast.Name) and part.id in names for part in parts)


def _outermost(call: Call, session: Session) -> ast.stmt | None:
    """The statement after which the last write is done for good: the outermost loop around it, else its own."""
    statement: ast.stmt = call.table.statement
    for block in call.table.block.chain() if call.table.block is not None else ():
        if block.kind == "loop" and isinstance(block.node, ast.stmt):
            statement = block.node
    first = session.opened.table.statement if session.opened is not None else statement
    return statement if statement.lineno >= first.lineno else None
