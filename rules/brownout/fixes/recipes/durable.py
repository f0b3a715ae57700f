"""Recipes for files that must last, and for those that must not grow for ever."""

from __future__ import annotations

import libcst as cst
from brownout.core import Fix
from brownout.fixes.recipes.keywords import appended
from brownout.fixes.tree import CannotFix, Tree


def sync_file(tree: Tree, fix: Fix) -> None:
    """The `with` block that writes a file ends with `file.flush()` and `os.fsync(file.fileno())`."""
    statement = tree.statement(fix.target.line, fix.target.column)
    handle = str(dict(fix.arguments)["handle"])
    if not isinstance(statement, cst.With) or not isinstance(statement.body, cst.IndentedBlock):
        raise CannotFix("not a with statement with a block of its own")
    if statement.asynchronous is not None:
        raise CannotFix("the file is written asynchronously")
    body = statement.body
    fsync = tree.fsync(handle, statement)
    has_flush = any(tree.text(line) == f"{handle}.flush()" for line in body.body[-1:])
    new = tree.statements(f"{fsync}\n" if has_flush else f"{handle}.flush()\n{fsync}\n")
    end = len(body.body)
    tree.replace(body, end - 1, end, lambda found: [*found, *new])


def rotate_log(tree: Tree, fix: Fix) -> None:
    """`FileHandler(path)` becomes `RotatingFileHandler(path, maxBytes=…, backupCount=5)`."""
    call = tree.expression(fix.target, cst.Call)
    handler = f"{tree.module_name('logging.handlers')}.RotatingFileHandler"

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        arguments = appended(list(found.args), "maxBytes", "10_000_000")
        arguments = appended(arguments, "backupCount", "5")
        return found.with_changes(func=cst.parse_expression(handler), args=arguments)

    tree.rewrite(call, change)


def without_test(tree: Tree, fix: Fix) -> None:
    """`if path.exists(): path.unlink()` becomes `path.unlink(missing_ok=True)`."""
    statement = tree.statement(fix.target.line, fix.target.column)
    name = str(dict(fix.arguments)["argument"])
    if not isinstance(statement, cst.If) or statement.orelse is not None or len(statement.body.body) != 1:
        raise CannotFix("the branch holds more than the one call")
    if not isinstance(statement.body, cst.IndentedBlock):
        raise CannotFix("the branch shares its line with its test")
    inner = cst.ensure_type(statement.body.body[0], cst.SimpleStatementLine)
    call = cst.ensure_type(cst.ensure_type(inner.body[0], cst.Expr).value, cst.Call)
    arguments = [one for one in call.args if one.keyword is None or one.keyword.value != name]
    changed = call.with_changes(args=appended(arguments, name, "True"))
    lines = [*statement.leading_lines, *(line for line in inner.leading_lines if line.comment is not None)]
    line = inner.with_changes(body=[cst.Expr(changed)], leading_lines=lines)
    tree.replace_statement(statement, lambda _: [line])
