"""Recipes that put a statement under `try`: what is done instead, or before the failure goes on."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.recipes.handlers import written
from brownout.fixes.recipes.keywords import add_keyword
from brownout.fixes.tree import CannotFix, Statement, Tree


def fall_back(tree: Tree, fix: Fix) -> None:
    """`app.state.labels = ask()` goes under `try`; when it fails, the target is None."""
    wanted = dict(fix.arguments)
    statement = tree.statement(fix.target.line, fix.target.column)
    if not m.matches(statement, m.SimpleStatementLine([m.Assign(targets=[m.AssignTarget(m.Name() | m.Attribute())])])):
        raise CannotFix("not one value that is given a name")
    assigned = cst.ensure_type(cst.ensure_type(statement, cst.SimpleStatementLine).body[0], cst.Assign)
    target = tree.text(assigned.targets[0].target)
    caught = written(tree, str(wanted["errors"]).split())
    _under_try(tree, statement, statement, f"except {caught}:\n    {target} = None\n")


def start_over(tree: Tree, fix: Fix) -> None:
    """A statement that returns what a state file holds goes under `try`; a damaged file is logged, and begun anew."""
    wanted = dict(fix.arguments)
    last = tree.statement(fix.target.line, fix.target.column)
    if not m.matches(last, m.SimpleStatementLine([m.Return(value=m.Call())])):
        raise CannotFix("what the file holds is not returned at once")
    first: Statement = last
    while isinstance(around := tree.parents[tree.block(first)[0]], cst.With) and len(tree.block(first)[0].body) == 1:
        first = around
    caught = written(tree, str(wanted["errors"]).split())
    logger = str(wanted["logger"] or "") or tree.constant(
        "logger", f"{tree.module_name('logging')}.getLogger(__name__)"
    )
    words = f'{logger}.exception("%s cannot be read; starting from the beginning", {wanted["path"]})'
    _under_try(tree, first, first, f"except {caught}:\n    {words}\n    return {wanted['empty']}\n")


def remove_on_failure(tree: Tree, fix: Fix) -> None:
    """What follows the write of an upload goes under `try`; when it fails, the file is removed first."""
    wanted = dict(fix.arguments)
    stored = tree.statement(fix.target.line, fix.target.column)
    block, index = tree.block(stored)
    if index + 1 == len(block.body):
        raise CannotFix("what may fail stands in another block")
    name = wanted["path"]
    removal = f"{name}.unlink()" if wanted["is_path"] else f"{tree.module_name('os')}.unlink({name})"
    handler = f"except Exception:\n    {removal}\n    raise\n"
    first, last = block.body[index + 1], block.body[-1]
    if not isinstance(first, cst.BaseStatement) or not isinstance(last, cst.BaseStatement):
        raise CannotFix("statements share a line")
    if any(m.findall(one, m.Yield()) for one in block.body[index + 1 :]):
        raise CannotFix("the function gives the file out in between")
    _under_try(tree, first, last, handler)


def limit_child(tree: Tree, fix: Fix) -> None:
    """`out = child.communicate()` gets a limit and goes under `try`: when the time is up, the child is killed."""
    call = tree.expression(fix.target, cst.Call)
    func = cst.ensure_type(call.func, cst.Attribute)
    statement = tree.enclosing_statement(call)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        raise CannotFix("not a statement of its own")
    add_keyword(tree, fix)
    child = tree.text(func.value)
    handler = (
        f"except {tree.module_name('subprocess')}.TimeoutExpired:\n"
        f"    {child}.kill()\n    {child}.{func.attr.value}()\n    raise\n"
    )
    _under_try(tree, statement, statement, handler)


def _under_try(tree: Tree, first: Statement, last: Statement, handler: str) -> None:
    """Put the statements of one block, from the first to the last, under `try` with one handler."""
    block, start = tree.block(first)
    end = tree.block(last)[1] + 1
    pattern = cst.ensure_type(tree.statements(f"try:\n    pass\n{handler}")[0], cst.Try)

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        lines = getattr(found[0], "leading_lines", ())
        body = cst.IndentedBlock([found[0].with_changes(leading_lines=[]), *found[1:]])
        return [pattern.with_changes(body=body, leading_lines=lines)]

    tree.replace(block, start, end, change)
