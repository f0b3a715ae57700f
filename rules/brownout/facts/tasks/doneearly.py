"""Work that is told to be done, or whose source is removed, before its result is stored."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Note
from brownout.facts.databases.sessions import Session, autocommits, sessions
from brownout.facts.files.files import accesses
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function

_DONE = re.compile(
    r"\b(done|completed?|finished|processed|success|succeeded|ready|imported|exported|delivered)\b", re.IGNORECASE
)
_STATUS = re.compile(r"(^|_)(status|state|phase|stage)$", re.IGNORECASE)
_SETS_STATUS = re.compile(
    r"(set|update|mark|change|write|save)_?(\w+_)?(status|state|done|completed?|finished|processed)", re.IGNORECASE
)
_COLUMN = re.compile(r"\b(status|state|done|processed|finished|completed)\b", re.IGNORECASE)
_PUTS = frozenset({"set", "hset", "setex", "put", "hmset"})
_ACKNOWLEDGES = frozenset({"ack", "basic_ack", "acknowledge", "delete_message"})
_REMOVES = {"os.remove": "path", "os.unlink": "path", "pathlib.Path.unlink": ""}
_SAVES = frozenset("commit save flush put insert update".split())
_UPLOADS = re.compile(r"put_object|upload_file|upload_fileobj|fput_object|upload_from_\w+|insert_one|insert_many")


@dataclass(slots=True)
class Early:
    """A statement that says that work is done; `later` is the call that stores its result afterwards."""

    node: ast.AST
    function: Function
    text: str
    later: Call
    notes: list[Note]


@dataclass(slots=True)
class _Mark:
    node: ast.AST
    statement: ast.stmt
    block: Block | None
    text: str
    call: Call | None
    kept: bool
    """Whether others see it at once: an acknowledgement, a shared mapping; not an attribute that is saved later."""


def done_early(code: Code) -> Iterator[Early]:
    """The places of a file that call work done before its result is stored."""
    connections = sessions(code)
    stores = _stores(code, connections)
    for function in code.functions if stores else ():
        if id(function) not in stores or isinstance(function.node, ast.Module | ast.Lambda):
            continue
        for mark in _marks(function, code) if code.judged(function) else ():
            later = _later(mark, stores[id(function)], function, code, connections)
            if later is not None:
                note = Note(code.location(later.node.func), "the result is stored here")
                yield Early(mark.node, function, mark.text, later, [note])
                break


def _stores(code: Code, connections: list[Session]) -> dict[int, list[Call]]:
    """The calls of a file that store a result, by their function: a file, an object in a store, a row."""
    written = {id(one.call) for one in accesses(code) if one.writes}
    rows = (one for session in connections for one in session.statements)
    inserts = {id(one.call) for one in rows if one.verb in ("INSERT", "REPLACE")}
    found: dict[int, list[Call]] = {}
    for call in code.all_calls:
        entry = call.entry
        if entry is not None and "dump" in entry.tags:
            stores = len(call.node.args) > 1
        elif entry is not None and entry.writes and entry.effect is Effect.DISK and not call.text.endswith("rmtree"):
            stores = True
        else:
            stores = id(call) in written or id(call) in inserts or _uploads(call.last)
        if stores:
            found.setdefault(id(call.function), []).append(call)
    return found


@lru_cache(4096)
def _uploads(last: str) -> bool:
    return _UPLOADS.fullmatch(last) is not None


def _marks(function: Function, code: Code) -> Iterator[_Mark]:
    for row in code.module.assigns_of(function):
        node = row.node
        if isinstance(node, ast.Assign) and _is_done(node.value):
            target = node.targets[0]
            name = target.attr if isinstance(target, ast.Attribute) else ""
            if isinstance(target, ast.Subscript):
                name = str(getattr(target.slice, "value", ""))
            if _STATUS.search(name):
                shared = isinstance(target, ast.Subscript)
                yield _Mark(node, node, row.block, code.text(target), None, shared)
    for call in code.calls_in(function):
        text = _marked(call)
        if text:
            yield _Mark(call.node.func, call.table.statement, call.table.block, text, call, True)


@lru_cache(4096)
def _sets_status(last: str) -> bool:
    return _SETS_STATUS.search(last) is not None


def _marked(call: Call) -> str:
    last = call.last
    if last in _ACKNOWLEDGES:
        return call.text
    if not (_sets_status(last) or last in _PUTS or last == "execute" or call.name in _REMOVES):
        return ""
    arguments = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    if _sets_status(last) and (any(_is_done(one) for one in arguments) or _DONE.search(last.replace("_", " "))):
        return call.text
    if last in _PUTS and any(_is_done(one) for one in arguments) and any(_names_status(one) for one in arguments):
        return call.text
    if last == "execute" and arguments and _updates_status(arguments, call):
        return call.text
    if call.name in _REMOVES and not _in_cleanup(call.table.block):
        path = call.receiver if call.name.startswith("pathlib") else call.argument("path", 0)
        if path is not None and _is_read_before(path, call):
            return call.text
    return ""


def _names_status(node: ast.expr) -> bool:
    """Whether a text, or a part of it, is the name of a status: `f"job:{job}:status"`."""
    texts = (part.value for part in walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return any(_STATUS.search(text.replace(":", "_").strip()) for text in texts)


def _updates_status(arguments: list[ast.expr], call: Call) -> bool:
    """Whether a statement of any database sets a status to done: by its text, or by a value that it is given."""
    first = arguments[0]
    if isinstance(first, ast.Call) and first.args:  # text("UPDATE …")
        first = first.args[0]
    sql = call.code.text_of(first, call.function)
    changes, _, _ = sql.partition("WHERE")
    if not sql.lstrip().upper().startswith("UPDATE") or not _COLUMN.search(changes):
        return False
    return bool(_DONE.search(changes)) or any(_given_done(one) for one in arguments[1:])


def _is_done(node: ast.expr) -> bool:
    """Whether a value says that work is done: `"done"`, `Status.COMPLETED`."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and len(node.value) < 20 and bool(_DONE.search(node.value))
    return isinstance(node, ast.Attribute) and bool(_DONE.search(node.attr.replace("_", " ")))


def _given_done(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return any(_is_done(part) for part in parts)


def _is_read_before(path: ast.expr, call: Call) -> bool:
    """Whether the function reads the file that it then removes: the removed thing is the source of the work."""
    text = unparse(path)
    for row in call.function.calls:
        last = row.node.func.attr if isinstance(row.node.func, ast.Attribute) else getattr(row.node.func, "id", "")
        if row.node.lineno < call.node.lineno and last in ("open", "read_text", "read_bytes", "load", "convert"):
            if text in unparse(row.node):
                return True
    return False


def _in_cleanup(block: Block | None) -> bool:
    return block is not None and any(one.kind in ("handler", "finally") for one in block.chain())


def _later(mark: _Mark, stores: list[Call], function: Function, code: Code, connections: list[Session]) -> Call | None:
    if _in_cleanup(mark.block):
        return None
    flow = code.flow(function)
    for store in stores:
        statement = store.table.statement
        if store.node.lineno <= mark.statement.lineno or _in_cleanup(store.table.block):
            continue
        if not flow.dominates(mark.statement, statement):
            continue
        if mark.kept and not _in_one_transaction(mark, store, connections, code):
            return store
        if not mark.kept and any(_saves(call, mark, store) for call in code.calls_in(function)):
            return store
    return None


def _saves(call: Call, mark: _Mark, store: Call) -> bool:
    """Whether a call between the mark and the result makes the mark last."""
    last = call.last
    return last in _SAVES and mark.statement.lineno < call.node.lineno < store.node.lineno


def _in_one_transaction(mark: _Mark, store: Call, connections: list[Session], code: Code) -> bool:
    """Whether a mark that is a statement of a database becomes visible only after the result is stored."""
    if mark.call is None or mark.call.last not in ("execute", "executemany"):
        return False
    session = next((one for one in connections if any(two.call is mark.call for two in one.statements)), None)
    if session is not None and autocommits(session, code) is True:
        return False
    for call in code.calls_in(mark.call.function):
        if call.last == "commit" and mark.statement.lineno <= call.node.lineno < store.node.lineno:
            return False
    ends = [node.end_lineno or 0 for node in _withs(mark)]
    return not any(end < store.node.lineno for end in ends)


def _withs(mark: _Mark) -> list[ast.With | ast.AsyncWith]:
    """The `with` statements around a mark that may be its transaction."""
    if mark.call is None:
        return []
    found = [node for node in walk(mark.call.function.node) if isinstance(node, ast.With | ast.AsyncWith)]
    return [node for node in found if node.lineno <= mark.statement.lineno <= (node.end_lineno or 0)]
