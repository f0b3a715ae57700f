"""Recipes for open files, and for the directories that files are written into."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def open_with(tree: Tree, fix: Fix) -> None:
    """`file = open(…)` becomes `with open(…) as file:` around the rest of the function."""
    call = tree.expression(fix.target, cst.Call)
    statement = tree.enclosing_statement(call)
    if not m.matches(statement, m.SimpleStatementLine([m.Assign(targets=[m.AssignTarget(m.Name())], value=m.Call())])):
        raise CannotFix("the open file is not given one name")
    assigned = cst.ensure_type(cst.ensure_type(statement, cst.SimpleStatementLine).body[0], cst.Assign)
    if assigned.value is not call:
        raise CannotFix("what is given a name is made of the open file")
    name = cst.ensure_type(assigned.targets[0].target, cst.Name)
    block, index = tree.block(statement)
    if not isinstance(tree.parents[block], cst.FunctionDef) or index + 1 == len(block.body):
        raise CannotFix("what is opened may be used in another block")
    closes = m.SimpleStatementLine([m.Expr(m.Call(func=m.Attribute(m.Name(name.value), m.Name("close")), args=[]))])
    if all(m.matches(one, closes) for one in block.body[index + 1 :]):
        raise CannotFix("nothing is done with what is opened")
    item = cst.WithItem(assigned.value, cst.AsName(name))

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        lines = getattr(found[0], "leading_lines", ())
        rest = [one for one in found[1:] if not m.matches(one, closes)]
        rest[0] = rest[0].with_changes(leading_lines=[line for line in rest[0].leading_lines if line.comment])  # type: ignore[attr-defined]
        return [cst.With([item], cst.IndentedBlock(rest), leading_lines=lines)]

    tree.replace(block, index, len(block.body), change)


def make_folder(tree: Tree, fix: Fix) -> None:
    """The directory is made where it is named at module level, or else right before the statement that writes."""
    wanted = dict(fix.arguments)
    statement = tree.statement(fix.target.line, fix.target.column)
    folder = str(wanted["folder"])
    if wanted["is_path"]:
        new = tree.statements(f"{folder}.mkdir(parents=True, exist_ok=True)\n")[0]
    else:
        new = tree.statements(f"{tree.module_name('os')}.makedirs({folder}, exist_ok=True)\n")[0]
    if wanted["after"]:
        tree.replace_statement(statement, lambda found: [found, new])
        return

    def change(found: Statement) -> Sequence[Statement]:
        lines = getattr(found, "leading_lines", ())
        return [new.with_changes(leading_lines=lines), found.with_changes(leading_lines=[])]

    tree.replace_statement(statement, change)
