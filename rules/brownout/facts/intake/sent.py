"""What a client sends, on its way through a function: the names that hold it, and the files that it is written into."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word, names_in, own
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_WRITES = re.compile(r"^(write|write_bytes|write_text|copyfileobj)$")
_OPENS = frozenset({"open", "NamedTemporaryFile", "TemporaryFile", "BytesIO", "SpooledTemporaryFile"})


def is_sent(call: Call) -> bool:
    """Whether what a call opens depends on what its function is given, or on what an object was made with."""
    held = _held(call.function, call.code)
    given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    return any(_speaks_of(one, held) for one in given)


def _held(function: Function, code: Code) -> set[str]:
    """The names, and the attributes of objects, that hold what the function is given."""
    held = {parameter.arg for parameter in function.parameters} | {"request"}
    nodes = [node for node in own(function.node) if isinstance(node, ast.Call | ast.Assign)]
    for _ in range(3):
        for name, bindings in function.scope.bindings.items():
            values = (binding.value for binding in bindings if not _is_from_table(binding.value))
            if any(value is not None and _speaks_of(value, held) for value in values):
                held.add(name)
        for node in nodes:
            if isinstance(node, ast.Assign):
                target = node.targets[0]
                if isinstance(target, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in held:
                    held.add(unparse(target))
            elif any(_speaks_of(one, held) for one in node.args):
                made = code.call_of(node)
                word = made.name.rpartition(".")[2] if made is not None and made.name else last_word(node)
                held |= _written(node, function, copied=word == "copyfileobj") if _WRITES.match(word) else set()
    return held


def _written(call: ast.Call, function: Function, *, copied: bool) -> set[str]:
    """The names of the file that a call writes: of the path itself, or of what was opened, and the path behind it."""
    file = call.args[-1] if copied else getattr(call.func, "value", None)
    if not isinstance(file, ast.Name) or (copied and len(call.args) != 2):
        return set()
    found = {file.id}
    for binding in function.scope.bindings.get(file.id, ()):
        if isinstance(binding.value, ast.Call) and last_word(binding.value) in _OPENS:
            found |= names_in(binding.value) - {"open"}
    return found


def _speaks_of(node: ast.expr, held: set[str]) -> bool:
    return any(
        isinstance(part, ast.Name | ast.Attribute)
        and (part.id if isinstance(part, ast.Name) else unparse(part)) in held
        for part in walk(node)
    )


def _is_from_table(value: ast.expr | None) -> bool:
    """Whether a value is made by a function out of a table, `makers[key](order)`: nobody knows from what."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Subscript)
