"""Directories that a service makes only where a look did not find them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import body_of, guarded, is_true, last_word, leaves, same
from brownout.facts.practices import in_main

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

MAKERS = frozenset({"os.mkdir", "os.makedirs", "pathlib.Path.mkdir", "aiofiles.os.makedirs", "aiofiles.os.mkdir"})
_LOOKS = frozenset({"exists", "isdir", "is_dir", "isfile", "is_file", "lexists"})


@dataclass(slots=True)
class Race:
    """A directory that is made only if it was not there a moment before; `asked` is the `if` that asked."""

    call: Call
    path: ast.expr
    asked: ast.If


def races(code: Code) -> Iterator[Race]:
    """The calls of a file that make a directory after a look, and fail where somebody else was faster."""
    makes = {id(call): call for call in (*code.index.written(("mkdir",)), *code.index.to(MAKERS))}
    for call in makes.values():
        path = made(call)
        if path is None or is_true(call.argument("exist_ok")) or call.unpacks or not _has_company(call):
            continue
        if not guarded(call.table.block, "FileExistsError", "OSError", "IOError"):
            asked = _asked(call, path)
            if asked is not None:
                yield Race(call, path, asked)


def _has_company(call: Call) -> bool:
    """Whether another may make the same directory meanwhile: a request, a worker, another process at its start."""
    code, function = call.code, call.function
    if function.name == "<module>":
        return code.judged(function) and not in_main(call)
    return code.serves(function) or bool(code.kinds(function) & {"startup", "lifespan"})


def made(call: Call) -> ast.expr | None:
    """The path of the directory that a call makes; None for a call that makes none."""
    if call.last != "mkdir" and call.target not in MAKERS:
        return None
    if call.target in MAKERS and not call.target.startswith("pathlib."):
        return call.argument("name" if call.target.endswith("makedirs") else "path", 0)
    if call.text.endswith(".mkdir") and call.callee is None and call.receiver is not None:
        is_path = call.target is None or call.target == "pathlib.Path.mkdir"
        return call.receiver if is_path and not call.node.args else None
    return None


def _asked(call: Call, path: ast.expr) -> ast.If | None:
    """The `if` that looked whether the directory is there, around the call or just before it."""
    block = call.table.block
    while block is not None:
        node = block.node
        if isinstance(node, ast.If) and block.kind in ("if", "orelse"):
            if _looks(node.test, path, call) is (block.kind == "orelse"):
                return node
        block = block.parent
    for statement in body_of(call.function):
        if isinstance(statement, ast.If) and statement.lineno < call.node.lineno and leaves(statement.body):
            if _looks(statement.test, path, call) is True:
                return statement
    return None


def _looks(test: ast.expr, path: ast.expr, call: Call) -> bool | None:
    """Whether a condition is that the path is there (True), or is not (False); None where it is another."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        found = _looks(test.operand, path, call)
        return None if found is None else not found
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return next((found for value in test.values if (found := _looks(value, path, call)) is not None), None)
    if isinstance(test, ast.Call) and _LOOKS & {last_word(test), _last_of(test.func, call)}:
        places = [*test.args, *([test.func.value] if isinstance(test.func, ast.Attribute) else [])]
        return True if any(same(place, path) for place in places) else None
    return None


def _last_of(node: ast.expr, call: Call) -> str:
    """The last word of what a name stands for: `isdir` for one imported under another name."""
    return (call.code.target(node, call.function) or "").rpartition(".")[2]
