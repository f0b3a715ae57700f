"""Small questions about pieces of syntax: the last word of a name, what stands inside, which handlers stand around."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from brownout.model.syntax import own as own
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.model.tables import Block, Function

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_RAISES = frozenset({"abort", "exit", "_exit", "fail"})
_SHORT = 60


def last_word(node: ast.AST | None) -> str:
    """The last word of a name, an attribute, or what a call calls: `join` of `os.path.join(…)`."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def shortened(node: ast.AST) -> str:
    """A piece of code on one line, as much of it as fits into a message."""
    text = unparse(node)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def inside(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of several statements, without those of functions inside of them."""
    return chain.from_iterable(map(own, statements))


def names_in(node: ast.AST | None) -> set[str]:
    """The names that stand anywhere in a piece of code."""
    return set() if node is None else {part.id for part in walk(node) if isinstance(part, ast.Name)}


def same(first: ast.AST | None, second: ast.AST | None) -> bool:
    """Whether two expressions are written the same."""
    return first is not None and second is not None and unparse(first) == unparse(second)


def leaves(statements: Sequence[ast.stmt]) -> bool:
    """Whether a block ends by leaving the function or the round of its loop."""
    if not statements:
        return False
    last = statements[-1]
    return is_leaving(last.value if isinstance(last, ast.Expr) else last)


def is_leaving(node: ast.AST) -> bool:
    """Whether a piece of code leaves the function or the round of its loop: also by `abort(413)`."""
    return isinstance(node, _LEAVES) or (isinstance(node, ast.Call) and last_word(node) in _RAISES)


def blocks(block: Block | None) -> Iterator[Block]:
    """A block and those around it, innermost first; none for a function's own level."""
    return iter(()) if block is None else block.chain()


def around(call: Call, kind: str) -> Iterator[ast.AST]:
    """The nodes of one kind of block around a call, innermost first."""
    return (block.node for block in blocks(call.table.block) if block.kind == kind)


def caught_types(handler: ast.ExceptHandler) -> set[str]:
    """The last words of the types that a handler names; `*` where it names none."""
    if handler.type is None:
        return {"*"}
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {last_word(node) or "?" for node in types}


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends by raising the same exception again."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def guarded(block: Block | None, *types: str, within: ast.AST | None = None) -> bool:
    """Whether a handler around a place stops everything or one of the types; `within` ends the way outwards there."""
    wanted = {*types, "*", "Exception", "BaseException"}
    for found in blocks(block):
        node = found.node
        if node is within:
            return False
        if found.kind == "try" and isinstance(node, ast.Try | ast.TryStar):
            if any(wanted & caught_types(handler) and not passes_on(handler) for handler in node.handlers):
                return True
        elif found.kind == "with" and isinstance(context := getattr(node, "context_expr", None), ast.Call):
            if last_word(context) == "suppress" and wanted & {last_word(one) for one in context.args}:
                return True
    return False


def is_true(node: ast.expr | None) -> bool:
    """Whether an expression is the constant True, or another that always holds."""
    return isinstance(node, ast.Constant) and bool(node.value)


def body_of(function: Function) -> list[ast.stmt]:
    """The statements of a function; none for a lambda."""
    node = function.node
    return [] if isinstance(node, ast.Lambda) else node.body


def is_alone(statement: ast.AST, function: Function) -> bool:
    """Whether a statement is all that its block holds."""
    for node in walk(function.node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and len(block) == 1 and block[0] is statement:
                return not isinstance(node, ast.Module)
    return False


def follows(statement: ast.stmt, function: Function) -> list[ast.stmt]:
    """The statements after one in its own block."""
    for node in walk(function.node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and any(one is statement for one in block):
                index = next(i for i, one in enumerate(block) if one is statement)
                return block[index + 1 :]
    return []
