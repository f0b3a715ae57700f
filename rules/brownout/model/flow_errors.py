"""What a step evaluates by itself, whether it may fail, and which handlers stop what it raises.

A step is a statement; of a compound statement only its head: the test, the iterable, the context expressions.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from brownout.model.syntax import children

Try = ast.Try | ast.TryStar
Definition = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While
With = ast.With | ast.AsyncWith

ANYTHING = "BaseException"
UNKNOWN = "?"

_RISKY = (
    ast.Call,
    ast.Await,
    ast.Subscript,
    ast.Attribute,
    ast.Starred,
    ast.comprehension,
    ast.Yield,
    ast.YieldFrom,
    ast.MatchClass,
    ast.Import,
    ast.ImportFrom,
    ast.Assert,
    ast.Raise,
    ast.For,
    ast.With,
)
_SWALLOWING = frozenset(("move_on_after", "move_on_at", "CancelScope"))
_NOT_EXCEPTIONS = frozenset(("CancelledError", "Cancelled"))
# Libraries export classes of these names that are not the builtin ones: requests, redis, pymongo.
_SHADOWED = frozenset(("ConnectionError", "TimeoutError", "Warning"))
_BUILTIN = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException) and name not in _SHADOWED
}


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes that run as part of this very step: neither the blocks of a compound statement nor the bodies of
    nested functions and lambdas (their decorators and defaults do; the body of a nested class does)."""
    pending = _parts(statement)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Definition | ast.Lambda):
            pending += _defined(node)
        elif isinstance(node, ast.AnnAssign):
            pending += _parts(node)
        else:
            pending += children(node)


def _parts(statement: ast.stmt) -> list[ast.AST]:
    match statement:
        case ast.If(test=test) | ast.While(test=test):
            return [test]
        case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
            return [target, iterable]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [*items]
        case ast.Match(subject=subject, cases=cases):
            guards = [case.guard for case in cases if case.guard is not None]
            return [subject, *(case.pattern for case in cases), *guards]
        case ast.Try() | ast.TryStar():
            return []
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _defined(statement)
        case ast.AnnAssign(target=target, value=value):
            return [target] if value is None else [target, value]
        case _:
            return children(statement)


def _defined(node: Definition | ast.Lambda) -> list[ast.AST]:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return [*decorators, *node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]


def failures(statement: ast.stmt) -> tuple[str, ...]:
    """The ways in which a step may fail on its own account: `Exception` for any error, and `GeneratorExit`."""
    if isinstance(statement, With) and all(_harmless(item.context_expr) for item in statement.items):
        return ()
    if isinstance(statement, ast.For) and isinstance(statement.target, ast.Name):
        if at_least_once(statement.iter) is not None:
            return ()
    # A decorator without parentheses is a call, too.
    risky = bool(getattr(statement, "decorator_list", None))
    risky = risky or isinstance(statement, ast.Import | ast.ImportFrom | ast.Assert | ast.For | ast.AsyncFor | With)
    constructor = statement.exc if isinstance(statement, ast.Raise) else None
    if isinstance(constructor, ast.Call):
        constructor = constructor.func
    for node in own_nodes(statement):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return ("Exception", "GeneratorExit")
        if isinstance(node, _RISKY) or (isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Store)):
            risky = risky or constructor is None or not _part_of(node, statement, constructor)
    return ("Exception",) if risky else ()


def _part_of(node: ast.AST, statement: ast.stmt, constructor: ast.expr) -> bool:
    """Whether a node merely names or makes the exception of a `raise`, as `errors.Missing(...)` does."""
    if isinstance(statement, ast.Raise) and node is statement.exc:
        return True
    while isinstance(constructor, ast.Attribute):
        if node is constructor:
            return True
        constructor = constructor.value
    return False


def raised(statement: ast.stmt) -> str | None:
    """What a step that never completes raises, by name; nothing by name for a bare `raise`, None for all others."""
    match statement:
        case ast.Raise(exc=None):
            return ""
        case ast.Raise(exc=ast.Call(func=kind)) | ast.Raise(exc=kind):
            return dotted(kind) if kind is not None else UNKNOWN
        case ast.Assert(test=ast.Constant(value=value)) if not value:
            return "AssertionError"
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="sys"), attr="exit"))):
            return "SystemExit"
        case _:
            return None


def dotted(node: ast.AST) -> str:
    """A dotted name as text; `?` for every other expression."""
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(words)]) if isinstance(node, ast.Name) else UNKNOWN


def handled(kinds: ast.expr | None) -> tuple[str, ...]:
    """The names that an `except` clause lists; a bare one handles everything."""
    if kinds is None:
        return (ANYTHING,)
    return tuple(dotted(kind) for kind in kinds.elts) if isinstance(kinds, ast.Tuple) else (dotted(kinds),)


def raised_again(kinds: ast.expr | None) -> str:
    """What a bare `raise` raises in a handler of these kinds: `~Name` is an error of that class or one below it."""
    name = dotted(kinds) if kinds is not None else ANYTHING
    return "Exception" if name in (ANYTHING, UNKNOWN, "Exception") else f"~{name}"


def swallowed(context: ast.expr) -> tuple[str, ...]:
    """The names of the errors that a context manager keeps to itself, as `contextlib.suppress` does."""
    if not isinstance(context, ast.Call):
        return ()
    last = dotted(context.func).rpartition(".")[2]
    if last == "suppress":
        return tuple(dotted(argument) for argument in context.args)
    return (UNKNOWN,) if last in _SWALLOWING else ()


def _harmless(context: ast.expr) -> bool:
    """Whether entering cannot fail: `suppress` with names only."""
    return (
        bool(swallowed(context))
        and isinstance(context, ast.Call)
        and all(
            isinstance(argument, ast.Name | ast.Attribute | ast.Constant)
            for argument in (*context.args, *(keyword.value for keyword in context.keywords))
        )
    )


def stops(kinds: Sequence[str], error: str) -> bool | None:
    """Whether a handler of these kinds catches an error for certain (True), perhaps (None) or never (False).

    `Exception` as the error stands for one of an unknown class. `except Exception` counts as catching those, although
    a cancellation or a keyboard interrupt would pass it: those come from outside, at any step.
    """
    answers = [_stops(kind, error) for kind in kinds]
    return True if True in answers else None if None in answers else False


def _stops(kind: str, error: str) -> bool | None:
    if error.startswith("~"):
        answer = _stops(kind, error[1:])
        return None if answer is False and kind != "Exception" else answer
    if kind in (ANYTHING, error):
        return kind != UNKNOWN or None
    if error == "Exception" or kind == UNKNOWN:
        return None
    if kind == "Exception":
        builtin = _BUILTIN.get(error, Exception)
        return issubclass(builtin, Exception) and error.rpartition(".")[2] not in _NOT_EXCEPTIONS
    if kind in _BUILTIN and error in _BUILTIN:
        return issubclass(_BUILTIN[error], _BUILTIN[kind])
    return None


def at_least_once(iterable: ast.expr) -> bool | None:
    """Whether a loop over this runs its body at least once, where that can be read off and iterating cannot fail:
    a display of constants and names, or `range` of constants; None for all others."""
    if isinstance(iterable, ast.Tuple | ast.List | ast.Set):
        return bool(iterable.elts) if all(isinstance(item, ast.Constant | ast.Name) for item in iterable.elts) else None
    if isinstance(iterable, ast.Call) and dotted(iterable.func) == "range" and not iterable.keywords:
        numbers = [item.value for item in iterable.args if isinstance(item, ast.Constant)]
        whole = [number for number in numbers if isinstance(number, int)]
        if len(whole) == len(iterable.args) and 1 <= len(whole) <= 3 and whole[2:] != [0]:
            return len(range(*whole)) > 0
        if all(isinstance(item, ast.Constant | ast.Name) for item in iterable.args):
            return False
    return None
