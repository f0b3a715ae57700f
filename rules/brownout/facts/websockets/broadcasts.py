"""Messages for many clients: loops and gathers that send, and what one client that has gone does to the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.trying import caught_names, ends_loop, handlers_around, raises, suppressed_around
from brownout.facts.nodes import follows, last_word
from brownout.facts.websockets.sockets import is_bare_socket
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function

_SENDS = frozenset({"send_text", "send_json", "send_bytes", "send_str"})
_TOO_NARROW = frozenset(
    "RuntimeError ValueError TypeError KeyError AttributeError IndexError JSONDecodeError TimeoutError "
    "CancelledError LookupError UnicodeError UnicodeDecodeError ValidationError".split()
)
"""None of these is what a send raises first when the client has gone."""


@dataclass(slots=True)
class Broadcast:
    """A send to one client of many whose failure keeps the rest from getting the message."""

    call: Call
    node: ast.AST
    how: str


def fragile(code: Code) -> Iterator[Broadcast]:
    """The broadcasts of a file that end at the first client that has gone."""
    for row in code.module.loops:
        node = row.node
        if isinstance(node, ast.For | ast.AsyncFor) and row.function.is_async and code.judged(row.function):
            found = _in_loop(node, row.function, code)
            if found is not None:
                yield found
    gathers = {id(call): call for call in (*code.index.written(("gather",)), *code.index.named(("asyncio.gather",)))}
    for call in gathers.values():
        if call.in_async and code.judged(call.function):
            sent = _gathered(call)
            if sent is not None and not _keeps_exceptions(call):
                yield Broadcast(call, call.node, "the first failure ends the gather")


def is_send(call: Call, names: set[str] | None = None) -> bool:
    """Whether a call sends to a WebSocket; with `names`, to one reached through one of these names."""
    receiver = call.receiver
    if receiver is None:
        return False
    if not call.has("ws-send"):
        if call.entry is not None or call.callee is not None:
            return False
        if call.last not in _SENDS and (call.last != "send" or not is_bare_socket(receiver, call.code)):
            return False
    return names is None or any(isinstance(part, ast.Name) and part.id in names for part in walk(receiver))


def names_of(target: ast.AST) -> set[str]:
    """The names that a loop gives values to."""
    return {part.id for part in walk(target) if isinstance(part, ast.Name)}


def _in_loop(node: ast.For | ast.AsyncFor, function: Function, code: Code) -> Broadcast | None:
    names = _with_locals(node, function)
    many = is_bare_socket(collection_of(node.iter), code)
    for call in code.calls_inside(node):
        block = call.table.block
        if block is None or not (call.awaited or isinstance(call.table.parent, ast.Call)):
            continue
        if _inner_loop(block, node):
            continue
        if not call.awaited and not _in_group(call):
            continue
        if not (is_send(call, names) or _helper_sends(call, names) or (many and _is_bare_send(call, names))):
            continue
        if not guarded(block, node) and not _picks_one(call, function):
            return Broadcast(call, call.node.func, "the loop ends at the first client that has gone")
        return None
    return None


def collection_of(node: ast.expr) -> ast.expr:
    """What a loop runs over: `clients` of `list(clients)`, `clients.values()`, `clients.copy()`."""
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("values", "items", "copy"):
            node = node.func.value
        elif last_word(node.func) in ("list", "set", "tuple", "sorted") and len(node.args) == 1:
            node = node.args[0]
        else:
            break
    return node


def _is_bare_send(call: Call, names: set[str]) -> bool:
    """Whether one of many that are called sockets is sent something, with `send` alone."""
    plain = call.entry is None and call.callee is None and call.text.rpartition(".")[2] == "send"
    return plain and isinstance(call.receiver, ast.Name) and call.receiver.id in names


def _with_locals(node: ast.For | ast.AsyncFor, function: Function) -> set[str]:
    """The loop's names, and those that its body gets from them: `socket = clients[name]`."""
    names = names_of(node.target)
    for name, bindings in function.scope.bindings.items():
        for binding in bindings:
            inside = any(block.node is node for block in binding.block.chain()) if binding.block else False
            if inside and binding.kind == "assign" and binding.value is not None:
                if any(isinstance(part, ast.Name) and part.id in names for part in walk(binding.value)):
                    names.add(name)
    return names


def _inner_loop(block: Block, node: ast.AST) -> bool:
    """Whether another loop stands between a place and the loop: then that one is asked."""
    for around in block.chain():
        if around.node is node:
            return False
        if around.kind == "loop" and isinstance(around.node, ast.For | ast.AsyncFor):
            return True
    return False


def _in_group(call: Call) -> bool:
    """Whether the coroutine is handed to a task group, which one failure cancels."""
    outer = call.code.call_of(call.table.parent)
    if outer is None or not outer.text.endswith(".create_task") or outer.receiver is None:
        return False
    return call.code.target(outer.receiver, call.function) == "asyncio.TaskGroup()"


def guarded(block: Block | None, end: ast.AST) -> bool:
    """Whether something between a place and the loop around it handles a client that has gone, and goes on."""
    for handler in handlers_around(block, end):
        if caught_names(handler) - _TOO_NARROW and not ends_loop(handler.body):
            return True
    return bool(suppressed_around(block, end) - _TOO_NARROW)


def _picks_one(call: Call, function: Function) -> bool:
    """Whether the loop only looks for one client: it is left right after the send."""
    return ends_loop(follows(call.table.statement, function)[:1]) or isinstance(call.table.statement, ast.Return)


def _helper_sends(call: Call, names: set[str]) -> bool:
    """Whether a function of the project sends to the client that it is given, without a handler of its own."""
    callee = call.callee
    given = [index for index, value in enumerate(call.node.args) if isinstance(value, ast.Name) and value.id in names]
    if callee is None or not callee.is_async or not given:
        return False
    own = call.code.function_named(callee.name)
    if own is None:
        return False
    offset = 1 if callee.owner is not None and call.receiver is not None else 0
    inner = {own.parameters[index + offset].arg for index in given if index + offset < len(own.parameters)}
    for sent in call.code.calls_in(own):
        if sent.awaited and is_send(sent, inner):
            return not _caught_in(sent)
    return False


def _caught_in(call: Call) -> bool:
    """Whether the function around a send handles a client that has gone, in whatever way."""
    block = call.table.block
    if suppressed_around(block) - _TOO_NARROW:
        return True
    return any(caught_names(handler) - _TOO_NARROW and not raises(handler) for handler in handlers_around(block))


def _gathered(call: Call) -> Call | None:
    """The unguarded send in what a gather is given: a comprehension, or a list of coroutines made before."""
    for argument in call.node.args:
        if not isinstance(argument, ast.Starred):
            continue
        value = argument.value
        if isinstance(value, ast.Name):
            value = _list_named(value.id, call) or value
        if isinstance(value, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            names = {name for generator in value.generators for name in names_of(generator.target)}
            sent = call.code.call_of(_unwrapped(value.elt))
            if sent is not None and (is_send(sent, names) or _helper_sends(sent, names)):
                return sent
        elif isinstance(value, ast.Name) and (sent := _appended(value.id, call)) is not None:
            return sent
    return None


def _list_named(name: str, call: Call) -> ast.expr | None:
    bindings = call.function.scope.bindings.get(name, ())
    return bindings[0].value if len(bindings) == 1 and not isinstance(bindings[0].value, ast.List) else None


def _appended(name: str, call: Call) -> Call | None:
    for row in call.function.calls:
        made = row.node
        if isinstance(made.func, ast.Attribute) and made.func.attr == "append" and len(made.args) == 1:
            if isinstance(made.func.value, ast.Name) and made.func.value.id == name:
                sent = call.code.call_of(_unwrapped(made.args[0]))
                if sent is not None and is_send(sent) and any(b.kind == "loop" for b in _chain(row.block)):
                    return sent
    return None


def _chain(block: Block | None) -> Iterator[Block]:
    return iter(()) if block is None else block.chain()


def _unwrapped(node: ast.expr) -> ast.expr:
    """The coroutine in `create_task(…)`, `ensure_future(…)`, `wait_for(…)`."""
    while isinstance(node, ast.Call) and last_word(node.func) in ("create_task", "ensure_future", "wait_for"):
        if not node.args:
            break
        node = node.args[0]
    return node


def _keeps_exceptions(call: Call) -> bool:
    """Whether `return_exceptions` is given and not False, or may be."""
    value = call.argument("return_exceptions")
    if value is None:
        return any(keyword.arg is None for keyword in call.node.keywords)
    return call.code.constant(value, call.function) is not False
