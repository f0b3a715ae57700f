"""Uploads that are copied to the disk: in one call, or chunk by chunk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.intake.uploads import checked_before, is_upload
from brownout.facts.nodes import inside, is_leaving, last_word, names_in
from brownout.facts.renames import may_mean
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_COUNTS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)


@dataclass(slots=True)
class Copy:
    """A copy without a bound; `fixable` where it is a plain `copyfileobj` in a statement of its own."""

    call: Call
    fixable: bool


def unbounded(code: Code) -> Iterator[Copy]:
    """The copies of uploads in a file that no size ends."""
    handed = may_mean("copyfileobj", code)
    for call in code.all_calls if handed else code.index.written(("save",)):
        source = _source(call)
        if source is not None and code.judged(call.function) and is_upload(source, call.function, code):
            name = next(iter(sorted(names_in(source))), None)
            if not checked_before(call, name):
                statement = call.table.statement
                plain = isinstance(statement, ast.Expr) and statement.value is call.node and len(call.node.args) == 2
                fastapi = any("fastapi" in (code.symbol(node, call.function) or "") for node in _names(source))
                yield Copy(call, plain and fastapi and call.target == "shutil.copyfileobj")
    yield from _loops(code)


def _names(node: ast.expr) -> list[ast.expr]:
    return [part for part in walk(node) if isinstance(part, ast.Name)]


def _source(call: Call) -> ast.expr | None:
    """What a call copies whole: the first argument of `copyfileobj`, the file whose `save` is called."""
    if call.target == "shutil.copyfileobj":
        return call.argument("fsrc", 0)
    if (
        call.node.args
        and isinstance(call.node.args[0], ast.Name | ast.Attribute)
        and call.code.target(call.node.args[0], call.function) == "shutil.copyfileobj"
    ):
        return call.node.args[1] if len(call.node.args) > 1 else None
    if last_word(call.node) == "save" and call.callee is None and len(call.node.args) == 1:
        return call.receiver
    return None


def _loops(code: Code) -> Iterator[Copy]:
    """Loops that read a chunk and write it until the client stops, and compare no size."""
    for row in code.module.loops:
        node = row.node
        if isinstance(node, ast.While | ast.For | ast.AsyncFor) and code.judged(row.function):
            read = _read(node, row.function, code)
            if read is None or not _writes(node) or _counts(node):
                continue
            receiver = next(iter(sorted(names_in(read.receiver))), None)
            if not checked_before(read, receiver):
                yield Copy(read, False)


def _read(node: ast.While | ast.For | ast.AsyncFor, function: Function, code: Code) -> Call | None:
    """The call in the loop that gives the next piece of an upload."""
    places: list[ast.AST] = [node.test, *node.body] if isinstance(node, ast.While) else [node.iter]
    for part in inside(places):
        if isinstance(part, ast.Call) and last_word(part) in ("read", "stream", "chunks", "readline", "iter"):
            call = code.call_of(part)
            if call is not None and call.receiver is not None:
                is_request = "Request()" in (code.symbol(call.receiver, function) or "")
                if is_upload(call.receiver, function, code) or (is_request and last_word(part) == "stream"):
                    return call
    return None


def _writes(node: ast.While | ast.For | ast.AsyncFor) -> bool:
    return any(
        isinstance(part, ast.Call)
        and last_word(part) in ("write", "append", "extend", "to_thread", "run_in_threadpool")
        for part in inside(node.body)
    )


def _counts(node: ast.While | ast.For | ast.AsyncFor) -> bool:
    """Whether the loop compares something that grows and leaves, or hands each piece to something that may."""
    for part in inside(node.body):
        if isinstance(part, ast.If) and any(is_leaving(one) for one in inside(part.body)):
            if any(isinstance(one, ast.Compare) and isinstance(one.ops[0], _COUNTS) for one in walk(part.test)):
                return True
        if isinstance(part, ast.Assert):
            return True
    if isinstance(node, ast.While):
        return any(isinstance(one, ast.Compare) and isinstance(one.ops[0], _COUNTS) for one in walk(node.test))
    return False
