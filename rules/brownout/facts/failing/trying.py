"""What exception handlers catch, what they do then, and which of them stand around a place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from brownout.facts.nodes import inside, last_word
from brownout.model.flow_errors import handled
from brownout.model.tables import Block

BROAD = frozenset({"Exception", "BaseException"})


def caught_names(handler: ast.ExceptHandler) -> frozenset[str]:
    """The last words of the types that a handler names; a bare one catches `BaseException`."""
    return frozenset(name.rpartition(".")[2] for name in handled(handler.type))


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches every error."""
    return bool(caught_names(handler) & BROAD)


def handlers_around(block: Block | None, end: ast.AST | None = None) -> Iterator[ast.ExceptHandler]:
    """The handlers of the `try` blocks around a place, innermost first, up to the block of `end`."""
    while block is not None and block.node is not end:
        if block.kind == "try" and isinstance(block.node, ast.Try | ast.TryStar):
            yield from block.node.handlers
        block = block.parent


def suppressed_around(block: Block | None, end: ast.AST | None = None) -> frozenset[str]:
    """The last words of the types that `with suppress(…)` around a place keeps to itself."""
    found: set[str] = set()
    while block is not None and block.node is not end:
        context = getattr(block.node, "context_expr", None) if block.kind == "with" else None
        if isinstance(context, ast.Call) and last_word(context.func) == "suppress":
            found |= {last_word(argument) for argument in context.args}
        block = block.parent
    return frozenset(found)


def raises(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises on some way, the same error or another."""
    return any(isinstance(part, ast.Raise) for part in inside(handler.body))


def ends_loop(body: list[ast.stmt]) -> bool:
    """Whether some statements end by leaving the loop or function around them."""
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Break)
