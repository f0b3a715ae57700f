"""Loops that only compute, in coroutines: how many turns they make before anybody else gets a word in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import own
from brownout.facts.practices import on_loop
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

MANY_TURNS = 2_000_000
"""About a tenth of a second, with next to nothing in the body."""
_WAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


def long_loops(code: Code) -> Iterator[tuple[Function, ast.AST, int]]:
    """The outermost loops of a file's coroutines that make very many turns without waiting, and how many."""
    counting = {id(row.function) for row in code.module.loops if _may_count(row.node)}
    counting |= {id(call.function) for call in code.index.written(("range",)) if isinstance(call.node.func, ast.Name)}
    for function in code.functions:
        if id(function) not in counting or not on_loop(code, function):
            continue
        seen: set[ast.AST] = set()
        for node in own(function.node):
            if node in seen or not isinstance(node, (ast.For, ast.While, *_COMPREHENSIONS)):
                continue
            turns = _turns(node, function, code)
            if turns >= MANY_TURNS:
                seen |= set(walk(node))
                yield function, node, turns


def _may_count(node: ast.AST) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Compare)


def _turns(node: ast.AST, function: Function, code: Code) -> int:
    """How many turns a loop makes for certain, with those of the longest loop inside of it; 0 where that is unknown."""
    turns = _bounds(node, function, code)
    return 0 if turns and any(isinstance(part, _WAITS) for part in walk(node)) else turns


def _bounds(node: ast.AST, function: Function, code: Code) -> int:
    """The same, for a loop in which nothing waits."""
    if isinstance(node, _COMPREHENSIONS):
        found = 1
        for generator in node.generators:
            found *= _length(generator.iter, function, code)
        element = node.value if isinstance(node, ast.DictComp) else node.elt
        return found * _inner([element], function, code)
    if isinstance(node, ast.For | ast.While):
        if any(isinstance(part, ast.Return | ast.Break | ast.Raise) for part in node.body):
            return 0
        length = _length(node.iter, function, code) if isinstance(node, ast.For) else _counted(node, function, code)
        return length * _inner(node.body, function, code) if length else 0
    return 0


def _inner(parts: list[ast.stmt] | list[ast.expr], function: Function, code: Code) -> int:
    """The turns of the longest loop among some pieces of code; 1 where there is none."""
    loops = (node for part in parts for node in own(part) if isinstance(node, (ast.For, ast.While, *_COMPREHENSIONS)))
    return max((_turns(node, function, code) for node in loops), default=1) or 1


def _length(node: ast.expr, function: Function, code: Code) -> int:
    """The length of a `range` with literal bounds; 0 for anything else."""
    if not isinstance(node, ast.Call) or code.target(node.func, function) != "builtins.range" or node.keywords:
        return 0
    bounds = [_number(one, function, code) for one in node.args]
    if not bounds or any(bound is None for bound in bounds) or bounds[-1] == 0:
        return 0
    return len(range(*(bound for bound in bounds if bound is not None)))


def _counted(node: ast.While, function: Function, code: Code) -> int:
    """The bound of `while n < 50_000_000`, where the body counts one up."""
    test = node.test
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Lt | ast.LtE):
        return 0
    step = f"{unparse(test.left)} += 1"
    counts = any(isinstance(part, ast.AugAssign) and unparse(part) == step for part in node.body)
    return (_number(test.comparators[0], function, code) or 0) if counts else 0


def _number(node: ast.expr, function: Function, code: Code) -> int | None:
    """The whole number that an expression stands for: a literal, a constant, a product or power of such."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Pow):
        left, right = _number(node.left, function, code), _number(node.right, function, code)
        if left is None or right is None or (isinstance(node.op, ast.Pow) and not 0 <= right < 64):
            return None
        return left * right if isinstance(node.op, ast.Mult) else int(left**right)
    value = code.constant(node, function)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
