"""Recipes for exception handlers."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def log_exception(tree: Tree, fix: Fix) -> None:
    """`except Exception: pass` logs what happened, with its traceback, under the name of the function around it."""
    wanted = dict(fix.arguments)
    handler = tree.expression(fix.target, cst.ExceptHandler)
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the handler shares its line with its header")
    logger = str(wanted["logger"] or "")
    if not logger:
        logger = tree.constant("logger", f"{tree.module_name('logging')}.getLogger(__name__)")
    function = tree.enclosing(handler, cst.FunctionDef)
    name = function.name.value.strip("_").replace("_", " ") if isinstance(function, cst.FunctionDef) else "this"
    words = str(wanted["words"] or f"{name} failed")
    new = tree.statements(f'{logger}.exception("{words}")\n')[0]
    first = body.body[0]

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        lines = getattr(found[0], "leading_lines", ())
        if _is_nothing(found[0]) and len(body.body) == 1:
            return [new.with_changes(leading_lines=lines)]
        return [new.with_changes(leading_lines=lines), found[0].with_changes(leading_lines=[])]

    if isinstance(first, cst.BaseStatement):
        tree.replace(body, 0, 1, change)


def answer_failure(tree: Tree, fix: Fix) -> None:
    """The statement goes under `try`, and a failure is answered with a status: `raise HTTPException(503, …)`."""
    wanted = dict(fix.arguments)
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("not a simple statement")
    caught = written(tree, str(wanted["errors"]).split())
    module = "fastapi" if "fastapi" in tree.source else "starlette.exceptions"
    error, answer = tree.free_name("error"), tree.imported(module, "HTTPException")
    pattern = tree.statements(
        f"try:\n    pass\nexcept {caught} as {error}:\n"
        f'    raise {answer}({wanted["status"]}, "{wanted["words"]}") from {error}\n'
    )[0]

    def change(found: Statement) -> Sequence[Statement]:
        lines = getattr(found, "leading_lines", ())
        body = cst.IndentedBlock([found.with_changes(leading_lines=[])])
        return [cst.ensure_type(pattern, cst.Try).with_changes(body=body, leading_lines=lines)]

    tree.replace_statement(statement, change)


def raise_for_status(tree: Tree, fix: Fix) -> None:
    """A line after the assignment of a response raises when its status is an error."""
    statement = tree.statement(fix.target.line, fix.target.column)
    name = str(dict(fix.arguments)["name"])
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("not a simple statement")
    new = tree.statements(f"{name}.raise_for_status()\n")
    tree.replace_statement(statement, lambda found: [found, *new])


def written(tree: Tree, kinds: Sequence[str]) -> str:
    """How to write what a handler stops: one exception type, or several in a tuple."""
    names = [_written(tree, kind) for kind in kinds]
    if not names:
        raise CannotFix("it is not known which errors it raises")
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _written(tree: Tree, kind: str) -> str:
    """How to write an exception type here; one from a package's inner modules is taken from where it is bound."""
    module, dot, name = kind.rpartition(".")
    return tree.imported(module, name) if dot else name


def log_traceback(tree: Tree, fix: Fix) -> None:
    """`logger.error(…)` becomes `logger.exception(…)`, which adds the traceback."""
    call = tree.expression(fix.target, cst.Call)
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "error":
        raise CannotFix("not a call of an error method")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        return found.with_deep_changes(cst.ensure_type(found.func, cst.Attribute).attr, value="exception")

    tree.rewrite(call, change)


def raise_again(tree: Tree, fix: Fix) -> None:
    """A handler ends with `raise`, in the place of a last `pass`, `continue`, `break` or `return`.

    One that takes other failures too goes on to do so: a handler before it raises the cancellation again.
    """
    handler = tree.expression(fix.target, cst.ExceptHandler)
    around = tree.parents[handler]
    if isinstance(around, cst.Try) and "trio" not in tree.source and not _is_of_cancellation(tree, handler):
        error = f"{tree.module_name('asyncio')}.CancelledError"
        pattern = tree.statements(f"try:\n    pass\nexcept {error}:\n    raise\n")[0]
        first = cst.ensure_type(pattern, cst.Try).handlers[0].with_changes(leading_lines=handler.leading_lines)
        index = next(place for place, one in enumerate(around.handlers) if one is handler)

        def before(node: cst.BaseExpression) -> cst.BaseExpression:
            handlers = list(cst.ensure_type(node, cst.Try).handlers)
            rest = handlers[index].with_changes(leading_lines=[])
            return node.with_changes(handlers=[*handlers[:index], first, rest, *handlers[index + 1 :]])

        tree.rewrite(around, before)
        return
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the handler shares its line with its header")
    new = tree.statements("raise\n")[0]

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        last = found[-1]
        if isinstance(last, cst.SimpleStatementLine) and len(last.body) == 1:
            if isinstance(last.body[0], cst.Pass | cst.Continue | cst.Break | cst.Return):
                return [new.with_changes(leading_lines=last.leading_lines)]
        return [last, new]

    count = len(body.body)
    tree.replace(body, count - 1, count, change)


def _is_of_cancellation(tree: Tree, handler: cst.ExceptHandler) -> bool:
    """Whether a handler takes cancellations only."""
    kind = handler.type
    return (
        kind is not None
        and not isinstance(kind, cst.Tuple)
        and tree.text(kind).endswith(("CancelledError", "Cancelled"))
    )


def _is_nothing(statement: Statement) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Pass) or (isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis))
