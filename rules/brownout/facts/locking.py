"""Locks around a call, by their names: a `with`, a decorator, an `acquire()` before it."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from functools import lru_cache

from brownout.facts.spared import known
from brownout.model.syntax import unparse
from brownout.model.tables import Call, Function

LOCK = re.compile(r"lock|mutex|semaphore|guard|exclusive|synchroni[sz]ed|serial", re.IGNORECASE)
"""How locks are called."""


@lru_cache(4096)
def is_lock(name: str) -> bool:
    """Whether a name says that it is a lock's."""
    return LOCK.search(name) is not None


def locked(call: Call, target: Callable[[ast.expr], str | None]) -> bool:
    """Whether a lock stands around a call, or the function takes one before; `target` says what a name stands for."""
    block = call.block
    while block is not None:
        if block.kind == "with" and isinstance(context := getattr(block.node, "context_expr", None), ast.expr):
            if is_lock(_name_of(context)) or is_lock(target(context) or ""):
                return True
        block = block.parent
    return known(call.function, "locked from", _locked_from) <= call.node.lineno


def _locked_from(function: Function) -> float:
    """The line from which on a function holds a lock: the first if it is called with one, infinity if it never does."""
    return 0 if _is_decorated(function) else min(_acquired(function), default=math.inf)


def _is_decorated(function: Function) -> bool:
    """Whether a function, or one around it, is called with a lock held."""
    if isinstance(function.node, ast.Module):
        return False
    if any(is_lock(_name_of(decorator)) for decorator in function.decorators):
        return True
    return function.parent is not None and known(function.parent, "locked from", _locked_from) == 0


def _acquired(function: Function) -> list[int]:
    """The lines on which a function takes a lock by hand."""
    return [row.node.lineno for row in function.calls if getattr(row.node.func, "attr", "") == "acquire"]


def _name_of(node: ast.expr) -> str:
    """What is called, or the name itself: what it is given says nothing."""
    called = node.func if isinstance(node, ast.Call) else node
    parts: list[str] = []
    part: ast.expr = called
    while isinstance(part, ast.Attribute):
        parts.append(part.attr)
        part = part.value
    if isinstance(part, ast.Name):
        return ".".join([part.id, *reversed(parts)])
    return unparse(called)  # far slower
