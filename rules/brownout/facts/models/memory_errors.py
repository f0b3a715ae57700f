"""Handlers for a card or a process without memory: what they do about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import caught_names, raises
from brownout.facts.nodes import inside, last_word
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_MEMORY = frozenset({"OutOfMemoryError", "CUDAOutOfMemoryError"})
_TOLD = re.compile(r"out of memory|oom", re.IGNORECASE)
_SAVES = re.compile(r"cpu|batch|half|chunk|smaller|size|//|offload|fallback|retry|again|reduce|split|free|unload|evict")
"""What speaks of doing the work with less, or elsewhere."""


def swallowed(code: Code) -> Iterator[tuple[Function, ast.ExceptHandler]]:
    """The handlers of a file that forget that the memory was not enough, each with its function."""
    if "torch" not in code.module.imported:
        return
    for row in code.module.tries:
        node = row.node
        if isinstance(node, ast.Try | ast.TryStar) and code.judged(row.function):
            for handler in node.handlers:
                body = _body(handler)
                if body and _forgets(body, row.function):
                    yield row.function, handler


def _body(handler: ast.ExceptHandler) -> list[ast.stmt]:
    """What is done when the memory was not enough: by the handler, or by its branch for that."""
    names = caught_names(handler)
    if names & _MEMORY:
        return [] if raises(handler) else handler.body
    if "RuntimeError" in names:
        for statement in handler.body:
            if isinstance(statement, ast.If) and _TOLD.search(unparse(statement.test)):
                return [] if any(isinstance(part, ast.Raise) for part in inside(statement.body)) else statement.body
    return []


def _forgets(body: list[ast.stmt], function: Function) -> bool:
    """Whether some statements neither do the work another way, nor call the function again, nor tell of it."""
    for part in inside(body):
        if isinstance(part, ast.Call) and last_word(part.func) == function.name:
            return False
    text = "\n".join(unparse(statement) for statement in body if not _logs(statement))
    return not _SAVES.search(text.replace("empty_cache", "").replace("torch.cuda", ""))


def _logs(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Call) and re.match(r"(self\.)?_?log|print|warnings", unparse(value.func)) is not None
