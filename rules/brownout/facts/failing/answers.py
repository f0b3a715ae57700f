"""What a route answers when something has failed: which status, and which words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.index import per_file
from brownout.facts.nodes import body_of, inside, last_word, names_in
from brownout.facts.spared import known
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_ERROR_KEYS = frozenset({"error", "errors", "exception", "err", "error_message", "traceback"})
_NEGATIVE = {
    "success": (False,),
    "ok": (False,),
    "successful": (False,),
    "status": ("error", "failed", "failure", "fail", "Error", "ERROR"),
    "result": ("error", "failed", "failure", "fail"),
    "state": ("error", "failed"),
}
_OTHER_STYLE = re.compile(r"json-?rpc|graphql|slack|webhook|telegram|/rpc\b|mcp", re.IGNORECASE)
_PLAIN_ANSWERS = frozenset(
    {
        "dict",
        "jsonify",
        "JSONResponse",
        "ORJSONResponse",
        "UJSONResponse",
        "json_response",
        "JsonResponse",
        "make_response",
    }
)
_CLIENTS = re.compile(r"Validation(Error|Exception)$|^(Http404|DoesNotExist|PdfReadError|UnidentifiedImageError)$")
"""Errors that say what the client did wrong: to tell it in words is the point of such an answer."""
_FASTAPI = ("fastapi", "starlette")


@dataclass(slots=True)
class ErrorAnswer:
    """An answer in a handler of a route: the node, the handler, and what it answers, as written."""

    function: Function
    handler: ast.ExceptHandler
    node: ast.expr
    statement: ast.Return


@per_file
def route_functions(code: Code) -> list[Function]:
    """The functions of a file that answer requests themselves."""
    return [function for function in code.entered if any(point.kind == "route" for point in code.points(function))]


def handlers_of(function: Function) -> tuple[ast.ExceptHandler, ...]:
    """The exception handlers in a function's own body, those inside of another's body too."""
    return known(function, "handlers", _handlers) if function.tries else ()


def _handlers(function: Function) -> tuple[ast.ExceptHandler, ...]:
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    tries = (part for part in inside(node.body) if isinstance(part, ast.Try | ast.TryStar))
    return tuple(handler for part in tries for handler in part.handlers)


def errors_as_success(code: Code) -> Iterator[ErrorAnswer]:
    """The answers of a file that tell of an error in the body and of success in the status."""
    seen: set[int] = set()
    for function in route_functions(code):
        for handler in handlers_of(function):
            if sets_status(handler.body) or _is_of_client(handler) or _reads_request(handler, function):
                continue
            for part in inside(handler.body):
                if isinstance(part, ast.Return) and part.value is not None and id(part) not in seen:
                    seen.add(id(part))
                    body = _body(part.value, function, code)
                    if body is None or not tells_of_error(body, handler.name):
                        continue
                    if not known(function, "speaks otherwise", speaks_otherwise):
                        yield ErrorAnswer(function, handler, part.value, part)


def speaks_otherwise(function: Function) -> bool:
    """Whether the protocol tells errors in the body: JSON-RPC, GraphQL, a chat's commands."""
    texts = [unparse(decorator) for decorator in function.decorators]
    if any(_OTHER_STYLE.search(text) for text in (*texts, function.name)):
        return True
    node = function.node
    return any(isinstance(part, ast.Constant) and part.value in ("jsonrpc", "response_type") for part in walk(node))


def sets_status(body: list[ast.stmt]) -> bool:
    """Whether some statements set the status of the answer: `response.status_code = 500`, `self.set_status(500)`."""
    for part in inside(body):
        if isinstance(part, ast.Assign) and any(
            last_word(target) in ("status_code", "status") and isinstance(target, ast.Attribute)
            for target in part.targets
        ):
            return True
        if isinstance(part, ast.Call) and last_word(part.func) in ("set_status", "abort", "send_error"):
            return True
    return False


def _is_of_client(handler: ast.ExceptHandler) -> bool:
    """Whether a handler stops nothing but mistakes of the client."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(node is not None and _CLIENTS.search(last_word(node)) for node in types)


def _reads_request(handler: ast.ExceptHandler, function: Function) -> bool:
    """Whether a handler stops a `ValueError` of values that the client sent: `float(request.POST["width"])`."""
    tries = (part for part in inside(body_of(function)) if isinstance(part, ast.Try | ast.TryStar))
    return (
        isinstance(handler.type, ast.Name)
        and handler.type.id == "ValueError"
        and any(
            handler in part.handlers and any("request" in names_in(statement) for statement in part.body)
            for part in tries
        )
    )


def _body(value: ast.expr, function: Function, code: Code) -> ast.expr | None:
    """What an answer with the status of success holds; None where the status may be another."""
    if isinstance(value, ast.Tuple):
        registrars = [point.registrar for point in code.points(function)]
        if value.elts and all(name.startswith(_FASTAPI) for name in registrars):
            return value.elts[0]  # FastAPI answers with a list of both, and status 200
        return None
    if isinstance(value, ast.Dict):
        return value
    if isinstance(value, ast.Name):
        bindings = function.scope.bindings.get(value.id, ())
        return bindings[-1].value if bindings and isinstance(bindings[-1].value, ast.Dict) else None
    if isinstance(value, ast.Call) and last_word(value.func) in _PLAIN_ANSWERS:
        if last_word(value.func) == "dict" or last_word(value.func) == "jsonify":
            return value
        status = [keyword.value for keyword in value.keywords if keyword.arg in ("status_code", "status", None)]
        status += value.args[1:2]
        if not status:  # a 200 that is written out is a decision
            return value
    return None


def tells_of_error(body: ast.expr, name: str | None) -> bool:
    """Whether the body of an answer says that something went wrong."""
    pairs: list[tuple[str, ast.expr]] = []
    for part in walk(body):
        if isinstance(part, ast.Dict):
            pairs += [
                (key.value, value)
                for key, value in zip(part.keys, part.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
        elif isinstance(part, ast.Call):
            pairs += [(keyword.arg, keyword.value) for keyword in part.keywords if keyword.arg is not None]
    for key, value in pairs:
        constant = value.value if isinstance(value, ast.Constant) else ...
        if key.lower() in _ERROR_KEYS and constant not in (None, False, "", 0):
            return True
        if any(constant == wanted and type(constant) is type(wanted) for wanted in _NEGATIVE.get(key.lower(), ())):
            return True
        if key.lower() in ("message", "detail", "msg", "reason") and mentions(value, name):
            return True
    return False


def mentions(node: ast.AST, name: str | None) -> bool:
    """Whether the exception of that name stands in a piece of code."""
    return name is not None and any(isinstance(part, ast.Name) and part.id == name for part in walk(node))


def made_with(function: Function, code: Code) -> str:
    """The web framework of a route: `fastapi`, `flask`, or the empty string for another one."""
    heads = {point.registrar.partition(".")[0] for point in code.points(function) if point.kind == "route"}
    return heads.pop() if len(heads) == 1 and heads <= {"fastapi", "flask"} else ""
