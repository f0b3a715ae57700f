"""Recipes for work that goes on, or says that it has failed, when a piece of it fails."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def go_on(tree: Tree, fix: Fix) -> None:
    """The work in a loop's body goes under `try`; a failure is logged, and the loop goes on with the next piece."""
    wanted = dict(fix.arguments)
    loop = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(loop, cst.For | cst.While) or not isinstance(loop.body, cst.IndentedBlock):
        raise CannotFix("the loop has its body on its own line")
    block = loop.body
    start, end = int(wanted["start"] or 0), int(wanted["end"] or 0)
    if not 0 <= start < end <= len(block.body):
        raise CannotFix("the loop is not as it was")
    logger = str(wanted["logger"] or "") or tree.constant(
        "logger", f"{tree.module_name('logging')}.getLogger(__name__)"
    )
    function = tree.enclosing(loop, cst.FunctionDef)
    name = function.name.value.strip("_").replace("_", " ") if isinstance(function, cst.FunctionDef) else "this"
    piece = str(wanted["piece"] or "")
    words = f'"{name} failed for %s", {piece}' if piece else f'"{name} failed"'
    pattern = tree.statements(f"try:\n    pass\nexcept Exception:\n    {logger}.exception({words})\n")[0]
    tree.replace(block, start, end, lambda found: [tried(pattern, found)])


def mark_failed(tree: Tree, fix: Fix) -> None:
    """What comes between `status = "running"` and `status = "done"` goes under `try`: a failure sets the status too."""
    wanted = dict(fix.arguments)
    running = tree.statement(fix.target.line, fix.target.column)
    over = tree.statement(int(wanted["last_line"] or 0), int(wanted["last_column"] or 0))
    block, first = tree.block(running)
    other, last = tree.block(over)
    kept = int(wanted["kept"] or 0)
    start = first + 1 + kept
    if other is not block or start >= last:
        raise CannotFix("the work is not in one block")
    keeps = "".join(f"    {tree.text(one)}\n" for one in block.body[first + 1 : start])
    text = f'try:\n    pass\nexcept Exception:\n    {wanted["target"]} = "failed"\n{keeps}    raise\n'
    pattern = tree.statements(text)[0]
    tree.replace(block, start, last, lambda found: [tried(pattern, found)])


def tried(pattern: Statement, found: Sequence[Statement]) -> Statement:
    """A `try` statement with other statements in its body; the lines before the first one stay before it."""
    lines = getattr(found[0], "leading_lines", ())
    body = cst.IndentedBlock([found[0].with_changes(leading_lines=[]), *found[1:]])
    return cst.ensure_type(pattern, cst.Try).with_changes(body=body, leading_lines=lines)
