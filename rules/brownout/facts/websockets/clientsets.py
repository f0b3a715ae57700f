"""Sets and lists of clients: how one client is taken out of the collection that a loop runs over."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.facts.nodes import follows, last_word
from brownout.facts.websockets.broadcasts import collection_of
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.facts.websockets.broadcasts import Broadcast
    from brownout.facts.websockets.registries import Registration
    from brownout.model.tables import Binding, Function

_REMOVES = {"set": "discard", "Set": "discard", "list": "remove", "List": "remove"}


def removal(broadcast: Broadcast, code: Code) -> tuple[str, str] | None:
    """The collection of a broadcast's loop, and the statement that takes the client out; None where not known."""
    call = broadcast.call
    statement, block = call.table.statement, call.table.block
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Await) or block is None:
        return None
    loop = block.node  # with no other statement between
    if statement.value.value is not call.node or not isinstance(loop, ast.For):
        return None
    collection = collection_of(loop.iter)
    is_view = isinstance(loop.iter, ast.Call) and last_word(loop.iter) in ("values", "items")
    if not isinstance(loop.target, ast.Name) or is_view or not isinstance(collection, ast.Name | ast.Attribute):
        return None
    how = _how(collection, call.function, code)
    text = unparse(collection)
    return (text, f"{text}.{how}({loop.target.id})") if how else None


def _how(collection: ast.expr, function: Function, code: Code) -> str:
    """The method that takes something out of a collection, by how that is made or declared."""
    bindings: list[Binding] = []
    if isinstance(collection, ast.Name):
        bindings = list(code.names.bindings(collection.id, function.scope) or ())
    elif isinstance(collection, ast.Attribute) and function.owner is not None:
        bindings = [binding for binding, _ in function.owner.attributes.get(collection.attr, ())]
    found = {_kind(binding) for binding in bindings}
    return _REMOVES.get(found.pop(), "") if len(found) == 1 else ""


def _kind(binding: Binding) -> str:
    declared = binding.annotation
    if declared is not None:
        return last_word(declared.value if isinstance(declared, ast.Subscript) else declared)
    if isinstance(binding.value, ast.List | ast.Set):
        return type(binding.value).__name__.lower()
    return last_word(binding.value) if isinstance(binding.value, ast.Call) else ""


def removed_by_handlers(found: Registration) -> tuple[ast.Try, str] | None:
    """The `try` right after a registration whose handlers alone take the client out, and the statement that does."""
    after = [one for one in _statements(found.function) if found.node in walk(one)]
    following = follows(after[-1], found.function)[:1] if after else []
    node = following[0] if following else None
    if not isinstance(node, ast.Try) or node.finalbody or node.orelse:
        return None
    removals = {
        unparse(statement)
        for handler in node.handlers
        for statement in handler.body
        if isinstance(statement, ast.Expr | ast.Delete) and _is_about(statement, found.registry)
    }
    return (node, removals.pop()) if len(removals) == 1 else None


def _statements(function: Function) -> list[ast.stmt]:
    return [part for part in walk(function.node) if isinstance(part, ast.Expr | ast.Assign)]


def _is_about(statement: ast.Expr | ast.Delete, registry: str) -> bool:
    """Whether a statement calls a method of the collection, or deletes one of its items."""
    if isinstance(statement, ast.Delete):
        return len(statement.targets) == 1 and unparse(statement.targets[0]).startswith(f"{registry}[")
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return isinstance(value, ast.Call) and unparse(value.func).startswith(f"{registry}.")
