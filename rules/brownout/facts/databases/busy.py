"""How long SQLite waits for a lock, what holds one while something slow runs, and who hides that it was not given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Note
from brownout.facts.databases import sqlite
from brownout.facts.databases.sessions import Session, autocommits, sessions
from brownout.facts.databases.statements import Statement, connection_of, statements
from brownout.facts.effects import Chain
from brownout.facts.failing.fallbacks import answers_for_failure
from brownout.facts.paths import words_of
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function, Row

_BUSY = re.compile(r"busy_timeout\s*=?\s*\(?\s*(\d+)", re.IGNORECASE)
_SHORT_SECONDS = 0.5
_SLOW = frozenset({Effect.NETWORK, Effect.PROCESS, Effect.SLEEP, Effect.MODEL, Effect.MESSAGE})
_LOCKED = frozenset({"sqlite3.OperationalError", "sqlite3.Error", "sqlite3.DatabaseError"})
_LOGS = re.compile(r"(^|\.)(debug|info|warning|warn|error|exception|critical|log|print|print_exc)$")
_SETS_UP = frozenset("migrate migrates migration migrations init setup schema seed upgrade bootstrap stamp".split())
_RETRIES = re.compile(r"retr|backoff|tenacity|attempt", re.IGNORECASE)


@dataclass(slots=True)
class Impatient:
    """A connection that does not wait: by an argument of `connect`, or by the literal of a pragma."""

    call: Call
    wait: str
    pragma: ast.expr | None
    fixable: bool


def impatient(code: Code) -> Iterator[Impatient]:
    """The connections of a file that give up at once, and that nobody tries again."""
    for call in code.index.tagged("sqlite-connect"):
        if not call.has("sqlite-connect") or not code.judged(call.function):
            continue
        given = call.argument("timeout", 1)
        seconds = code.constant(given, call.function) if given is not None else None
        if isinstance(seconds, int | float) and seconds < _SHORT_SECONDS and sqlite.opens_file(call):
            if not _patient_pragma(call.function, code) and not tries_again(call, code):
                wait = "no time at all" if seconds <= 0 else f"{seconds:g} seconds"
                yield Impatient(call, wait, None, True)
    for statement in statements(code):
        found = _BUSY.search(statement.sql) if statement.verb == "PRAGMA" else None
        call = statement.call
        if found and int(found[1]) < _SHORT_SECONDS * 1000 and code.judged(call.function):
            if not tries_again(call, code):
                argument = call.node.args[0] if call.node.args else None
                literal = argument if isinstance(argument, ast.Constant) else None
                wait = f"{found[1]} milliseconds" if int(found[1]) else "no time at all"
                yield Impatient(call, wait, literal, literal is not None)


def _patient_pragma(function: Function, code: Code) -> bool:
    return any(
        (found := _BUSY.search(statement.sql)) is not None and int(found[1]) >= _SHORT_SECONDS * 1000
        for statement in statements(code, function)
    )


def tries_again(call: Call, code: Code) -> bool:
    """Whether the function that makes a call, or the one around it, tries again when it fails."""
    function: Function | None = call.function
    while function is not None and not isinstance(function.node, ast.Module):
        if any(_RETRIES.search(unparse(decorator)) for decorator in function.decorators):
            return True
        if any(row.function is function and _in_retry(row) for row in code.module.tries):
            return True
        if _RETRIES.search(function.name):
            return True
        function = function.parent
    summary = code.summary(call.function)
    if summary is None:
        return False
    callers = code.project.graph.callers.get(summary.name, ())
    return any(_RETRIES.search(edge.caller.qualname) for edge in callers)


def _in_retry(row: Row) -> bool:
    """Whether a `try` stands in a loop that begins again after a locked database."""
    loop = retry_loop(row.block)
    if loop is None or not isinstance(row.node, ast.Try | ast.TryStar):
        return False
    return any(not isinstance(handler.body[-1], ast.Raise | ast.Break) for handler in row.node.handlers)


def retry_loop(block: Block | None) -> ast.AST | None:
    """The loop around a place that counts attempts or runs until it works, rather than one over items."""
    for one in block.chain() if block is not None else ():
        if one.kind == "loop" and isinstance(one.node, ast.While):
            return one.node
        if one.kind == "loop" and isinstance(one.node, ast.For) and _counts(one.node):
            return one.node
    return None


def _counts(node: ast.For) -> bool:
    text = unparse(node.iter)
    return text.startswith(("range(", "count(", "itertools.count(")) or bool(_RETRIES.search(unparse(node.target)))


@dataclass(slots=True)
class Held:
    """Something slow that runs while a transaction holds the lock: `begun` opened it."""

    call: Call
    begun: Statement
    what: str
    notes: list[Note]


def held(code: Code) -> Iterator[Held]:
    """The slow calls of a file that run between the first write of a transaction and its end."""
    for session in sessions(code):
        if not code.judged(session.function) or (session.opened is not None and not sqlite.opens_file(session.opened)):
            continue
        explicit = [one for one in session.statements if one.verb in ("BEGIN", "SAVEPOINT")]
        starts = explicit or ([] if autocommits(session, code) is not False else session.writes)
        seen: set[int] = set()
        for call in code.calls_in(session.function):
            begun = next((start for start in starts if _runs_inside(call, start, session, code)), None)
            if begun is not None and id(call.node) not in seen and (what := _slow(call, session)) is not None:
                seen.add(id(call.node))
                note = Note(code.location(begun.call.node.func), "the transaction begins here")
                yield Held(call, begun, what, [note])
                break


def _runs_inside(call: Call, start: Statement, session: Session, code: Code) -> bool:
    """Whether a call may run after a statement began the transaction, and before that ends."""
    statement, first = call.table.statement, start.call.table.statement
    block = session.within(start.call.node)
    if block is not None and start.verb not in ("BEGIN", "SAVEPOINT"):
        inside = block.lineno < call.node.lineno <= (block.end_lineno or 0)
        return inside and (call.node.lineno > start.call.node.lineno or _share_a_loop(call, start.call, block))
    flow = code.flow(session.function)
    for commit in session.commits:
        if any(step is statement for step in flow.between(first, commit.table.statement)):
            return statement is not first and statement is not commit.table.statement
    return False


def _share_a_loop(call: Call, other: Call, within: ast.AST) -> bool:
    loops = [block.node for block in _chain(other) if block.kind == "loop" and block.node.lineno > within.lineno]  # type: ignore[attr-defined]
    return any(block.node in loops for block in _chain(call) if block.kind == "loop")


def _chain(call: Call) -> list[Block]:
    return list(call.table.block.chain()) if call.table.block is not None else []


def _slow(call: Call, session: Session) -> str | None:
    """What keeps a call: another machine, a process, a model, a pause; None for what is quick or the database."""
    code = call.code
    if call.receiver is not None and connection_of(call.receiver, session.function) == session.name:
        return None
    if call.entry is not None:
        entry = call.entry
        slow = entry.effect in _SLOW and not entry.short and (entry.blocks or call.awaited)
        return entry.display if slow else None
    if call.callee is None or (call.callee.is_async and not call.awaited):
        return None
    chain = _slow_functions(code.project).get(call.callee.name)
    slow = chain is not None and not chain.entry.short and (chain.entry.blocks or chain.entry.awaits)
    return chain.entry.display if chain is not None and slow else None


@per_project
def _slow_functions(project: Project) -> dict[str, Chain]:
    return project.reaching(*_SLOW)


@dataclass(slots=True)
class Swallowed:
    """A handler that drops the failure of a write: around which statement."""

    handler: ast.ExceptHandler
    statement: Statement
    caught: str


def swallowed(code: Code) -> Iterator[Swallowed]:
    """The handlers of a file that drop `database is locked` around a write, and do nothing else about it."""
    written = [statement for statement in statements(code) if statement.writes]
    if not written:
        return
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try | ast.TryStar) or not code.judged(row.function):
            continue
        first, last = node.body[0].lineno, node.body[-1].end_lineno or 0
        inside = [one for one in written if one.call.function is row.function and first <= one.call.node.lineno <= last]
        if not inside or retry_loop(row.block) is not None or answers_for_failure(node, row.function):
            continue
        if not words_of(row.function.qualname).isdisjoint(_SETS_UP):
            continue
        for handler in node.handlers:
            if _catches_locked(handler, row, code) and says_nothing(handler.body):
                yield Swallowed(handler, inside[0], unparse(handler.type) if handler.type else "everything")


def _catches_locked(handler: ast.ExceptHandler, row: Row, code: Code) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return any(code.target(node, row.function) in _LOCKED for node in types)


def says_nothing(body: list[ast.stmt]) -> bool:
    """Whether the statements of a handler only pass, log, roll back, or give up without a word to the caller."""
    for statement in body:
        if isinstance(statement, ast.Pass | ast.Continue | ast.Break):
            continue
        if isinstance(statement, ast.Return) and (statement.value is None or _is_none(statement.value)):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        value = statement.value if isinstance(statement, ast.Expr) else None
        call = value.value if isinstance(value, ast.Await) else value
        if not isinstance(call, ast.Call) or not _is_quiet(unparse(call.func)):
            return False
    return True


def _is_quiet(text: str) -> bool:
    return bool(_LOGS.search(text)) or text.rpartition(".")[2] in ("rollback", "close")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
