"""Tracebacks that leave the process, and errors that are logged without one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.failing.answers import mentions
from brownout.facts.failing.trying import is_broad
from brownout.facts.nodes import inside, last_word
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_FORMATS = frozenset(
    {
        "traceback.format_exc",
        "traceback.format_exception",
        "traceback.format_exception_only",
        "traceback.format_tb",
        "traceback.format_stack",
    }
)
_DEBUG = re.compile(r"debug|develop|\bdev\b|verbose|testing|is_local|show_error", re.IGNORECASE)
_LOGGER = re.compile(r"(^|_)(log|logger|logging)$", re.IGNORECASE)
_ERRORS = ("error", "critical", "fatal")
_FULL = frozenset({"exception", "capture_exception", "print_exc", "format_exc", "format_exception", "print_exception"})


def to_client(code: Code) -> Iterator[Call]:
    """The tracebacks of a file that go into an answer."""
    for call in code.index.named(_FORMATS):
        if call.canonical not in _FORMATS:
            continue
        kinds = code.kinds(call.function) | {point.kind for point in code.points(call.function)}
        if not kinds & {"route", "exception-handler", "websocket", "middleware", "dependency"}:
            continue
        if _in_debug(call) or not _is_answered(call):
            continue
        yield call


def _in_debug(call: Call) -> bool:
    """Whether the traceback is taken under a debug flag."""
    for block in call.table.block.chain() if call.table.block is not None else ():
        test = getattr(block.node, "test", None)
        if block.kind in ("if", "orelse") and test is not None and _DEBUG.search(unparse(test)):
            return True
    statement = call.table.statement
    return any(isinstance(part, ast.IfExp) and _DEBUG.search(unparse(part.test)) for part in walk(statement))


def _is_answered(call: Call) -> bool:
    """Whether the text becomes part of what is returned, raised as an HTTP error, or sent."""
    statement = call.table.statement
    if _answers(statement, lambda node: any(part is call.node for part in walk(node)), call):
        return True
    names = set[str]()
    if isinstance(statement, ast.Assign):
        names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    node = call.function.node
    if not names or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False

    def uses(found: ast.AST) -> bool:
        return any(isinstance(part, ast.Name) and part.id in names for part in walk(found))

    return any(
        _answers(part, uses, call)
        for part in inside(node.body)
        if isinstance(part, ast.stmt) and part.lineno >= call.node.lineno
    )


def _answers(statement: ast.stmt, holds: object, call: Call) -> bool:
    assert callable(holds)
    if isinstance(statement, ast.Return):
        return statement.value is not None and bool(holds(statement.value)) and _is_answer(statement.value, call)
    if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call):
        return last_word(statement.exc.func).endswith("HTTPException") and bool(holds(statement.exc))
    if isinstance(statement, ast.Expr):
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        sent = call.code.call_of(value)
        return sent is not None and sent.has("ws-send") and bool(holds(value))
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        return last_word(statement.value.func).endswith(("JSONResponse", "PlainTextResponse")) and bool(
            holds(statement.value)
        )
    return False


def _is_answer(value: ast.expr, call: Call) -> bool:
    """Whether what is returned goes to the client: a response, or whatever a route returns."""
    if any(point.kind in ("route", "exception-handler") for point in call.code.points(call.function)):
        return True
    return isinstance(value, ast.Call) and last_word(value.func).endswith("Response")


@dataclass(slots=True)
class Logged:
    """A line of the log about a caught error that says what but not where."""

    function: Function
    node: ast.Call
    text: str
    is_print: bool


def without_context(code: Code) -> Iterator[Logged]:
    """The handlers of everything in a file whose only trace is the text of the error."""
    seen: set[int] = set()
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try | ast.TryStar) or not code.judged(row.function):
            continue
        for handler in node.handlers:
            if is_broad(handler):
                found = _bare_line(handler, row.function, code)
                if found is not None and id(found) not in seen and not _keeps_more(handler, found):
                    seen.add(id(found))
                    is_print = last_word(found.func) == "print"
                    yield Logged(row.function, found, code.text(found.func), is_print)


def _bare_line(handler: ast.ExceptHandler, function: Function, code: Code) -> ast.Call | None:
    """The call that logs or prints the text of the error."""
    for part in inside(handler.body):
        if not isinstance(part, ast.Call):
            continue
        if isinstance(part.func, ast.Name) and part.func.id == "print" and mentions(part, handler.name):
            if not any(keyword.arg == "file" for keyword in part.keywords):
                return part
        if (
            isinstance(part.func, ast.Attribute)
            and part.func.attr in _ERRORS
            and (_is_logger(part.func.value) or code.symbol(part.func.value, function) == "logging")
        ):
            return part
    return None


def _is_logger(node: ast.expr) -> bool:
    name = last_word(node)
    return _LOGGER.search(name) is not None or name in ("getLogger", "get_logger")


def _keeps_more(handler: ast.ExceptHandler, line: ast.Call) -> bool:
    """Whether the handler keeps the traceback, raises, or hands the exception itself to somebody."""
    for part in inside(handler.body):
        if isinstance(part, ast.Raise):
            return True
        if isinstance(part, ast.Call):
            if last_word(part.func) in _FULL or any(
                keyword.arg in ("exc_info", "stack_info") for keyword in part.keywords
            ):
                return True
            if (
                part is not line
                and not _is_log(part)
                and any(
                    isinstance(value, ast.Name) and value.id == handler.name
                    for value in (*part.args, *(keyword.value for keyword in part.keywords))
                )
                and last_word(part.func) not in ("str", "repr", "type", "print", "isinstance")
            ):
                return True
        if isinstance(part, ast.Attribute) and part.attr == "__traceback__":
            return True
        if isinstance(part, ast.Assign | ast.Return) and isinstance(part.value, ast.Name):
            if part.value.id == handler.name:
                return True
    return False


def _is_log(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and _is_logger(node.func.value)
