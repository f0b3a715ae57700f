"""Recipes for background tasks."""

from __future__ import annotations

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree


def keep_task(tree: Tree, fix: Fix) -> None:
    """`create_task(work())` becomes a task in a set of the module's, which forgets it when it is done."""
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("not a statement of its own")
    only = statement.body[0]
    if isinstance(only, cst.Expr):
        value, name = only.value, tree.free_name("task")
    elif isinstance(only, cst.Assign) and isinstance(only.targets[0].target, cst.Name):
        value, name = only.value, only.targets[0].target.value
    else:
        raise CannotFix("the task is not made by a statement of its own")
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        if value.func.attr.value == "add_done_callback":
            raise CannotFix("a callback is added to the task")
    kept = tree.constant("background_tasks", "set()")
    target = cst.Assign([cst.AssignTarget(cst.Name(name))], value)
    new = tree.statements(f"{kept}.add({name})\n{name}.add_done_callback({kept}.discard)\n")
    tree.replace_statement(statement, lambda found: [statement.with_changes(body=[target]), *new])
