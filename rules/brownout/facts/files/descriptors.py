"""Open file descriptors, plain numbers that only `os.close` and `os.fdopen` know how to end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word, own
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_ONLY_USE = frozenset({"write", "fsync", "fstat", "fchmod", "lseek", "ftruncate", "read", "print", "debug", "info"})
"""Functions that use a descriptor and leave it open."""


@dataclass(slots=True)
class Leak:
    """A call of `mkstemp`; `name` holds its descriptor where nothing uses it at all."""

    call: Call
    name: str | None


def leaks(code: Code) -> Iterator[Leak]:
    """The descriptors of a file that stay open."""
    for call in code.index.entries(("tempfile.mkstemp",)):
        if call.entry is None or call.entry.name != "tempfile.mkstemp" or not code.judged(call.function):
            continue
        parent = call.table.parent
        if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant) and parent.slice.value == 1:
            yield Leak(call, None)
            continue
        statement = call.table.statement
        if not isinstance(statement, ast.Assign) or statement.value is not call.node:
            continue
        target = statement.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
            found = _uses(target.elts[0].id, call)
            if found is not None:
                yield Leak(call, None if found else target.elts[0].id)
        elif isinstance(target, ast.Name) and _takes_path_only(target.id, call):
            yield Leak(call, None)


def _uses(name: str, call: Call) -> bool | None:
    """Whether the descriptor is used and left open; None where it may be closed, or belongs to somebody else."""
    used = False
    given: dict[int, str] = {}
    for row in call.function.calls:
        for argument in (*row.node.args, *(keyword.value for keyword in row.node.keywords)):
            given[id(argument)] = last_word(row.node)
    for node in walk(call.function.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            if given.get(id(node)) not in _ONLY_USE:
                return None
            used = True
    return used


def _takes_path_only(name: str, call: Call) -> bool:
    """Whether of the pair only the path is ever taken: `made = mkstemp()`, then `made[1]`."""
    parts = [node for node in own(call.function.node) if isinstance(node, ast.Subscript)]
    taken = {
        part.slice.value
        for part in parts
        if isinstance(part.value, ast.Name) and part.value.id == name and isinstance(part.slice, ast.Constant)
    }
    names = [node for node in own(call.function.node) if isinstance(node, ast.Name) and node.id == name]
    return taken == {1} and len(names) == 1 + sum(1 for part in parts if last_word(part.value) == name)
