"""Functions that look at how large something is and refuse it: `if file.size > LIMIT: raise HTTPException(413)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from brownout.facts.nodes import is_leaving
from brownout.facts.paths import words_of
from brownout.model.syntax import walk

_SIZED = frozenset({"UploadFile", "Request", "FileStorage", "HTTPConnection"})

_GIVEN = frozenset({"request", "content_length", "file", "upload"})


def may_look(node: ast.AST) -> bool:
    """Whether a function is given something whose size it may look at; a cheap test before `refusals`."""
    arguments = getattr(node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return False
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        annotation = argument.annotation
        if argument.arg in _GIVEN:
            return True
        if annotation is None:
            continue
        if isinstance(annotation, ast.Name):  # as most are
            if annotation.id in _SIZED:
                return True
            continue
        for part in walk(annotation):
            name = part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
            if name in _SIZED:
                return True
    return False


def refusals(node: ast.AST, given: str | None = None) -> Iterator[ast.stmt]:
    """The `if` and `assert` statements of a function that look at a size and leave; `given` names the thing read."""
    named = {
        target.id
        for part in walk(node)
        if isinstance(part, ast.Assign) and _looks_at_size(part.value, given)
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    for part in walk(node):
        if isinstance(part, ast.If | ast.Assert) and _asks(part.test, given, named):
            if isinstance(part, ast.Assert) or _leaves(part):
                yield part


def _asks(test: ast.expr, given: str | None, named: set[str]) -> bool:
    if any(isinstance(part, ast.Name) and part.id in named for part in walk(test)):
        return True
    return _looks_at_size(test, given)


def _leaves(node: ast.If) -> bool:
    return any(is_leaving(part) for inner in (*node.body, *node.orelse) for part in walk(inner))


def _looks_at_size(test: ast.expr, given: str | None) -> bool:
    for part in walk(test):
        if isinstance(part, ast.Attribute) and part.attr in ("size", "content_length"):
            return True
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.lower() == "content-length":
            return True
        if isinstance(part, ast.Name) and words_of(part.id) & {"length", "size"} and part.id != given:
            return True
    return False
