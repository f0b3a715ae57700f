"""The text of an error in what a client is told: who answers with it, and the part that shows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.answers import handlers_of
from brownout.facts.failing.trying import is_broad
from brownout.facts.nodes import inside, last_word
from brownout.model.syntax import children, unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_LOGS = re.compile(r"(^|\.|_)(log|logger|logging)\.\w+$|(^|\.)(exception|capture_exception|print_exc|aexception)$")


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
    for function in code.requested:
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
    return any(isinstance(part, ast.Call) and _LOGS.search(unparse(part.func)) for part in inside(handler.body))


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
        if isinstance(part, ast.If) and f"isinstance({handler.name}, " in unparse(part.test):
            found |= {id(inner) for statement in part.body for inner in walk(statement)}
    return found


def _app_handlers(code: Code) -> Iterator[Told]:
    """Handlers of the whole application that answer with the text of what they were given."""
    handlers = [one for one in code.entered if any(point.kind == "exception-handler" for point in code.points(one))]
    if not handlers:
        return
    registered = {
        code.target(call.node.args[1], call.function)
        for call in code.library_calls
        if call.entry is not None
        and call.entry.registers == "exception-handler"
        and len(call.node.args) > 1
        and _is_any(call.node.args[0])
    }
    for function in handlers:
        broad = code.names.full(function.qualname) in registered or any(
            _is_any(argument)
            for decorator in function.decorators
            if isinstance(decorator, ast.Call)
            for argument in decorator.args
        )
        node = function.node
        given = [parameter.arg for parameter in function.parameters if parameter.arg not in ("self", "cls")]
        if broad and given and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = given[min(len(given) - 1, 1)]  # after the request, where there is one: Flask hands none over
            for answer in _server_errors(node.body, function, code):
                text = next((value for value in _texts(answer) if _shows(value, {name})), None)
                if text is not None:
                    yield Told(function, answer, text, None, _inner(text, {name}))


def _is_any(kind: ast.expr) -> bool:
    """Whether a handler is for all errors that nobody else handles: `Exception`, 500."""
    return last_word(kind) == "Exception" or (isinstance(kind, ast.Constant) and kind.value == 500)


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
