"""Recipes for the devices that models run on."""

from __future__ import annotations

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree


def device_if_available(tree: Tree, fix: Fix) -> None:
    """`"cuda"` becomes `"cuda" if torch.cuda.is_available() else "cpu"`."""
    literal = tree.expression(fix.target, cst.SimpleString)
    if "torch" not in tree.source:
        raise CannotFix("torch is not imported here")
    torch = tree.module_name("torch")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        quote = cst.ensure_type(node, cst.SimpleString).quote
        return cst.parse_expression(f"{tree.text(node)} if {torch}.cuda.is_available() else {quote}cpu{quote}")

    tree.rewrite(literal, change)
