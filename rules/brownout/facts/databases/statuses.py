"""Records that say how far a piece of work has come: where code writes that it has begun, and where that it is over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function

_STATUS = re.compile(r"status|state\b|_state", re.IGNORECASE)
_BEGUN = re.compile(
    r"(?<![a-z])(processing|running|in_?progress|started|starting|busy|working|converting|importing|exporting|syncing|"
    r"uploading|downloading|indexing|building|rendering|sending|locked|executing|generating|training)(?![a-z])",
    re.IGNORECASE,
)
_TRANSACTION = re.compile(r"transaction|atomic|begin", re.IGNORECASE)
_KEPT = (Effect.DATABASE, Effect.DISK, Effect.NETWORK)


@dataclass(frozen=True, slots=True)
class Mark:
    """One place where a function writes a status; `begun` where the status says that work is under way."""

    node: ast.AST
    line: int
    text: str
    begun: bool
    block: Block | None


def marks(function: Function, code: Code) -> list[Mark]:
    """The statuses that a function writes somewhere durable, in the order of their lines."""
    return sorted(_marks(function, code), key=lambda mark: mark.line)


def _marks(function: Function, code: Code) -> Iterator[Mark]:
    for call in code.calls_in(function):
        text = unparse(call.node)
        if len(text) < 600 and _STATUS.search(text) and _is_kept(call):
            yield Mark(call.node, call.node.lineno, call.text, _BEGUN.search(text) is not None, call.table.block)
    for row in code.module.assigns:
        if row.function is function and isinstance(row.node, ast.Assign):
            target = row.node.targets[0]
            if isinstance(target, ast.Attribute) and _STATUS.search(target.attr):
                text = unparse(row.node)
                owner = target.value.id if isinstance(target.value, ast.Name) else ""
                if owner != "self":  # of the process, not of a record
                    yield Mark(row.node, row.node.lineno, text, _BEGUN.search(text) is not None, row.block)


def _is_kept(call: Call) -> bool:
    """Whether a call writes somewhere that outlives the process, as far as it can be told."""
    if call.entry is not None:
        return call.entry.effect in _KEPT and _is_written(call)
    if call.callee is None:
        return False
    return (
        call.callee.name in call.code.project.outside
        and re.search(r"set|update|mark|save|write", call.text) is not None
    )


def _is_written(call: Call) -> bool:
    if call.entry is not None and call.entry.writes:
        return True
    return re.search(r"\b(UPDATE|INSERT|REPLACE)\b|\.update\(|\.save\(", unparse(call.node)) is not None


def mark_before(call: Call, found: list[Mark]) -> Mark | None:
    """The last status that is written before a call on its way through the function, unless it is rolled back."""
    blocks = set() if call.table.block is None else set(call.table.block.chain())
    before = [
        mark
        for mark in found
        if mark.node is not call.node
        and mark.line < call.node.lineno
        and (mark.block is None or mark.block in blocks or mark.block.kind in ("with", "try"))
    ]
    if not before:
        return None
    last = before[-1]
    around = () if last.block is None else last.block.chain()
    for block in around:
        context = getattr(block.node, "context_expr", None)
        if block.kind == "with" and block in blocks and context is not None and _TRANSACTION.search(unparse(context)):
            return None
    return last


def settles(node: ast.AST) -> bool:
    """Whether a handler, or a `finally`, writes a status: the work is not left as it was."""
    parts: list[ast.stmt] = []
    if isinstance(node, ast.ExceptHandler):
        parts = node.body
    elif isinstance(node, ast.Try | ast.TryStar):
        parts = node.finalbody
    return any(
        _STATUS.search(unparse(part)) is not None or re.search(r"fail|abort|reset|release", unparse(part))
        for statement in parts
        for part in walk(statement)
        if (isinstance(part, ast.Call) and not re.search(r"log|print|raise", unparse(part.func)))
        or isinstance(part, ast.Assign)
    )
