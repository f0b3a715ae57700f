"""Bodies that clients send: where they are read whole, and what bounds them before that."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.intake.sizes import refusals
from brownout.facts.paths import words_of
from brownout.facts.project import Project, per_project
from brownout.model.requests import is_unnamed_request
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_BOUND_WORDS = frozenset({"size", "limit", "max", "length", "bytes"})


_FILES = re.compile(r"(UploadFile|FileStorage|UploadedFile)\(\)|(flask\.request|Request\(\))\.(files|stream)|\.FILES\b")


def is_upload(node: ast.expr, function: Function, code: Code) -> bool:
    """Whether an expression is a client's file, or the stream in it; a parameter to which one is given counts."""
    inner = node.value if isinstance(node, ast.Attribute) and node.attr in ("file", "stream", "fp") else node
    for part in (node, inner):
        if _FILES.search(code.symbol(part, function) or "") or _FILES.search(code.target(part, function) or ""):
            return True
    if isinstance(inner, ast.Name):
        return inner.id in _given(code.project).get(code.names.full(function.qualname), ())
    return False


@per_project
def _given(project: Project) -> dict[str, set[str]]:
    """For each function the parameters to which some call gives a client's file or its stream."""
    found: dict[str, set[str]] = {}
    todo = [
        (row, key)
        for function in project.links.functions.values()
        for row in function.calls
        for key, form in row.arguments
        if form.startswith("@") and form.endswith(("()", ".file", ".stream")) and _FILES.search(form)
    ]
    while todo:
        row, key = todo.pop()
        callee = project.links.callee(row.symbol)
        parameter = parameter_of(callee, key) if callee is not None else None
        if callee is None or parameter is None or parameter in found.get(callee.name, ()):
            continue
        found.setdefault(callee.name, set()).add(parameter)
        todo.extend(
            (inner, name) for inner in callee.calls for name, form in inner.arguments if form == f"${parameter}"
        )
    return found


def parameter_of(callee: FunctionSummary, key: str | int) -> str | None:
    """The parameter of a function that an argument of a call of it reaches."""
    if isinstance(key, str):
        return key if key in callee.parameters else None
    index = key + (callee.parameters[:1] in (("self",), ("cls",)))
    return callee.parameters[index] if index < len(callee.parameters) else None


def reads_everything(call: Call) -> bool:
    """Whether a call reads a client's whole body: `file.read()`, `request.body()`, without a size."""
    inner = call.target == "tempfile.SpooledTemporaryFile.read" and "UploadFile()" in (call.symbol or "")
    if not (call.has("upload-read") or inner) or call.unpacks or is_only_called_request(call.function, call.code):
        return False
    size = call.argument("size", 0) or call.argument("n")
    return size is None or call.code.constant(size, call.function) in (-1, None)


def is_only_called_request(function: Function, code: Code) -> bool:
    """Whether a parameter is a request by its name alone, in a function to which no request is known to lead."""
    return any(map(is_unnamed_request, function.parameters)) and not code.in_request(function)


@per_project
def limited_by_application(project: Project) -> bool:
    """Whether the application limits bodies as a whole: a parameter, or a middleware that says so in its name."""
    for module in project.modules:
        if module.is_test:
            continue
        for function in module.functions.values():
            for row in function.calls:
                if any(key in ("max_body_size", "max_request_body_size", "max_part_size") for key, _ in row.arguments):
                    return True
                if row.symbol.rpartition(".")[2] in ("add_middleware", "Middleware"):
                    for _key, form in row.arguments:
                        words = words_of(form)
                        if (
                            form.startswith("@")
                            and words & {"size", "limit"}
                            and words & {"body", "size", "upload", "content", "request"}
                        ):
                            return True
        if "body-limit" in module.practices:
            return True
    return False


def checked_before(call: Call, name: str | None = None) -> bool:
    """Whether the size was looked at before the read: here, in a helper, in a dependency, or by every caller.

    `name` holds what is read; without it, it is what the call's method belongs to.
    """
    receiver = call.receiver
    name = name or (receiver.id if isinstance(receiver, ast.Name) else None)
    line = call.node.lineno
    if any(found.lineno < line for found in refusals(call.function.node, name)):
        return True
    for row in call.function.calls:
        if row.node.lineno < line and (_is_size_helper(row.node, name) or _refuses(call.code.call(row), name)):
            return True
    if any(_target_refuses(node, call) for node in _dependencies(call.function)):
        return True
    full = call.code.names.full(call.function.qualname)
    edges = call.code.project.graph.callers.get(full, [])
    return bool(edges) and all(edge.caller.refuses_size for edge in edges)


def _refuses(call: Call, name: str | None) -> bool:
    """Whether a helper is given the upload, and refuses what is too large."""
    given = any(isinstance(argument, ast.Name) and argument.id == name for argument in call.node.args)
    return given and call.callee is not None and call.callee.refuses_size


def _dependencies(function: Function) -> Iterator[ast.expr]:
    """What a route depends on: the functions in `Depends(…)` of its decorators, defaults and annotations."""
    node = function.node
    places: list[ast.AST] = list(getattr(node, "decorator_list", []))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        places.append(node.args)
    for place in places:
        for part in walk(place):
            if isinstance(part, ast.Call) and part.args:
                last = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
                if last in ("Depends", "Security"):
                    yield part.args[0]


def _target_refuses(node: ast.expr, call: Call) -> bool:
    code = call.code
    target = code.project.links.target(code.names.symbol(node, call.function.outer or call.function.scope))
    found = code.project.links.functions.get(target or "")
    return found is not None and found.refuses_size


def _is_size_helper(node: ast.Call, name: str | None) -> bool:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    words = words_of(last)
    return bool(words & _BOUND_WORDS) and any(isinstance(a, ast.Name) and a.id == name for a in node.args)


def is_assigned(call: Call) -> bool:
    """Whether the content is simply given a name: `content = await file.read()`, in a file that can answer 413."""
    if call.name.rpartition(".")[2] != "read" or call.unpacks or not call.awaited:
        return False
    statement = call.table.statement
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return False
    value = statement.value
    plain = isinstance(value, ast.Await) and value.value is call.node
    heads = {
        binding.symbol.partition(".")[0]
        for found in call.code.module.scope.bindings.values()
        for binding in found
        if binding.symbol
    }
    return plain and isinstance(target, ast.Name) and bool(heads & {"fastapi", "starlette"})
