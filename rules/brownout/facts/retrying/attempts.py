"""Work that a loop, or a function that calls itself, tries again when it fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.index import per_file
from brownout.facts.practices import in_deadline
from brownout.facts.project import Project, per_project
from brownout.model.syntax import children, unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function, Row

OUTSIDE = frozenset({Effect.NETWORK, Effect.DATABASE})
"""What may be better a moment later."""
_LISTENS = ("ws-receive", "ws-iter", "queue-get")
_LIMITS = re.compile(r"check|raise|fail|abort|give_?up|budget|attempt|exceed|limit", re.IGNORECASE)
Loop = ast.While | ast.For | ast.AsyncFor


@dataclass(slots=True)
class Attempt:
    """A loop that tries something until it works: the `try` inside of it, and the calls that may fail."""

    loop: Loop
    node: ast.Try | ast.TryStar
    function: Function
    calls: list[Call] = field(default_factory=list["Call"])


@per_file
def attempts(code: Code) -> tuple[Attempt, ...]:
    """The loops of a file that try work with the outside world until it succeeds, each with the `try` that hides it."""
    return tuple(_attempts(code))


def _attempts(code: Code) -> Iterator[Attempt]:
    seen: set[int] = set()
    for row in code.module.tries:
        node, loop = row.node, _loop_of(row)
        if loop is None or id(loop) in seen or not isinstance(node, ast.Try | ast.TryStar) or not node.handlers:
            continue
        if not leaves_on_success(node, loop):
            continue
        calls = [call for call in code.calls_inside(node) if _within(call, node) and goes_out(call)]
        if calls:
            seen.add(id(loop))
            yield Attempt(loop, node, row.function, calls)


def goes_out(call: Call) -> bool:
    """Whether a call asks somebody outside of the process, itself or through functions of the project."""
    if call.has(*_LISTENS):
        return False
    if call.entry is not None:
        return call.entry.effect in OUTSIDE or call.entry.name.endswith("create_connection")
    return call.callee is not None and call.callee.name in _going_out(call.code.project)


@per_project
def _going_out(project: Project) -> frozenset[str]:
    return project.reached(*OUTSIDE)


def _loop_of(row: Row) -> Loop | None:
    """The loop directly around a `try`: with conditions and contexts in between, but no other handler."""
    for block in row.block.chain() if row.block is not None else ():
        if block.kind == "loop":
            return block.node if isinstance(block.node, Loop) else None
        if block.kind not in ("with", "if", "orelse", "case"):
            return None
    return None


def _within(call: Call, node: ast.Try | ast.TryStar) -> bool:
    return any(block.kind == "try" and block.node is node for block in _blocks(call))


def _blocks(call: Call) -> Iterator[Block]:
    return iter(()) if call.table.block is None else call.table.block.chain()


# What success and failure lead to


def leaves_on_success(node: ast.Try | ast.TryStar, loop: Loop) -> bool:
    """Whether the loop is over once the `try` has gone well."""
    if _ends_loop(node.body) or _ends_loop(node.orelse):
        return True
    body = loop.body
    if node in body and any(_always_ends(statement) for statement in body[body.index(node) + 1 :]):
        return True
    return isinstance(loop, ast.While) and bool(names_in(loop.test) & assigned_in([*node.body, *node.orelse]))


def _ends_loop(body: list[ast.stmt]) -> bool:
    """Whether the last statement of a block leaves the loop, or does so when the answer is a good one."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return _ends_loop(last.body) or _ends_loop(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return _ends_loop(last.body)
    return isinstance(last, ast.Return | ast.Break)


def _always_ends(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.With | ast.AsyncWith):
        return any(_always_ends(inner) for inner in statement.body)
    return isinstance(statement, ast.Return | ast.Break)


def without_end(attempt: Attempt) -> ast.ExceptHandler | None:
    """The handler after which the loop goes on for ever, if there is one."""
    loop = attempt.loop
    if not is_endless(loop, attempt.node) or _limited_in(loop, attempt.node):
        return None
    for handler in attempt.node.handlers:
        if not exits(handler.body, handler) and not _may_give_up(handler, attempt):
            return handler
    return None


def is_endless(loop: Loop, node: ast.Try | ast.TryStar) -> bool:
    """Whether nothing but success ends the loop by its head."""
    if isinstance(loop, ast.While):
        test = loop.test
        if isinstance(test, ast.Constant):
            return bool(test.value)
        compares = [part for part in walk(test) if isinstance(part, ast.Compare)]
        if any(not isinstance(op, ast.Is | ast.IsNot) for part in compares for op in part.ops):
            return False
        if any(isinstance(part, ast.Call | ast.BoolOp) for part in walk(test)):
            return False
        return bool(names_in(test)) and names_in(test) <= assigned_in([*node.body, *node.orelse])
    made = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    return made is not None and unparse(made) in ("itertools.count", "count")


def _limited_in(loop: Loop, tried: ast.Try | ast.TryStar) -> bool:
    """Whether a condition of the loop, other than the success of the work, may leave it."""
    for part in walk(loop):
        if isinstance(part, ast.If) and exits([*part.body, *part.orelse], part):
            inside = any(part is inner for statement in tried.body for inner in walk(statement))
            ordered = any(
                isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                for compare in walk(part.test)
                if isinstance(compare, ast.Compare)
                for op in compare.ops
            )
            if not inside or (ordered and "status" not in unparse(part.test)):
                return True
    return False


def exits(body: list[ast.stmt], around: ast.AST) -> bool:
    """Whether something in a block leaves the loop or the function: `raise`, `return`, `break`, `sys.exit()`."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Raise | ast.Return | ast.Break):
            return True
        if isinstance(node, ast.Call) and unparse(node.func) in ("sys.exit", "os._exit", "exit", "quit"):
            return True
        if isinstance(node, Loop):
            todo.extend(part for part in walk(node) if isinstance(part, ast.Raise | ast.Return))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(children(node))
    return False


def _may_give_up(handler: ast.ExceptHandler, attempt: Attempt) -> bool:
    """Whether the handler calls something that may raise in its turn, or says that it counts."""
    code = attempt.calls[0].code
    for row in attempt.function.calls:
        if any(block.node is handler for block in (row.block.chain() if row.block is not None else ())):
            call = code.call(row)
            if call.callee is not None and (call.callee.raises or _LIMITS.search(call.callee.qualname)):
                return True
            if call.callee is None and call.entry is None and _LIMITS.search(call.last):
                return True
    return False


def names_in(node: ast.AST) -> set[str]:
    return {unparse(part) for part in walk(node) if isinstance(part, ast.Name | ast.Attribute)} - {"self"}


def assigned_in(body: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for statement in body:
        for part in walk(statement):
            if isinstance(part, ast.Assign):
                found |= {unparse(target) for target in part.targets}
            elif isinstance(part, ast.AnnAssign | ast.NamedExpr):
                found.add(unparse(part.target))
    return found


def deadline(attempt: Attempt) -> bool:
    """Whether a deadline stands around the attempts."""
    return any(in_deadline(call) for call in attempt.calls)


def again(code: Code) -> Iterator[Call]:
    """The calls in handlers by which a function tries the same once more by calling itself, with nothing changed."""
    for call in code.calls:
        function, callee = call.function, call.callee
        if callee is None or call.table.block is None or not callee.name.endswith(function.qualname):
            continue
        handler = next((b.node for b in _blocks(call) if b.kind == "handler"), None)
        if not isinstance(handler, ast.ExceptHandler):
            continue
        if callee.name != code.names.full(function.qualname) or isinstance(function.node, ast.Module):
            continue
        given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
        parameters = {parameter.arg for parameter in function.parameters}
        same = all(isinstance(node, ast.Name) and node.id in parameters for node in given)
        if same and not any(block.kind == "if" for block in _blocks(call)) and not _rebound(function, given):
            yield call


def _rebound(function: Function, given: list[ast.expr]) -> bool:
    """Whether the function gives one of the names another value, or looks at a count kept elsewhere."""
    names = {node.id for node in given if isinstance(node, ast.Name)}
    return any(
        isinstance(part, ast.AugAssign)
        or (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id in names)
        for part in walk(function.node)
    )
