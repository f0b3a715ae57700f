"""What a route answers when something has failed: which status, and which words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import inside, last_word
from brownout.facts.spared import known
from brownout.facts.trying import is_broad
from brownout.model.syntax import children, unparse, walk

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
_CLIENTS = re.compile(r"Validation(Error|Exception)$|^(Http404|DoesNotExist)$")
"""Errors that say what the client did wrong: to tell it in words is the point of such an answer."""
_LOGS = re.compile(r"(^|\.|_)(log|logger|logging)\.\w+$|(^|\.)(exception|capture_exception|print_exc|aexception)$")
_FASTAPI = ("fastapi", "starlette")


@dataclass(slots=True)
class ErrorAnswer:
    """An answer in a handler of a route: the node, the handler, and what it answers, as written."""

    function: Function
    handler: ast.ExceptHandler
    node: ast.expr
    statement: ast.Return


def route_functions(code: Code) -> Iterator[Function]:
    """The functions of a file that answer requests themselves."""
    for function in code.functions:
        if any(point.kind == "route" for point in code.points(function)):
            yield function


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
        handlers = handlers_of(function)
        if not handlers or speaks_otherwise(function, code):
            continue
        for handler in handlers:
            if sets_status(handler.body) or _is_of_client(handler):
                continue
            for part in inside(handler.body):
                if isinstance(part, ast.Return) and part.value is not None and id(part) not in seen:
                    seen.add(id(part))
                    body = _body(part.value, function, code)
                    if body is not None and tells_of_error(body, handler.name):
                        yield ErrorAnswer(function, handler, part.value, part)


def speaks_otherwise(function: Function, code: Code) -> bool:
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


def _shows(node: ast.AST, names: set[str]) -> bool:
    """Whether the exception's own text stands in a piece of code: not its class, nor what a function makes of it."""
    if isinstance(node, ast.Call) and last_word(node.func) not in ("str", "repr", "format", "dict", "join", "jsonify"):
        return False
    if isinstance(node, ast.Attribute):
        return node.attr in ("args", "detail", "message", "msg") and _shows(node.value, names)
    if isinstance(node, ast.Name):
        return node.id in names
    return any(_shows(part, names) for part in children(node))


def status_of(node: ast.Call, code: Code, function: Function) -> int | None:
    """The constant status that a response or an HTTP error is made with; None where there is none to see."""
    name = _name_of(node, code)
    keyword = next((k.value for k in node.keywords if k.arg in ("status_code", "status", "code")), None)
    if keyword is None:
        position = 0 if name in ("HTTPException", "abort", "HTTPError") else 1
        keyword = node.args[position] if position < len(node.args) else None
    if isinstance(keyword, ast.Attribute | ast.Name):
        found = re.search(r"(?:HTTP_|^|_)(\d{3})(?:_|$)", last_word(keyword))
        if found:
            return int(found[1])
        if last_word(keyword) in ("INTERNAL_SERVER_ERROR", "BAD_GATEWAY", "SERVICE_UNAVAILABLE"):
            return 500
    value = code.constant(keyword, function)
    return value if isinstance(value, int) else None


@dataclass(slots=True)
class Told:
    """The text of an exception in an answer: where, in which handler, and the expression that holds it."""

    function: Function
    node: ast.expr
    text: ast.expr
    handler: ast.ExceptHandler | None
    inner: ast.expr
    """The smallest part of the text that is the error's own: `str(error)` in `{"error": str(error)}`."""


def exception_texts(code: Code) -> Iterator[Told]:
    """The answers with a server error of a file that carry the text of whatever was raised."""
    seen: set[int] = set()
    for function in code.functions:
        if not code.in_request(function):
            continue
        for handler in handlers_of(function):
            if handler.name and is_broad(handler):
                names, known = {handler.name} | _worded(handler), _told_apart(handler)
                for node in _server_errors(handler.body, function, code):
                    text = next((value for value in _texts(node) if _shows(value, names)), None)
                    if text is not None and id(node) not in seen | known:
                        seen.add(id(node))
                        yield Told(function, node, text, handler, _inner(text, names))
                        break
    yield from _app_handlers(code)


def _inner(text: ast.expr, names: set[str]) -> ast.expr:
    """The value of a dictionary, or of a call that makes one, which shows the error."""
    parts: list[ast.expr] = []
    if isinstance(text, ast.Dict):
        parts = text.values
    elif isinstance(text, ast.Call) and last_word(text) in ("dict", "jsonify"):
        parts = [*text.args, *(keyword.value for keyword in text.keywords)]
    found = next((part for part in parts if _shows(part, names)), None)
    return text if found is None else _inner(found, names)


def tells(handler: ast.ExceptHandler) -> bool:
    """Whether a handler writes to a log."""
    return any(isinstance(part, ast.Call) and _LOGS.search(ast.unparse(part.func)) for part in inside(handler.body))


def made_with(function: Function, code: Code) -> str:
    """The web framework of a route: `fastapi`, `flask`, or the empty string for another one."""
    heads = {point.registrar.partition(".")[0] for point in code.points(function) if point.kind == "route"}
    return heads.pop() if len(heads) == 1 and heads <= {"fastapi", "flask"} else ""


def _worded(handler: ast.ExceptHandler) -> set[str]:
    """The names that a handler gives to texts which hold the text of its error: `message = f"failed: {exc}"`."""
    return {
        target.id
        for part in inside(handler.body)
        if isinstance(part, ast.Assign) and _shows(part.value, {handler.name or ""})
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def _told_apart(handler: ast.ExceptHandler) -> set[int]:
    """The nodes of a handler that only errors of one kind reach: `if isinstance(exc, QuotaError): …`."""
    found: set[int] = set()
    for part in inside(handler.body):
        if isinstance(part, ast.If) and f"isinstance({handler.name}, " in ast.unparse(part.test):
            found |= {id(inner) for statement in part.body for inner in ast.walk(statement)}
    return found


def _app_handlers(code: Code) -> Iterator[Told]:
    """Handlers of the whole application that answer with the text of what they were given."""
    for function in code.functions:
        if not any(point.kind == "exception-handler" for point in code.points(function)):
            continue
        broad = any(
            last_word(argument) in ("Exception", "500")
            or (isinstance(argument, ast.Constant) and argument.value == 500)
            for decorator in function.decorators
            if isinstance(decorator, ast.Call)
            for argument in decorator.args
        )
        node = function.node
        if broad and len(function.parameters) > 1 and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = function.parameters[1].arg
            for answer in _server_errors(node.body, function, code):
                text = next((value for value in _texts(answer) if _shows(value, {name})), None)
                if text is not None:
                    yield Told(function, answer, text, None, _inner(text, {name}))


_SERVER_ERRORS = re.compile(r"(InternalServerError|BadGateway|ServiceUnavailable|GatewayTimeout)$")
"""What web frameworks call the errors of the server: `web.HTTPInternalServerError`, werkzeug's `BadGateway`."""
_ANSWERS = re.compile(rf"(HTTPException|Response|abort|json_response)$|{_SERVER_ERRORS.pattern}")


def _server_errors(body: list[ast.stmt], function: Function, code: Code) -> Iterator[ast.expr]:
    """The answers with a status of 500 and above in some statements."""
    for part in inside(body):
        if isinstance(part, ast.Call) and _ANSWERS.search(name := _name_of(part, code)):
            status = status_of(part, code, function)
            if status is None and _SERVER_ERRORS.search(name):
                status = 500
            if status is not None and status >= 500:
                yield part
        elif isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple) and len(part.value.elts) > 1:
            status_node = part.value.elts[1]
            if (
                isinstance(status_node, ast.Constant)
                and isinstance(status_node.value, int)
                and status_node.value >= 500
            ):
                yield part.value


def _name_of(node: ast.Call, code: Code) -> str:
    """The last word of what is called, whatever it was imported as."""
    call = code.call_of(node)
    return call.canonical.rpartition(".")[2] if call is not None and call.canonical else last_word(node.func)


def _texts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Tuple):
        return node.elts[:1]
    if isinstance(node, ast.Call):
        return [
            *node.args,
            *(keyword.value for keyword in node.keywords if keyword.arg not in ("headers", "background")),
        ]
    return []
