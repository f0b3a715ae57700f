"""Recipes for what a route answers when something has failed."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def hide_text(tree: Tree, fix: Fix) -> None:
    """The error's own text in an answer becomes a fixed one; it is logged instead, unless the handler logs already."""
    wanted = dict(fix.arguments)
    text = tree.expression(fix.target, cst.BaseExpression)  # type: ignore[type-abstract]
    if not tree.is_at(text, fix.target):
        raise CannotFix("the text is not where it was")
    handler = tree.enclosing(text, cst.ExceptHandler)
    tree.rewrite(text, lambda _: cst.SimpleString('"Internal error"'))
    if not wanted["logs"] or not isinstance(handler, cst.ExceptHandler):
        return
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the handler shares its line with its header")
    logger = str(wanted["logger"] or "") or tree.constant(
        "logger", f"{tree.module_name('logging')}.getLogger(__name__)"
    )
    new = tree.statements(f'{logger}.exception("{_subject(tree, handler)} failed")\n')[0]

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        lines = getattr(found[0], "leading_lines", ())
        return [new.with_changes(leading_lines=lines), found[0].with_changes(leading_lines=[])]

    tree.replace(body, 0, 1, change)


def _subject(tree: Tree, node: cst.CSTNode) -> str:
    """What the function around a node is about, by its name."""
    function = tree.enclosing(node, cst.FunctionDef)
    return function.name.value.strip("_").replace("_", " ") if isinstance(function, cst.FunctionDef) else "this"


def answer_status(tree: Tree, fix: Fix) -> None:
    """`return {…}` in a handler becomes `raise HTTPException(status, words)`, or gets its status in Flask."""
    wanted = dict(fix.arguments)
    statement = tree.statement(fix.target.line, fix.target.column)
    if not m.matches(statement, m.SimpleStatementLine([m.Return()])):
        raise CannotFix("not a return statement")
    line = cst.ensure_type(statement, cst.SimpleStatementLine)
    value = cst.ensure_type(line.body[0], cst.Return).value
    if value is None:
        raise CannotFix("nothing is returned")
    status, words = int(wanted["status"] or 500), str(wanted["words"])
    if wanted["flask"]:
        pair = [cst.Element(value), cst.Element(cst.Integer(str(status)))]
        changed = cst.Tuple(pair, lpar=[], rpar=[])
        tree.rewrite(value, lambda _: changed)
        return
    handler = tree.enclosing(statement, cst.ExceptHandler)
    name = handler.name.name if isinstance(handler, cst.ExceptHandler) and handler.name is not None else None
    cause = f" from {name.value}" if isinstance(name, cst.Name) else ""
    answer = tree.imported("fastapi", "HTTPException")
    new = tree.statements(f'raise {answer}({status}, "{words}"){cause}\n')[0]
    tree.replace_statement(statement, lambda _: [new.with_changes(leading_lines=line.leading_lines)])
