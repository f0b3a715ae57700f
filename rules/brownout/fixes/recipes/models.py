"""Recipes for models."""

from __future__ import annotations

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree


def load_once(tree: Tree, fix: Fix) -> None:
    """The call that loads a model moves into a function that keeps what it has made."""
    call = tree.expression(fix.target, cst.Call)
    top: cst.CSTNode = tree.enclosing_statement(call)
    while not isinstance(tree.parents[top], cst.Module):
        top = tree.parents[top]
    if not isinstance(top, cst.FunctionDef | cst.ClassDef):
        raise CannotFix("not in a function of the module")
    cache = tree.imported("functools", "cache")
    name = tree.free_name(f"load_{_name(tree, call)}")
    made = tree.module.code_for_node(call)
    new = tree.statements(f"@{cache}\ndef {name}():\n    return {made}\n")[0]
    blank = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    block, index = tree.block(top)
    tree.replace(block, index, index + 1, lambda found: [new.with_changes(leading_lines=blank), *found])
    tree.rewrite(call, lambda found: cst.Call(cst.Name(name)))


def _name(tree: Tree, call: cst.Call) -> str:
    """What the function calls the model."""
    statement = tree.parents.get(call)
    if isinstance(statement, cst.Assign) and isinstance(statement.targets[0].target, cst.Name):
        return statement.targets[0].target.value
    return "model"
