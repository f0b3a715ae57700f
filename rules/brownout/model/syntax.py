"""Syntax trees, gone through quickly: what stands inside of a node, and how an expression is written.

The answers are those of `ast.walk`, `ast.iter_child_nodes` and `ast.unparse`, without the nodes that only mark a
context or an operator (`Load`, `Add`): nobody asks for them, and they are a third of all. What is asked about a
definition, and how an expression is written, is kept with the node: rules ask for the same again and again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

_PLAIN = frozenset(
    """
    id ctx attr op ops arg asname level module type_comment kind is_async simple conversion type_ignores tag rest
    kwd_attrs
    """.split()
)
"""Fields that never hold a node worth a visit."""
_PLAIN_OF = {
    "Constant": {"value"},
    "Global": {"names"},
    "Nonlocal": {"names"},
    "FunctionDef": {"name"},
    "AsyncFunctionDef": {"name"},
    "ClassDef": {"name"},
    "ExceptHandler": {"name"},
    "alias": {"name"},
    "MatchAs": {"name"},
    "MatchStar": {"name"},
    "MatchSingleton": {"value"},
}
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field for field in kind._fields if field not in _PLAIN | _PLAIN_OF.get(name, set()))
    for name, kind in vars(ast).items()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_DEFINED = frozenset(DEFINITIONS)
_KEPT = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module})


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below one, in the order of the source's fields."""
    found: list[ast.AST] = []
    for name in _FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += value
        elif value is not None:
            found.append(value)
    if None in found:  # a default that is not there, the key of `**more`
        found = [one for one in found if one is not None]  # pyright: ignore[reportUnnecessaryComparison]
    return found


def walk(node: ast.AST | None) -> Iterable[ast.AST]:
    """A node and all below it, level by level; nothing for None."""
    if node is None:
        return ()
    if node.__class__ not in _KEPT:
        return _levels(node)
    kept = node.__dict__.get("_walked")
    if kept is None:
        kept = node.__dict__["_walked"] = tuple(_levels(node))
    return kept


def _levels(node: ast.AST) -> Iterator[ast.AST]:
    todo = [node]
    for one in todo:
        if one is None:  # a default that is not there, the key of `**more`
            continue
        for name in _FIELDS[one.__class__]:
            value = getattr(one, name, None)
            if type(value) is list:
                todo += value
            elif value is not None:
                todo.append(value)
        yield one


def own(node: ast.AST) -> Iterable[ast.AST]:
    """The nodes of a function's body, or of a statement, without those of functions inside of it."""
    kept = node.__dict__.get("_own")
    if kept is None:
        kept = node.__dict__["_own"] = _own(node)
    return kept


def _own(node: ast.AST) -> tuple[ast.AST, ...]:
    body = getattr(node, "body", None) if isinstance(node, DEFINITIONS) else None
    todo: list[ast.AST] = [*reversed(body)] if isinstance(body, list) else [body or node]
    found: list[ast.AST] = []
    while todo:
        one = todo.pop()
        if one is None:
            continue
        found.append(one)
        kind = one.__class__
        if kind in _DEFINED:
            continue
        for name in _FIELDS[kind]:
            value = getattr(one, name, None)
            if type(value) is list:
                todo += value
            elif value is not None:
                todo.append(value)
    return tuple(found)


def forget(node: ast.AST) -> None:
    """Drop what is kept of the nodes below one: it holds the node itself."""
    node.__dict__.pop("_walked", None)
    node.__dict__.pop("_own", None)


def unparse(node: ast.AST) -> str:
    """An expression or statement as `ast.unparse` writes it."""
    if isinstance(node, ast.Name):
        return node.id
    kept = node.__dict__.get("_written")
    if kept is None:
        dotted = _dotted(node) if isinstance(node, ast.Attribute) else None
        kept = node.__dict__["_written"] = ast.unparse(node) if dotted is None else dotted
    return kept


def _dotted(node: ast.Attribute) -> str | None:
    """`a.b.c`, by far the most frequent; None for what needs the real thing."""
    value = node.value
    if isinstance(value, ast.Name):
        return f"{value.id}.{node.attr}"
    before = _dotted(value) if isinstance(value, ast.Attribute) else None
    return None if before is None else f"{before}.{node.attr}"
