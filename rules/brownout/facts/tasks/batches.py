"""Loops over pieces of work: what one bad piece does to those behind it, and when results are kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.fallible import handed, is_work, may_fail, reaches
from brownout.facts.nodes import blocks, inside, last_word, names_in, same
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function, Row

_BATCH_KINDS = frozenset({"worker", "scheduled", "thread", "background"})
_WAITED_FOR = frozenset({"route", "websocket", "dependency", "middleware"})
"""Where somebody waits for the answer: a failure is told to them, and they try again."""
_BATCH_NAME = re.compile(r"(^|_)(batch(es)?|every|nightly|daily|hourly|sweep|backfill|reindex)(_|$)")
_PIECES = re.compile(
    r"(^|_)(chunk|line|page|part|byte|char|index|indice|token|block|attempt|retry|try|i|n|step|epoch|word|col|key)s?\d*$"
)
_TIDIES = re.compile(
    r"(^|_)(remove|delete|unlink|rmtree|clean|purge|check|validate|verify|hash|sha256|stat|exists|is|has)(_|$)"
)
_SURE_STEPS = 2
"""Behind more helpers than that, what may fail is rarely the piece of work itself."""
_WHOLE = re.compile(r"transaction|atomic|begin\b|savepoint|\bunit_of_work|uow", re.IGNORECASE)
_KEEPS = re.compile(
    r"(^|_)(write|dump|save|insert|commit|store|persist|upsert|execute|executemany|flush|checkpoint|put)"
)
_SLOW = frozenset({Effect.NETWORK, Effect.CPU, Effect.MODEL, Effect.PROCESS})


@dataclass(slots=True)
class Batch:
    """A loop over pieces of work, and the call in it that matters."""

    row: Row
    call: Call


def exposed(code: Code) -> Iterator[Batch]:
    """The loops of workers and batches that end at the first piece that fails."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.For | ast.AsyncFor) or not _is_batch(row.function, code):
            continue
        if not _over_work(node) or row.function.is_generator or _all_or_nothing(row.block):
            continue
        if any(block.kind == "loop" and isinstance(block.node, ast.For | ast.AsyncFor) for block in blocks(row.block)):
            continue  # a part of a larger piece of work
        held: set[str] | None = None
        for call in code.calls_inside(node):
            around = inside_of(call, node)
            if around is None or not _is_heavy(call):
                continue
            held = held_by(node, names_in(node.target)) if held is None else held
            if not is_given(call, held):
                continue
            caught = any(block.kind in ("try", "handler", "loop") for block in around) or is_suppressed(around)
            if not caught and not _in_transaction(call, row.block):
                yield Batch(row, call)
            break


def _is_batch(function: Function, code: Code) -> bool:
    kinds = code.kinds(function)
    if any(point.kind in _BATCH_KINDS for point in code.points(function)):
        return True
    if kinds:
        return not kinds & _WAITED_FOR and code.names.full(function.qualname) in _near(code.project)
    return code.judged(function) and _BATCH_NAME.search(function.name) is not None


def is_waited_for(function: Function, code: Code) -> bool:
    """Whether somebody waits for the answer: a request leads to the function."""
    return bool(code.kinds(function) & _WAITED_FOR)


@per_project
def _near(project: Project) -> frozenset[str]:
    """The functions of batches that are at most two calls away from where the outside world comes in."""
    found = {name for name, points in project.entry_points.items() if any(p.kind in _BATCH_KINDS for p in points)}
    for _ in range(2):
        edges = [edge for name in found for edge in project.graph.out.get(name, ())]
        found |= {edge.callee.name for edge in edges if edge.callee is not None}
    return frozenset(found)


def _over_work(node: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop runs over independent things: not over attempts, parts of one thing, or a few constants."""
    source = node.iter
    if isinstance(source, ast.Call) and last_word(source) in (
        "range",
        "count",
        "iter_content",
        "iter_lines",
        "as_completed",
    ):
        return False
    if isinstance(source, ast.List | ast.Tuple | ast.Set | ast.Constant):
        return False
    names = [part.id for part in ast.walk(node.target) if isinstance(part, ast.Name) and part.id != "_"]
    if isinstance(source, ast.Call) and last_word(source) == "enumerate":
        names = names[1:]
    return bool(names) and _PIECES.search(names[0]) is None


def _all_or_nothing(block: Block | None) -> bool:
    """Whether a transaction stands around, or a handler that raises: all or nothing is meant."""
    for found in blocks(block):
        if found.kind == "try" and any(
            isinstance(part, ast.Raise)
            for handler in getattr(found.node, "handlers", ())
            for part in inside(handler.body)
        ):
            return True
    return any(
        found.kind == "with" and _WHOLE.search(unparse(getattr(found.node, "context_expr", found.node)))
        for found in blocks(block)
    )


def _is_heavy(call: Call) -> bool:
    """Whether a call opens, fetches, computes or runs something that can be broken in one of many pieces of work."""
    if _TIDIES.search(last_word(call.node)):
        return False
    if not may_fail(call) or (call.row is not None and call.row.where == "task"):
        return False
    if call.callee is not None and call.callee.is_async and not call.awaited:
        return False
    entry = handed(call) or call.entry
    if entry is not None:
        return entry.effect in _SLOW or bool(entry.opens) or (entry.effect is Effect.DISK and not entry.short)
    return call.callee is not None and reaches(call, _heavy(call.code.project))


@per_project
def _heavy(project: Project) -> frozenset[str]:
    chains = project.reaching(*_SLOW, Effect.DISK).items()
    return frozenset(name for name, chain in chains if len(chain.steps) <= _SURE_STEPS)


def _in_transaction(call: Call, block: Block | None) -> bool:
    """Whether the connection that a call uses is the context manager around the loop: `with connection:`.

    A file that is open around the loop is one whole, too: without one of its members it is none.
    """
    for found in blocks(block):
        if found.kind == "with":
            if same(getattr(found.node, "context_expr", None), call.receiver):
                return True
            if call.does(Effect.DISK) and same(getattr(found.node, "optional_vars", None), call.receiver):
                return True
    return False


def inside_of(call: Call, node: ast.AST) -> list[Block] | None:
    """The blocks between a call and the loop around it; None where it does not stand in the loop's body."""
    found: list[Block] = []
    for block in blocks(call.table.block):
        if block.node is node:
            return found if block.kind == "loop" else None
        found.append(block)
    return None


def held_by(node: ast.For | ast.AsyncFor, items: set[str]) -> set[str]:
    """The loop's names, and those that its body makes of them."""
    held = set(items)
    for _ in range(2):
        for part in inside(node.body):
            if isinstance(part, ast.Assign) and names_in(part.value) & held:
                held |= {name for target in part.targets if isinstance(target, ast.Name) for name in (target.id,)}
            elif isinstance(part, ast.withitem) and names_in(part.context_expr) & held:
                held |= names_in(part.optional_vars)
    return held


def is_given(call: Call, held: set[str]) -> bool:
    """Whether a call is given one of the names."""
    return bool(names_in(call.node) & held)


def is_suppressed(around: list[Block]) -> bool:
    """Whether a `with` among the blocks stops failures."""
    return any(
        block.kind == "with" and last_word(getattr(block.node, "context_expr", None)) in ("suppress", "collect_errors")
        for block in around
    )


def late(code: Code) -> Iterator[Batch]:
    """The slow loops of a file that gather results in memory and keep them only when all are done."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.For | ast.AsyncFor) or not code.judged(row.function) or row.function.is_generator:
            continue
        if code.in_request(row.function) and not code.kinds(row.function) & _BATCH_KINDS:
            continue
        calls = code.calls_inside(node)
        slow = next((call for call in calls if _is_slow(call) and inside_of(call, node) is not None), None)
        if slow is None or not _over_work(node):
            continue
        gathered = _gathered(node)
        if not gathered or any(_keeps(call, node) for call in calls):
            continue
        kept = [call for call in code.calls_in(row.function) if call.node.lineno > (node.end_lineno or 0)]
        if any(_KEEPS.search(last_word(call.node)) and _speaks_of(call, gathered) for call in kept):
            yield Batch(row, slow)


def _speaks_of(call: Call, gathered: set[str]) -> bool:
    """Whether a call is given one of the collections, or is a method of the object that keeps it."""
    if any(name.startswith("self.") for name in gathered) and call.text.startswith("self."):
        return True
    return any(isinstance(part, ast.Name | ast.Attribute) and unparse(part) in gathered for part in walk(call.node))


def _gathered(node: ast.For | ast.AsyncFor) -> set[str]:
    """The collections that the loop fills."""
    found: set[str] = set()
    for part in inside(node.body):
        if isinstance(part, ast.Call) and last_word(part) in ("append", "add", "extend", "update"):
            if isinstance(part.func, ast.Attribute) and isinstance(part.func.value, ast.Name | ast.Attribute):
                found.add(unparse(part.func.value))
        elif isinstance(part, ast.Assign):
            for target in part.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name | ast.Attribute):
                    found.add(unparse(target.value))
    return found


def _is_slow(call: Call) -> bool:
    if call.entry is not None:
        return call.entry.effect in _SLOW and not call.entry.short
    return reaches(call, _slow(call.code.project))


@per_project
def _slow(project: Project) -> frozenset[str]:
    return project.reached(*_SLOW)


def _keeps(call: Call, node: ast.AST) -> bool:
    """Whether a call in the loop keeps what is done so far."""
    if inside_of(call, node) is None:
        return False
    if call.entry is not None and (call.entry.writes or call.entry.effect is Effect.DATABASE):
        return True
    return bool(_KEEPS.search(last_word(call.node))) and is_work(call)
