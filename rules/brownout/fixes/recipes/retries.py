"""Recipes for work that is tried again: an end, and a pause."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.recipes.keywords import appended
from brownout.fixes.tree import CannotFix, Statement, Tree


def add_imported_keyword(tree: Tree, fix: Fix) -> None:
    """`@retry` becomes `@retry(stop=stop_after_attempt(5))`, and the name is imported."""
    wanted = dict(fix.arguments)
    name, arguments = str(wanted["name"]), str(wanted["arguments"])
    place = tree.expression(fix.target, cst.BaseExpression)  # type: ignore[type-abstract]
    value = f"{tree.imported(str(wanted['module']), str(wanted['function']))}({arguments})"

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        if not isinstance(node, cst.Call):
            return cst.Call(node, appended([], name, value))
        given = [argument for argument in node.args if argument.keyword and argument.keyword.value == name]
        if any(argument.star for argument in node.args):
            raise CannotFix(f"{name} may be given by **")
        if not given:
            return node.with_changes(args=appended(list(node.args), name, value))
        new = given[0].with_changes(value=cst.parse_expression(value))
        return node.with_changes(args=[new if argument is given[0] else argument for argument in node.args])

    tree.rewrite(place, change)


def pause_before_retry(tree: Tree, fix: Fix) -> None:
    """The handler ends with a pause that doubles with each attempt, with some chance in it."""
    wanted = dict(fix.arguments)
    handler = tree.expression(fix.target, cst.ExceptHandler)
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the handler shares its line with its header")
    waits = bool(wanted["waits"])
    sleep = f"{'await ' if waits else ''}{tree.module_name('asyncio' if waits else 'time')}.sleep"
    chance = f"{tree.module_name('random')}.random()"
    new = tree.statements(f"{sleep}(min(2**{wanted['turn']}, 30) + {chance})\n")[0]
    end = len(body.body)

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        last = found[0]
        lines = getattr(last, "leading_lines", ())
        if not isinstance(last, cst.SimpleStatementLine) or len(last.body) != 1:
            return [last, new]
        if isinstance(last.body[0], cst.Pass) and end == 1:
            return [new.with_changes(leading_lines=lines)]
        if isinstance(last.body[0], cst.Continue):
            return [new.with_changes(leading_lines=lines), last.with_changes(leading_lines=[])]
        return [last, new]

    tree.replace(body, end - 1, end, change)
