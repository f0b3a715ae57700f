"""Recipes for background tasks."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def keep_task(tree: Tree, fix: Fix) -> None:
    """`create_task(work())` becomes a task in a set of the module's, which forgets it when it is done."""
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("not a statement of its own")
    only = statement.body[0]
    if isinstance(only, cst.Expr):
        value, name = only.value, _name_for(only.value, tree)
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


def _name_for(value: cst.BaseExpression, tree: Tree) -> str:
    """A name for a task that its function does not use: `task`, or else one after the work, such as `index_task`."""
    function = tree.enclosing(value, cst.FunctionDef) or tree.module
    used = {cst.ensure_type(one, cst.Name).value for one in m.findall(function, m.Name())}
    works = (
        [one.value.func for one in value.args if isinstance(one.value, cst.Call)] if isinstance(value, cst.Call) else []
    )
    called = [one.attr if isinstance(one, cst.Attribute) else one for one in works]
    wishes = [
        "task",
        *(f"{one.value.strip('_')}_task" for one in called if isinstance(one, cst.Name)),
        "background_task",
    ]
    return next((wish for wish in wishes if wish not in used), "") or tree.free_name("task")


def log_failure(tree: Tree, fix: Fix) -> None:
    """A callback that logs how the task ended is added right after the task is kept."""
    statement = tree.statement(fix.target.line, fix.target.column)
    task = str(dict(fix.arguments)["task"])
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("the task is not kept by a statement of its own")
    top: cst.CSTNode = statement
    while not isinstance(tree.parents[top], cst.Module):
        top = tree.parents[top]
    if not isinstance(top, cst.FunctionDef | cst.ClassDef):
        raise CannotFix("not in a function of the module")
    logger = str(dict(fix.arguments).get("logger") or "") or tree.constant(
        "logger", f"{tree.module_name('logging')}.getLogger(__name__)"
    )
    name = tree.free_name("log_failure")
    callback = tree.statements(
        f"def {name}(task):\n    if not task.cancelled() and task.exception() is not None:\n"
        f'        {logger}.error("a background task failed", exc_info=task.exception())\n'
    )[0]
    added = tree.statements(f"{task}.add_done_callback({name})\n")
    blank = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]

    def before(found: Sequence[Statement]) -> Sequence[Statement]:
        return [callback.with_changes(leading_lines=blank), *found]

    tree.replace_statement(statement, lambda found: [found, *added])
    block, index = tree.block(top)
    tree.replace(block, index, index + 1, before)
