"""Imports and constants added to a module: once, sorted as isort and ruff sort them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import libcst as cst

_FUTURE, _STANDARD, _OTHERS = 0, 1, 2
Key = tuple[int, int, str]


def add_imports(module: cst.Module, wanted: Iterable[tuple[str, str | None]]) -> cst.Module:
    """The module with every wanted import, `(module, None)` or `(module, name)`."""
    for name, member in sorted(wanted, key=lambda pair: (pair[0], pair[1] or "")):
        merged = _merged(module, name, member) if member is not None else None
        module = merged if merged is not None else _inserted(module, name, member)
    return module


def add_constants(module: cst.Module, wanted: Mapping[str, str]) -> cst.Module:
    """The module with constants, on lines of their own, below its imports."""
    if not wanted:
        return module
    body = list(module.body)
    at = 1 + max((index for index, node in enumerate(body) if _key(node) or _is_docstring(node, index)), default=-1)
    lines = [
        cst.ensure_type(cst.parse_statement(f"{name} = {value}\n"), cst.SimpleStatementLine)
        for name, value in wanted.items()
    ]
    if at < len(body):
        following = body[at]
        if isinstance(following, cst.FunctionDef | cst.ClassDef):
            blanks = [cst.EmptyLine(indent=False)] * 2
            comments = [line for line in following.leading_lines if line.comment]
            body[at] = following.with_changes(leading_lines=[*blanks, *comments])
        elif not following.leading_lines:
            body[at] = following.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        if isinstance(following, cst.SimpleStatementLine) and _is_constant(following):
            body[at] = following.with_changes(leading_lines=[line for line in following.leading_lines if line.comment])
    if at > 0:
        lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    body[at:at] = lines
    return module.with_changes(body=body)


def _is_constant(line: cst.SimpleStatementLine) -> bool:
    return isinstance(line.body[0], cst.Assign | cst.AnnAssign)


def _is_docstring(node: cst.CSTNode, index: int) -> bool:
    return (
        index == 0
        and isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def _section(name: str) -> int:
    head = name.partition(".")[0]
    if head == "__future__":
        return _FUTURE
    if not head:
        return _OTHERS + 1
    return _STANDARD if head in sys.stdlib_module_names else _OTHERS


def _key(node: cst.CSTNode) -> Key | None:
    """Where an import statement sorts; None for anything else."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return None
    small = node.body[0]
    if isinstance(small, cst.Import):
        name = _dotted(small.names[0].name)
        return (_section(name), 0, name.lower())
    if isinstance(small, cst.ImportFrom):
        name = "" if small.relative else _dotted(small.module)
        return (_section(name), 1, name.lower())
    return None


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _merged(module: cst.Module, name: str, member: str) -> cst.Module | None:
    """The module with `member` in its `from name import …`, if it has one."""
    for index, node in enumerate(module.body):
        if _key(node) != (_section(name), 1, name.lower()):
            continue
        line = cst.ensure_type(node, cst.SimpleStatementLine)
        small = cst.ensure_type(line.body[0], cst.ImportFrom)
        if isinstance(small.names, cst.ImportStar):
            continue
        changed = small.with_changes(names=_with_member(list(small.names), member))
        body = list(module.body)
        body[index] = line.with_changes(body=[changed])
        return module.with_changes(body=body)
    return None


def _with_member(names: list[cst.ImportAlias], member: str) -> list[cst.ImportAlias]:
    def order(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)

    at = next((i for i, alias in enumerate(names) if order(_dotted(alias.name)) > order(member)), len(names))
    new = cst.ImportAlias(cst.Name(member))
    if at < len(names):
        comma = names[at].comma if at + 1 < len(names) else names[at - 1].comma if at else cst.MaybeSentinel.DEFAULT
        if not isinstance(comma, cst.Comma):
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        names.insert(at, new.with_changes(comma=comma))
        return names
    last = names[-1]
    between = names[-2].comma if len(names) > 1 else cst.MaybeSentinel.DEFAULT
    if not isinstance(between, cst.Comma):
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    names[-1] = last.with_changes(comma=between)
    names.append(new.with_changes(comma=last.comma))
    return names


def _inserted(module: cst.Module, name: str, member: str | None) -> cst.Module:
    text = f"import {name}\n" if member is None else f"from {name} import {member}\n"
    new = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    key: Key = (_section(name), 0 if member is None else 1, name.lower())
    body = list(module.body)
    keys = [(index, found) for index, node in enumerate(body) if (found := _key(node)) is not None]
    before = [pair for pair in keys if pair[1] <= key]
    after = [pair for pair in keys if pair[1] > key and (not before or pair[0] > before[-1][0])]
    blank = [cst.EmptyLine(indent=False)]
    if before:
        at = before[-1][0] + 1
        if before[-1][1][0] != key[0]:
            new = new.with_changes(leading_lines=blank)
    elif after:
        at = after[0][0]
        first = cst.ensure_type(body[at], cst.SimpleStatementLine)
        new = new.with_changes(leading_lines=first.leading_lines)
        body[at] = first.with_changes(leading_lines=blank if after[0][1][0] != key[0] else [])
    else:
        at = 1 if body and _is_docstring(body[0], 0) else 0
        new = new.with_changes(leading_lines=blank if at else [])
    following = body[at] if at < len(body) else None
    found = _key(following) if following is not None else None
    if following is not None and before and found is not None and found[0] != key[0]:
        if not following.leading_lines:
            body[at] = following.with_changes(leading_lines=blank)
    elif following is not None and found is not None and before and before[-1][1][0] != key[0]:
        body[at] = following.with_changes(leading_lines=_without_blanks(following.leading_lines))
    elif following is not None and found is None and not following.leading_lines:
        body[at] = following.with_changes(leading_lines=blank)
    body.insert(at, new)
    return module.with_changes(body=body)


def _without_blanks(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The lines above a statement from the first comment on: what has become the first of its group has the blank."""
    first = next((index for index, line in enumerate(lines) if line.comment is not None), len(lines))
    return list(lines[first:])
