"""Calls that are made the first time only, or on a socket that does not wait: they do not slow every caller down."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import TypeVar

from brownout.model.syntax import unparse, walk
from brownout.model.tables import Call, Function

T = TypeVar("T")

_WITHS = (ast.With, ast.AsyncWith)

FIRST_TIME = "first"
"""What the call makes is kept, and a test for it stands around the call or before it."""
KEPT = "kept"
"""What the call gives is put where it outlives the request: `app.state.model = load()`."""
NONBLOCKING = "nonblocking"
"""The socket was told not to wait, or sends datagrams."""

_SOCKET_WORDS = frozenset({"connect", "recv", "recvfrom", "send", "sendall", "sendto", "accept", "recv_into"})


def spared(call: Call) -> str:
    """Why a call does not keep each caller waiting: `FIRST_TIME`, `KEPT`, `NONBLOCKING`, or "" where it does."""
    func = call.node.func
    if isinstance(func, ast.Attribute) and func.attr in _SOCKET_WORDS and _does_not_wait(func.value, call.function):
        return NONBLOCKING
    if _is_first_time(call):
        return FIRST_TIME
    return KEPT if _is_put_away(call) else ""


def _is_put_away(call: Call) -> bool:
    statement = call.statement
    if not isinstance(statement, ast.Assign):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    if value is not call.node:
        return False
    return any(
        (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Attribute))
        or (isinstance(target, ast.Name) and call.function.scope.declared.get(target.id) == "global")
        for target in statement.targets
    )


def _is_first_time(call: Call) -> bool:
    block = call.block
    while block is not None:
        if block.kind == "if" and isinstance(block.node, ast.If) and _tests_absence(block.node.test, call.function):
            return True
        block = block.parent
    return known(call.function, "answers early", _early_answer) < call.node.lineno


def known(function: Function, name: str, answer: Callable[[Function], T]) -> T:
    """An answer about a function, found once: each of its calls asks."""
    if function.known is None:
        function.known = {}
    if name not in function.known:
        function.known[name] = answer(function)
    return function.known[name]  # type: ignore[return-value]


def _early_answer(function: Function) -> float:
    """The line of the first `if`, at the function's own level or in a `with` there, that answers early."""
    node = function.node
    found: list[int] = []
    todo: list[ast.stmt] = [] if isinstance(node, ast.Lambda) else list(node.body)
    for statement in todo:
        if isinstance(statement, _WITHS):
            todo.extend(statement.body)
        elif isinstance(statement, ast.If) and _answers_early(statement, function):
            found.append(statement.lineno)
    return min(found, default=math.inf)


def _tests_absence(test: ast.expr, function: Function) -> bool:
    """Whether a condition is that something kept is not there yet: `self.x is None`, `not _loaded`."""
    if isinstance(test, ast.BoolOp):
        return any(_tests_absence(value, function) for value in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _is_kept(test.operand, function) and _is_assigned(test.operand, function)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and _is_none(test.comparators[0]):
        return _is_kept(test.left, function)
    return False


def _answers_early(statement: ast.If, function: Function) -> bool:
    """Whether an `if` leaves the function because something kept is there already."""
    if not isinstance(statement.body[-1], ast.Return):
        return False
    test = statement.test
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        test = test.values[0]
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot) and _is_none(test.comparators[0]):
        return _is_kept(test.left, function)
    return _is_kept(test, function) and _is_assigned(test, function)


def _is_kept(node: ast.expr, function: Function) -> bool:
    """Whether an expression outlives the call: an attribute of `self` or a class, or a name of the module."""
    if isinstance(node, ast.NamedExpr):
        return _is_kept(node.value, function)
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name)
    return isinstance(node, ast.Name) and function.scope.declared.get(node.id) == "global"


def _is_assigned(node: ast.expr, function: Function) -> bool:
    """Whether the function gives the expression a value."""
    return unparse(node) in known(function, "assigned", _assigned)


def _assigned(function: Function) -> frozenset[str]:
    """The names and attributes that a function gives a value, as written."""
    assigns = (part for part in walk(function.node) if isinstance(part, ast.Assign))
    return frozenset(unparse(target) for part in assigns for target in part.targets)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _does_not_wait(receiver: ast.expr, function: Function) -> bool:
    """Whether the function makes a socket non-blocking, or makes it for datagrams."""
    text = unparse(receiver)
    for call in function.calls:
        func = call.node.func
        if isinstance(func, ast.Attribute) and call.node.args and unparse(func.value) == text:
            first = call.node.args[0]
            value = first.value if isinstance(first, ast.Constant) else None
            if (func.attr, value) in (("setblocking", False), ("settimeout", 0)):
                return True
    binding = function.scope.bindings.get(text, ())
    values = (unparse(one.value) for one in binding if one.value is not None)
    return any("SOCK_DGRAM" in value for value in values)
