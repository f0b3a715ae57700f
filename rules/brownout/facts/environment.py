"""The environment of the process: what a module takes from it while it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.files.precautions import is_service
from brownout.facts.nodes import guarded
from brownout.facts.practices import in_main, is_tooling

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_PARSERS = frozenset({"builtins.int", "builtins.float", "json.loads", "decimal.Decimal", "uuid.UUID"})
_READERS = frozenset({"os.getenv", "os.environ.get"})


def parsed_at_import(code: Code) -> Iterator[tuple[Call, str]]:
    """The calls of a file that turn a variable without a default into a value on import, with the variable's name."""
    if "environ" not in code.module.text and "getenv" not in code.module.text:
        return
    if not is_service(code.project) or is_tooling(code.module.path):
        return
    for call in code.calls_in(code.module.body):
        if call.canonical not in _PARSERS or not call.node.args:
            continue
        name = _variable(call.node.args[0], call)
        if name is not None and not guarded(call.table.block, "ValueError", "KeyError") and not in_main(call):
            yield call, name


def _variable(node: ast.expr, call: Call) -> str | None:
    """The variable that an expression takes from the environment, where nothing stands in for it."""
    code = call.code
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript) and code.target(node.value, call.function) == "os.environ":
        key = node.slice
    elif isinstance(node, ast.Call) and code.target(node.func, call.function) in _READERS:
        key = node.args[0] if len(node.args) == 1 and not node.keywords else None
    value = code.constant(key, call.function) if key is not None else None
    return value if isinstance(value, str) else None
