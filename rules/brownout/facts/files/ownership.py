"""Who owns a temporary thing: the names that hold it, who removes it, and who it is handed on to."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_REMOVERS = frozenset(
    "unlink remove rmtree rmdir cleanup removedirs replace rename renames move rmtree_safe discard_path".split()
)
_HANDED = frozenset(
    "FileResponse callback push register add_task finalize addCleanup enter_context StreamingResponse".split()
)


def bound_names(call: Call) -> set[str]:
    """The local names that hold what a call returned: by assignment, unpacking or `with`."""
    statement, parent = call.table.statement, call.table.parent
    names: set[str] = set()
    if isinstance(parent, ast.With | ast.AsyncWith):
        for item in parent.items:
            if item.context_expr is call.node and isinstance(item.optional_vars, ast.Name):
                names.add(item.optional_vars.id)
    elif isinstance(statement, ast.Assign) and _is_value(statement.value, call.node):
        for target in statement.targets:
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            if any(isinstance(part, ast.Attribute | ast.Subscript) for part in parts):
                return set()  # an object keeps it
            names |= {part.id for part in parts if isinstance(part, ast.Name)}
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None and _is_value(statement.value, call.node):
        names |= {node.id for node in walk(statement.target) if isinstance(node, ast.Name)}
    elif isinstance(parent, ast.NamedExpr) and isinstance(parent.target, ast.Name):
        names.add(parent.target.id)
    return names


def _is_value(value: ast.expr, node: ast.Call) -> bool:
    """Whether a value is the call, its attribute, or the call wrapped as in `Path(mkdtemp())`."""
    while True:
        if value is node:
            return True
        if isinstance(value, ast.Attribute | ast.Subscript | ast.Await):
            value = value.value
        elif isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
            last = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            if last not in ("Path", "str", "fspath", "realpath", "abspath", "PurePath", "resolve"):
                return False
            value = value.args[0]
        elif isinstance(value, ast.BinOp):
            value = value.left
        else:
            return False


def derived(names: set[str], function: Function) -> set[str]:
    """The names, and those assigned from them: `path = handle.name`, `target = Path(folder) / "x"`."""
    found = set(names)
    for _ in range(3):
        for name, bindings in function.scope.bindings.items():
            for binding in bindings:
                if binding.kind in ("assign", "with") and binding.value is not None and name not in found:
                    root = _root(binding.value)
                    if root in found or _holds(binding.value, found):
                        found.add(name)
    return found


def _root(value: ast.expr) -> str | None:
    while True:
        if isinstance(value, ast.Name):
            return value.id
        if isinstance(value, ast.Attribute) and _is_opening(value.value) and value.attr != "name":
            return None  # what was read of it: `Image.open(path).size`
        if isinstance(value, ast.Attribute | ast.Subscript):
            value = value.value
        elif isinstance(value, ast.BinOp):
            value = value.left
        elif isinstance(value, ast.JoinedStr):
            inner = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
            return _root(inner[0]) if inner else None
        elif isinstance(value, ast.Call) and value.args:
            last = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            if last not in ("Path", "str", "fspath", "join", "open", "fdopen"):
                return None
            value = value.args[0]
        else:
            return None


def _is_opening(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "open"


def mentions(node: ast.AST | None, names: set[str]) -> bool:
    """Whether one of the names stands anywhere in a piece of code."""
    return node is not None and any(isinstance(part, ast.Name) and part.id in names for part in walk(node))


def _is_of(node: ast.expr | None, names: set[str]) -> bool:
    """Whether an expression *is* the thing or its path, not something read out of it."""
    return node is not None and _root(node) in names


def removes(node: ast.Call, names: set[str]) -> bool:
    """Whether a call removes what one of the names holds, or has it removed later."""
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if any(word in _REMOVERS for word in (last, *last.lower().lstrip("_").split("_"))):
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        return any(mentions(argument, names) for argument in arguments) or mentions(receiver, names)
    if last in _HANDED or last in ("to_thread", "run_sync", "run_in_executor", "submit", "suppress", "partial"):
        functions = (getattr(argument, "attr", getattr(argument, "id", "")) for argument in arguments)
        return any(name in _REMOVERS for name in functions) and any(mentions(a, names) for a in arguments)
    return False


def changes_hands(names: set[str], call: Call) -> bool:
    """Whether somebody else becomes the owner: returned, yielded, stored, raised, put into a collection."""
    function = call.function
    return _is_given_out(names, call, (*function.returns, *function.yields)) or _is_kept(names, call)


def only_returned(names: set[str], call: Call) -> bool:
    """Whether the owner changes by a `return` and in no other way: before it, nobody else knows the thing."""
    function = call.function
    given = not function.yields and _is_given_out(names, call, function.returns)
    return given and not _is_kept(names, call)


def _is_given_out(names: set[str], call: Call, values: Iterable[ast.expr | None]) -> bool:
    for value in values:
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        parts = [*parts, *value.values] if isinstance(value, ast.Dict) else parts
        if any(_is_of(part, names) or _holds(part, names, call.code) for part in parts if part is not None):
            return True
    return False


def _is_kept(names: set[str], call: Call) -> bool:
    """Whether an object, a collection or another call keeps it."""
    function = call.function
    for row in call.code.module.assigns:
        if row.function is function and isinstance(row.node, ast.Assign) and _is_of(row.node.value, names):
            if any(isinstance(target, ast.Attribute | ast.Subscript) for target in row.node.targets):
                return True
    if any(names & set(scope_names) for scope_names in (function.scope.declared,)):
        return True
    for made in function.calls:
        last = made.node.func.attr if isinstance(made.node.func, ast.Attribute) else getattr(made.node.func, "id", "")
        if last in ("append", "add", "put", "put_nowait", "setdefault", "insert", "extend", "update", *_HANDED):
            given = [*made.node.args, *(keyword.value for keyword in made.node.keywords)]
            given += [part for one in given if isinstance(one, ast.List | ast.Tuple) for part in one.elts]
            if any(_is_of(argument, names) for argument in given) and not _is_bare_response(made.node, call.code):
                return True
    return False


def _holds(node: ast.expr, names: set[str], code: Code | None = None) -> bool:
    """Whether a returned value is an object made around the thing: `Workspace(folder)`, `FileResponse(path)`."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call) or (code is not None and _is_bare_response(node, code)):
        return False
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    return (last[:1].isupper() or last == "cls") and any(_is_of(argument, names) for argument in arguments)


def _is_bare_response(node: ast.Call, code: Code) -> bool:
    """Whether it answers with a file that nobody removes afterwards: a `FileResponse` with no background task."""
    response = code.call_of(node)
    if response is None or response.entry is None or not response.entry.name.endswith(".FileResponse"):
        return False
    if response.unpacks or response.argument("background") is not None:
        return False
    tasks = (row.node.func.attr for row in response.function.calls if isinstance(row.node.func, ast.Attribute))
    return "add_task" not in tasks


def removed_by_callee(names: set[str], call: Call) -> bool:
    """Whether a function of the project that gets the thing removes it."""
    code = call.code
    for row in call.function.calls:
        view = code.call(row)
        if view.callee is None or not any(_is_of(argument, names) for argument in row.node.args):
            continue
        if any(_REMOVERS & set(inner.text.split(".")) for inner in view.callee.calls):
            return True
    return False


def handed_on_at_once(call: Call) -> bool:
    """Whether the result is returned, stored on an object or given to another call as it is made."""
    statement, parent = call.table.statement, call.table.parent
    if isinstance(statement, ast.Return) or isinstance(parent, ast.Yield | ast.Await):
        return True
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return True
    return isinstance(parent, ast.Call | ast.keyword)
