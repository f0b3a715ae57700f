"""What a handler does with a failure: raise it on, answer with it, drop it, tell it, try again, or go on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from brownout.model.syntax import unparse, walk
from brownout.model.tables import Block, Function

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

ANY = "*"
"""Every exception."""
ANSWERS = re.compile(
    r"(^|\.)(HTTPException|Http404|PermissionDenied|HTTP(BadRequest|NotFound|Conflict|Gone|TooManyRequests|BadGateway|"
    r"ServiceUnavailable|GatewayTimeout|InternalServerError|Unauthorized|Forbidden)|ServiceUnavailable|BadGateway|"
    r"GatewayTimeout|WebSocketException)$"
)
_TELLS = re.compile(
    r"(^|\.|_)(log|logger|logging|_logger|exception|warning|warn|error|critical|info|debug|print|print_exc|"
    r"capture_exception|secho|echo|stderr|format_exc|notify|alert)(\.|\(|$|\b)",
    re.IGNORECASE,
)


class Response(StrEnum):
    """What becomes of a failure in a handler."""

    RAISES = "raises it on"
    RAISES_OTHER = "raises another exception"
    ANSWERS = "answers with an error that says so"
    SWALLOWS = "drops it without a trace"
    TELLS = "logs it and goes on"
    FALLS_BACK = "goes on with something else"
    RETRIES = "tries again"


@dataclass(frozen=True, slots=True)
class Handler:
    """One `except`, or `with suppress(…)`: where it stands, the types it stops as symbols, and what it does."""

    node: ast.AST
    block: ast.AST
    """The `try` or `with` that it belongs to."""
    types: tuple[str | None, ...]
    response: Response
    raised: str | None = None
    status: int | None = None
    """The HTTP status of an answer, where it is written as a number."""
    text: str = "except"
    ends_loud: bool = False
    """For RETRIES: whether the last failure is raised."""

    @property
    def is_broad(self) -> bool:
        """Whether it stops every exception."""
        return ANY in self.types


def handlers_around(call: Call) -> Iterator[list[Handler]]:
    """The handlers of each `try` and `suppress` around a call, innermost first, in their order."""
    yield from handlers_of(call.table.block, call.function, call.code)


def handlers_of(block: Block | None, function: Function, code: Code) -> Iterator[list[Handler]]:
    """The handlers of each `try` and `suppress` that encloses a block's statements, innermost first."""
    while block is not None:
        node = block.node
        if block.kind == "try" and isinstance(node, ast.Try | ast.TryStar):
            yield [_handler(node, handler, block, function, code) for handler in node.handlers]
        elif block.kind == "with":
            context = getattr(node, "context_expr", None)
            if isinstance(context, ast.Call) and code.target(context.func, function) == "contextlib.suppress":
                types = tuple(code.target(argument, function) for argument in context.args)
                types = tuple(ANY if name in _EVERYTHING else name for name in types)
                yield [Handler(context, node, types, Response.SWALLOWS, text=unparse(context))]
        block = block.parent


_EVERYTHING = ("builtins.Exception", "builtins.BaseException", "Exception", "BaseException")


def _handler(
    node: ast.Try | ast.TryStar, handler: ast.ExceptHandler, block: Block, function: Function, code: Code
) -> Handler:
    types = tuple(_types(handler.type, function, code))
    text = "except" if handler.type is None else f"except {unparse(handler.type)}"
    response, raised, status = _response(handler, ANY in types, function, code)
    if response not in (Response.RAISES, Response.ANSWERS) and _tries_again(node, handler, block):
        loud = response is Response.RAISES_OTHER or _raises_at_last(handler, block, function)
        return Handler(handler, node, types, Response.RETRIES, raised, status, text, loud)
    return Handler(handler, node, types, response, raised, status, text)


def _types(node: ast.expr | None, function: Function, code: Code) -> Iterator[str | None]:
    if node is None:
        yield ANY
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _types(part, function, code)
    else:
        bound = _bound(node, function, code)
        if isinstance(bound, ast.Tuple):
            yield from _types(bound, function, code)
        else:
            name = code.target(node, function) or _written(node)
            yield ANY if name in _EVERYTHING else name


def _written(node: ast.expr) -> str | None:
    """An exception by its name as written, such as `Order.DoesNotExist`; None for a variable that holds some."""
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return unparse(node) if last[:1].isupper() and not last.isupper() else None


def _bound(node: ast.expr, function: Function, code: Code) -> ast.expr | None:
    """The value of a name that is bound once, in the function or at module level."""
    if isinstance(node, ast.Name):
        for scope in (function.scope, code.module.scope):
            bindings = scope.bindings.get(node.id, ())
            if bindings:
                return bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
    return None


def _response(
    handler: ast.ExceptHandler, broad: bool, function: Function, code: Code
) -> tuple[Response, str | None, int | None]:
    if any(isinstance(statement, ast.Raise) and statement.exc is None for statement in handler.body):
        return Response.RAISES, None, None
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is not None:
        return _raised(last.exc, handler, function, code)
    calls = [part for statement in handler.body for part in walk(statement) if isinstance(part, ast.Call)]
    for call in calls:
        text = unparse(call.func)
        if text.rpartition(".")[2] in ("abort", "http_abort"):
            return Response.ANSWERS, None, _status(call)
        if text in ("sys.exit", "exit", "os._exit"):
            return Response.RAISES_OTHER, "SystemExit", None
    if any(_TELLS.search(unparse(call.func)) for call in calls):
        return Response.TELLS, None, None
    if all(_is_nothing(statement) for statement in handler.body):
        gives = isinstance(last, ast.Return)
        return (Response.FALLS_BACK if gives and not broad else Response.SWALLOWS), None, None
    return Response.FALLS_BACK, None, None


def _raised(
    node: ast.expr, handler: ast.ExceptHandler, function: Function, code: Code
) -> tuple[Response, str | None, int | None]:
    made = node.func if isinstance(node, ast.Call) else node
    if handler.name is not None and isinstance(made, ast.Name) and made.id == handler.name:
        return Response.RAISES, None, None
    name = code.target(made, function) or unparse(made)
    if ANSWERS.search(name):
        return Response.ANSWERS, name, _status(node) if isinstance(node, ast.Call) else None
    return Response.RAISES_OTHER, name, None


def _status(call: ast.Call) -> int | None:
    values = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "status_code")]
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            return value.value
        name = unparse(value)
        if found := re.search(r"HTTP_(\d{3})_", name):
            return int(found[1])
    return None


def _is_nothing(statement: ast.stmt) -> bool:
    """`pass`, `...`, `continue`, `break`, `return`, `return None`, `return []`."""
    if isinstance(statement, ast.Pass | ast.Continue | ast.Break):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        value = statement.value
        if value is None or (isinstance(value, ast.Constant) and not value.value):
            return True
        return isinstance(value, ast.List | ast.Tuple | ast.Dict) and not list(ast.iter_child_nodes(value))[1:]
    return False


def _tries_again(node: ast.Try | ast.TryStar, handler: ast.ExceptHandler, block: Block) -> bool:
    """Whether a `try` stands in a loop that only success, or the end of the attempts, leaves."""
    loop = next((outer.node for outer in block.chain() if outer.kind == "loop"), None)
    if not isinstance(loop, ast.For | ast.AsyncFor | ast.While) or not _counts(loop):
        return False
    if isinstance(handler.body[-1], ast.Return | ast.Break):
        return False
    after = node.body + node.orelse + [statement for statement in loop.body if statement.lineno > node.lineno]
    return any(_leaves(statement) for statement in after)


def _counts(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether a loop counts attempts: `range(…)`, a name such as `attempt`, or a pause in its body."""
    head = unparse(loop.iter) + unparse(loop.target) if not isinstance(loop, ast.While) else ""
    head += unparse(loop.test) if isinstance(loop, ast.While) else ""
    if re.search(r"range\(|attempt|retr(y|ies)|tries|backoff|delays?\b", head, re.IGNORECASE):
        return True
    return any(
        isinstance(part, ast.Call) and unparse(part.func).rpartition(".")[2] in ("sleep", "wait") for part in walk(loop)
    )


def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(part, ast.Return | ast.Break) for part in walk(statement))


def _raises_at_last(handler: ast.ExceptHandler, block: Block, function: Function) -> bool:
    """Whether the attempts end with an exception: raised in the handler, or somewhere behind the loop's body."""
    if any(isinstance(part, ast.Raise) for statement in handler.body for part in walk(statement)):
        return True
    loop = next((outer.node for outer in block.chain() if outer.kind == "loop"), None)
    if not isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        return False
    last = loop.body[-1].end_lineno or loop.lineno
    return any(isinstance(part, ast.Raise) and part.lineno > last for part in walk(function.node))


def handlers_in(code: Code) -> Iterator[tuple[Handler, Function, ast.Try | ast.TryStar]]:
    """Every handler of a file with its function and its `try`."""
    for row in code.module.tries:
        node = row.node
        if isinstance(node, ast.Try | ast.TryStar):
            block = Block("try", node, row.block)
            for handler in node.handlers:
                yield _handler(node, handler, block, row.function, code), row.function, node
