"""Collections of connected clients: who is put in, who is taken out, and on which ways out of an endpoint."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import inside
from brownout.facts.websockets import appstores, sockets
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_ADDERS = frozenset({"add", "append", "appendleft", "insert"})
REMOVERS = frozenset({"remove", "discard", "pop", "popitem", "clear", "popleft", "difference_update"})
_PAIRS = {
    "connect": ("disconnect",),
    "add": ("remove", "discard", "delete", "drop"),
    "register": ("unregister", "deregister", "remove"),
    "subscribe": ("unsubscribe",),
    "join": ("leave", "part"),
    "attach": ("detach",),
    "enter": ("leave", "exit"),
    "open": ("close",),
}


@dataclass(slots=True)
class Registration:
    """A client put into a collection that outlives the endpoint, and why it may stay there."""

    function: Function
    node: ast.expr
    registry: str
    why: str


def root_of(node: ast.expr) -> ast.expr:
    """The collection itself: `self.rooms` of `self.rooms[name]` and of `self.rooms.setdefault(name, set())`."""
    while not appstores.is_stored(node):
        if isinstance(node, ast.Subscript):
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr
            in (
                "setdefault",
                "get",
                "values",
                "items",
                "keys",
            )
        ):
            node = node.func.value
        else:
            break
    return node


def leaks(code: Code) -> Iterator[Registration]:
    """The registrations of a file that some way out of the endpoint leaves behind."""
    for function in code.functions:
        if not sockets.served(function, code) and not appstores.makes_socket(function, code):
            continue
        for statement, node, root in _registrations(function, code):
            name = unparse(root)
            if not _lasting(root, function, code):
                continue
            if not _ever_removed(root, code):
                yield Registration(function, node, name, "nothing takes it out again")
            elif _talks_after(function, statement, code) and (why := _gap(function, statement, root, code)):
                yield Registration(function, node, name, why)
        yield from _by_method(function, code)


def _registrations(function: Function, code: Code) -> Iterator[tuple[ast.stmt, ast.expr, ast.expr]]:
    """Each statement that puts a socket into a collection, with the place to show and the collection."""
    for call in code.calls_in(function):
        receiver = call.receiver
        if receiver is None or call.callee is not None:
            continue
        if call.last in _ADDERS and any(_is_socket(value, function, code) for value in call.node.args):
            yield call.table.statement, call.node.func, root_of(receiver)
    for row in code.module.assigns:
        if row.function is function and isinstance(row.node, ast.Assign) and _is_socket(row.node.value, function, code):
            for target in row.node.targets:
                if isinstance(target, ast.Subscript):
                    yield row.node, target, root_of(target)


def _is_socket(node: ast.expr, function: Function, code: Code) -> bool:
    """Whether a value is a served socket, or a pair, an object or a record made around one."""
    parts = (
        node.elts if isinstance(node, ast.Tuple | ast.List) else node.values if isinstance(node, ast.Dict) else [node]
    )
    if isinstance(node, ast.Call):
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(
        isinstance(part, ast.Name)
        and (
            (code.target(part, function) or "") in sockets.INSTANCES
            or (part.id in ("ws", "websocket") and part.id in {argument.arg for argument in function.parameters})
        )
        for part in parts
        if part is not None
    )


def _lasting(root: ast.expr, function: Function, code: Code) -> bool:
    """Whether a collection outlives the call: a module's or an object's, and not one that forgets by itself."""
    if isinstance(root, ast.Name):
        bindings = code.names.bindings(root.id, function.scope)
        if not bindings or root.id in function.scope.bindings:
            return False
        values = [binding.value for binding in bindings]
    elif isinstance(root, ast.Attribute):
        found = function.owner.attributes.get(root.attr, ()) if function.owner is not None else ()
        values = [binding.value for binding, _ in found]
    else:
        return appstores.is_stored(root) and appstores.lasts(root, code)
    return not any(value is not None and "Weak" in unparse(value) for value in values)


def _key(root: ast.expr) -> str:
    if isinstance(root, ast.Subscript):
        return unparse(root.slice)
    return root.attr if isinstance(root, ast.Attribute) else getattr(root, "id", "")


def removes(node: ast.AST, name: str) -> bool:
    """Whether a part of some code takes something out of the collection of that name, or puts another in its place."""
    if isinstance(node, ast.Call):
        handed = [value for value in node.args if isinstance(value, ast.Attribute) and value.attr in REMOVERS]
        if any(_key(root_of(value.value)) == name for value in handed):
            return True
        if isinstance(node.func, ast.Attribute) and node.func.attr in REMOVERS:
            return _key(root_of(node.func.value)) == name
    if isinstance(node, ast.Delete):
        return any(isinstance(target, ast.Subscript) and _key(root_of(target)) == name for target in node.targets)
    if isinstance(node, ast.Assign):
        return any(_key(target) == name for target in node.targets if isinstance(target, ast.Name | ast.Attribute))
    return isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub) and _key(node.target) == name


def removing_functions(name: str, code: Code) -> list[Function]:
    """The functions of the file that take something out of the collection of that name."""
    return [
        function
        for function in code.functions
        if isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef)
        and function.name != "__init__"
        and any(removes(part, name) for part in inside(function.node.body))
    ]


def _ever_removed(root: ast.expr, code: Code) -> bool:
    """Whether anything in the project takes clients out of the collection, in code that somebody calls."""
    name = _key(root)
    if any(_by_alias(call.node, root, code) for call in code.index.written(REMOVERS)):
        return True
    for function in removing_functions(name, code):
        full = code.names.full(function.qualname)
        if code.points(function) or code.project.graph.callers.get(full) or function.owner is None:
            return True
        if any(full.rpartition(".")[2] in row.text.split(".") for _, row in code.project.rows()):
            return True
    return any(
        parts[-1] in REMOVERS and name in parts[:-1]
        for _, row in code.project.rows()
        if len(parts := row.text.replace("[…]", "").split(".")) > 1
    )


def _talks_after(function: Function, statement: ast.stmt, code: Code) -> bool:
    """Whether the function itself waits for the client's messages: then it knows when the client leaves."""
    return any(
        call.has("ws-receive", "ws-iter") or call.last in ("receive_text", "receive_json")
        for call in code.calls_in(function)
        if call.node.lineno > statement.lineno
    ) or any(row.function is function and isinstance(row.node, ast.AsyncFor) for row in code.module.loops)


def _gap(function: Function, statement: ast.stmt, root: ast.expr, code: Code) -> str:
    """Why a way out of the function leaves the client in the collection; "" where none does."""
    name = _key(root)
    removing = [part for part in _parts(function) if removes(part, name) or _by_alias(part, root, code)]
    called = {code.names.full(found.qualname) for found in removing_functions(name, code)}
    removing += [call.node for call in code.calls_in(function) if call.callee and call.callee.name in called]
    return why_left(function, statement, removing, code)


def _by_alias(part: ast.AST, root: ast.expr, code: Code) -> bool:
    """Whether a call takes something out of what an application holds, under a name of its own for it."""
    return isinstance(part, ast.Call) and any(removes(part, name) for name in appstores.aliases(root, code))


def _parts(function: Function) -> Iterator[ast.AST]:
    node = function.node
    return iter(()) if isinstance(node, ast.Lambda) else inside(node.body)


def why_left(function: Function, statement: ast.stmt, removing: list[ast.AST], code: Code) -> str:
    """Why some way out of a function after a statement meets none of the removals; "" where all do, or none is here."""
    if not removing:
        return ""
    flow = code.flow(function)
    event = flow.steps_with(removing)
    is_made = appstores.makes_socket(function, code)
    found = flow.escapes_without(statement, event, errors=_may_fail_made if is_made else _may_fail)
    if found is None:
        return ""
    return "an error in the loop leaves it there" if found.kind == "error" else "not every way out takes it out again"


def _may_fail(statement: ast.stmt) -> bool:
    """Whether a step waits for the client or somebody else: that is where sockets break."""
    if isinstance(statement, ast.AsyncFor):
        return "iter_" not in unparse(statement.iter)
    head = [getattr(statement, name, None) for name in ("value", "test", "iter", "exc")]
    return any(isinstance(part, ast.Await) for node in head if isinstance(node, ast.AST) for part in walk(node))


def _may_fail_made(statement: ast.stmt) -> bool:
    return appstores.may_fail(statement, _may_fail(statement))


def _by_method(function: Function, code: Code) -> Iterator[Registration]:
    """`manager.connect(websocket)` whose `manager.disconnect(websocket)` some way out does not meet."""
    for call in code.calls_in(function):
        verb, opposite = _pair(call)
        if call.callee is None or not verb or not any(_is_socket(value, function, code) for value in call.node.args):
            continue
        receiver = unparse(call.receiver) if call.receiver is not None else ""
        removing: list[ast.AST] = [
            other.node
            for other in code.calls_in(function)
            if other.receiver is not None and unparse(other.receiver) == receiver and other.last.startswith(opposite)
        ]
        why = why_left(function, call.table.statement, removing, code)
        if why:
            yield Registration(function, call.node.func, receiver, why)


def _pair(call: Call) -> tuple[str, tuple[str, ...]]:
    """The verb of a registering method and those that undo it."""
    if call.receiver is None:
        return "", ()
    last = call.last
    verb = last.split("_")[0]
    return (verb, _PAIRS[verb]) if verb in _PAIRS else ("", ())
