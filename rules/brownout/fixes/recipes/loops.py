"""Recipes for loops."""

from __future__ import annotations

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree


def iterate_copy(tree: Tree, fix: Fix) -> None:
    """`for client in clients` becomes `for client in list(clients)`."""
    for node in tree.positions:
        if isinstance(node, cst.For) and tree.is_at(node.iter, fix.target):
            tree.rewrite(node.iter, lambda found: cst.Call(cst.Name("list"), [cst.Arg(found)]))
            return
    raise CannotFix("the loop is not where it was")
