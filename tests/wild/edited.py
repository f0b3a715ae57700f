"""Where a fix has changed a file: inside the code around its finding, or at the imports, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from brownout.core import Finding, Fix
from brownout.fixes.edits import edits


def strays(before: str, after: str, jobs: Sequence[tuple[Finding, Fix]]) -> Iterator[str]:
    """The changed lines that lie elsewhere than in what encloses the findings and the fixes' targets, or imports."""
    tree = _parsed(before)
    places = [line for finding, fix in jobs for line in (finding.location.span.line, fix.target.line)]
    allowed = [_around(tree, line) for line in places]
    for edit in edits(before, after):
        inside = any(start <= edit.start and edit.end <= end + 1 for start, end in allowed)
        if not inside and not _is_head(before, edit.start, edit.end, edit.text):
            yield f"line {edit.start} changed"


@lru_cache(maxsize=1)
def _parsed(text: str) -> ast.Module:
    """A file parsed once for all the fixes that are tried on it."""
    return ast.parse(text)


def _around(tree: ast.Module, line: int) -> tuple[int, int]:
    """The first and last line of the function, or the statement of a module or class, that holds a line."""
    found: ast.stmt | None = None
    body: Sequence[ast.stmt] = tree.body
    while (inner := _holding(body, line)) is not None:
        found = inner
        if not isinstance(inner, ast.ClassDef):
            break
        body = inner.body
    return _lines(found) if found is not None else (line, line)


def _holding(body: Sequence[ast.stmt], line: int) -> ast.stmt | None:
    return next((one for one in body if _lines(one)[0] <= line <= _lines(one)[1]), None)


def _lines(node: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)]), node.end_lineno or node.lineno


def _is_head(before: str, start: int, end: int, text: str) -> bool:
    """Whether only imports, constants and a logger are added or renewed, or functions of their own are added."""
    old = "".join(before.splitlines(keepends=True)[start - 1 : end - 1])
    try:
        added = ast.parse(text).body if old.strip() else [one for one in ast.parse(text).body if not _is_new(one)]
        return all(_is_plain(one) for one in (*ast.parse(old).body, *added))
    except SyntaxError:
        return False


def _is_new(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_plain(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # the docstring, when what follows it moves
    return isinstance(node, ast.Assign) and all(isinstance(one, ast.Name) for one in node.targets)
