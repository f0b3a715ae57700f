"""SQLite connections that outlive a call: kept on an object or in a module, and who uses them under which lock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts import locking
from brownout.facts.databases import sqlite
from brownout.facts.databases.statements import WRITES, Statement, connection_of, statements
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_ONE_THREAD = re.compile(r"max_workers\s*=\s*1\b|ThreadPoolExecutor\(\s*1\s*[,)]|ThreadingHTTPServer\b.*\bsingle")
_CACHED = re.compile(r"(^|\.)(lru_cache|cache|cached|cache_resource|singleton)\b")


@dataclass(slots=True)
class Shared:
    """A connection that several threads use at once: the place of one use without a lock."""

    call: Call
    name: str
    notes: list[Note]


def shared(code: Code) -> Iterator[Shared]:
    """The connections of a file that threads share without a lock."""
    for call in code.index.tagged("sqlite-connect"):
        if not call.has("sqlite-connect") or not _any_thread(call) or not sqlite.opens_file(call):
            continue
        name = kept_as(call)
        if name is None or not code.judged(call.function) or not sqlite.is_concurrent(code.project):
            continue
        if _ONE_THREAD.search(code.module.text):
            continue
        uses = [one for one in statements(code) if _is_use(one, name, call, code)]
        later = [
            one for one in uses if one.call.function is not call.function and not _sets_up(one.call.function, code)
        ]
        if any(locked(one.call) for one in uses):  # what is private is called under the lock that the others take
            later = [one for one in later if not one.call.function.name.startswith("_")]
        unlocked = [one for one in later if not locked(one.call) and not one.call.in_async]
        writes = any(one.verb in WRITES or not one.verb for one in later)
        served = any(_is_reached(one.call.function, code) for one in unlocked)
        if unlocked and writes and served:
            where = next(one for one in unlocked if _is_reached(one.call.function, code))
            note = Note(code.location(where.call.node.func), "it is used here without a lock")
            yield Shared(call, name, [note])
        elif _used_elsewhere(call, name, code) or _given_out(name, code):
            yield Shared(call, name, [])


def _any_thread(call: Call) -> bool:
    given = call.argument("check_same_thread", 4)
    return given is not None and call.code.constant(given, call.function) is False


def kept_as(call: Call) -> str | None:
    """How a connection that outlives its function is called: `self.db`, a name of the module, or `get_db()`."""
    statement, function = call.table.statement, call.function
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    for target in targets:
        if isinstance(target, ast.Attribute):
            return unparse(target)
        if isinstance(target, ast.Name):
            if function.name == "<module>" or function.scope.declared.get(target.id) == "global":
                return target.id
            kept = _kept_later(target.id, function)
            if kept is not None:
                return kept
            if _is_cached(function) and any(getattr(value, "id", "") == target.id for value in function.returns):
                return f"{function.name}()"
    if isinstance(statement, ast.Return) and _is_cached(function):
        return f"{function.name}()"
    return None


def _kept_later(name: str, function: Function) -> str | None:
    for node in walk(function.node):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == name:
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    return unparse(target)
                if isinstance(target, ast.Name) and function.scope.declared.get(target.id) == "global":
                    return target.id
    return None


def _is_cached(function: Function) -> bool:
    return any(_CACHED.search(unparse(decorator)) for decorator in function.decorators)


def _is_use(statement: Statement, name: str, made: Call, code: Code) -> bool:
    """Whether a statement runs on the kept connection, however the function calls it."""
    function = statement.call.function
    if statement.connection == name:
        return not name.startswith("self.") or _is_heir(function, made.function, code)
    if name.startswith(("app.state.", "self.state.")) and not statement.connection.isidentifier():
        return statement.connection.endswith(name.partition(".")[2])
    if statement.connection.isidentifier():
        bindings = code.names.bindings(statement.connection, function.scope) or ()
        values = [unparse(binding.value) for binding in bindings if binding.value is not None]
        state = name.partition(".")[2] if name.startswith(("app.state.", "self.state.")) else None
        return any(value == name or (state is not None and value.endswith(f".{state}")) for value in values)
    return connection_of(ast.Name(name), function) == statement.connection


def _sets_up(function: Function, code: Code) -> bool:
    """Whether a function runs while the object is made, before anybody else has it."""
    if function.name == "__init__":
        return True
    callers = code.project.graph.callers.get(code.names.full(function.qualname), ())
    return bool(callers) and all(edge.caller.qualname.endswith(".__init__") for edge in callers)


def _is_heir(function: Function, other: Function, code: Code) -> bool:
    """Whether a method belongs to the class of another one, or to a class below it."""
    if function.owner is None or other.owner is None:
        return False
    names = code.project.links.mro(code.names.full(function.owner.qualname))
    return code.names.full(other.owner.qualname) in names


def _given_out(name: str, code: Code) -> bool:
    """Whether a function of the file gives the connection to requests, in a file that knows no locks."""
    if not name.isidentifier() or locking.LOCK.search(code.module.text):
        return False
    for function in code.functions:
        if not function.is_async and any(getattr(value, "id", "") == name for value in function.returns):
            callers = code.project.graph.callers.get(code.names.full(function.qualname), ())
            if code.serves(function) and (not callers or any(not edge.caller.is_async for edge in callers)):
                return True
    return False


def locked(call: Call) -> bool:
    """Whether a lock stands around a call, or the function takes one before."""
    return locking.locked(call.table, lambda context: call.code.target(context, call.function))


def _is_reached(function: Function, code: Code) -> bool:
    """Whether requests or threads come by: as far as known, or as part of an object whose callers are not known."""
    kinds = code.kinds(function)
    return code.serves(function) or (not kinds and function.owner is not None)


def _used_elsewhere(call: Call, name: str, code: Code) -> bool:
    """Whether functions of other files that serve write on the connection, in files that know no locks."""
    if not name.isidentifier():
        return False
    symbol = f"{code.names.full(name)}.execute"
    modules = {module.path: module for module in code.project.modules}
    for function, row in code.project.rows():
        if row.symbol.startswith(symbol) and function.path != code.module.path and not function.is_async:
            if "threading" not in modules[function.path].imported and code.project.contexts.get(function.name):
                return True
    return False
