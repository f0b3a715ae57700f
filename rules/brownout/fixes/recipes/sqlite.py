"""Recipes for SQLite: the text of a pragma, a missing commit, a transaction, a connection that is closed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def edit_text(tree: Tree, fix: Fix) -> None:
    """In a literal text, what matches a pattern is replaced, once."""
    wanted = dict(fix.arguments)
    pattern, new = re.compile(str(wanted["pattern"]), re.IGNORECASE), str(wanted["new"])
    literal = tree.expression(fix.target, cst.SimpleString)
    changed = pattern.sub(new, literal.value, count=1)
    if changed == literal.value:
        raise CannotFix("the text is not where it was")
    tree.rewrite(literal, lambda _: literal.with_changes(value=changed))


def commit_after(tree: Tree, fix: Fix) -> None:
    """A line after the last write commits it."""
    statement = tree.statement(fix.target.line, fix.target.column)
    wanted = dict(fix.arguments)
    wait = "await " if wanted["awaited"] else ""
    new = tree.statements(f"{wait}{wanted['connection']}.commit()\n")
    tree.replace_statement(statement, lambda found: [found, *new])


def close_connection(tree: Tree, fix: Fix) -> None:
    """`with sqlite3.connect(p) as db:` becomes `with closing(sqlite3.connect(p)) as db, db:`: it commits and closes."""
    call = tree.expression(fix.target, cst.Call)
    item = tree.parents[call]
    statement = tree.enclosing_statement(call)
    if not isinstance(item, cst.WithItem) or not isinstance(statement, cst.With) or item.asname is None:
        raise CannotFix("not the connection of a with statement")
    if len(statement.items) != 1 or not isinstance(item.asname.name, cst.Name):
        raise CannotFix("the with statement has several parts")
    closing, name = tree.imported("contextlib", "closing"), item.asname.name.value

    def change(found: Statement) -> Sequence[Statement]:
        whole = cst.ensure_type(found, cst.With)
        text = f"with {closing}({tree.module.code_for_node(call)}) as {name}, {name}:\n    pass\n"
        head = cst.ensure_type(tree.statements(text)[0], cst.With)
        return [whole.with_changes(items=head.items)]

    tree.replace_statement(statement, change)


def back_up(tree: Tree, fix: Fix) -> None:
    """`shutil.copy2(live, copy)` becomes SQLite's own backup, which sees a consistent database."""
    call = tree.expression(fix.target, cst.Call)
    statement = tree.enclosing_statement(call)
    if not m.matches(statement, m.SimpleStatementLine([m.Expr(m.Call())])) or len(call.args) != 2:
        raise CannotFix("not a copy on a line of its own")
    source, target = (tree.text(argument.value) for argument in call.args)
    closing, sqlite3 = tree.imported("contextlib", "closing"), tree.module_name("sqlite3")
    live, copy = tree.free_name("live"), tree.free_name("copied")
    head = f"with {closing}({sqlite3}.connect({source})) as {live}, {closing}({sqlite3}.connect({target})) as {copy}:\n"
    new = tree.statements(f"{head}    {live}.backup({copy})\n")
    lines = getattr(statement, "leading_lines", ())
    tree.replace_statement(statement, lambda _: [new[0].with_changes(leading_lines=lines)])


def begin_transaction(tree: Tree, fix: Fix) -> None:
    """The statements from the first write to the last become one transaction, undone as a whole when one fails."""
    wanted = dict(fix.arguments)
    first = tree.statement(fix.target.line, fix.target.column)
    last = tree.statement(int(wanted["last_line"] or 0), int(wanted["last_column"] or 0))
    block, start = tree.block(first)
    other, end = tree.block(last)
    if other is not block or end <= start:
        raise CannotFix("the writes are not in one block")
    name, wait = str(wanted["connection"]), "await " if wanted["awaited"] else ""
    text = (
        f'{wait}{name}.execute("BEGIN IMMEDIATE")\ntry:\n    pass\n'
        f'except BaseException:\n    {wait}{name}.execute("ROLLBACK")\n    raise\n{wait}{name}.execute("COMMIT")\n'
    )

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        begin, attempt, commit = tree.statements(text)
        lines = getattr(found[0], "leading_lines", ())
        body = cst.IndentedBlock([found[0].with_changes(leading_lines=[]), *found[1:]])
        guarded = cst.ensure_type(attempt, cst.Try).with_changes(body=body)
        return [begin.with_changes(leading_lines=lines), guarded, commit]

    leaves = m.Return() | m.Yield() if wait else m.Return() | m.Yield() | m.Await()
    if any(m.findall(between, leaves) for between in block.body[start : end + 1]):
        raise CannotFix("the function is left or waits in between")
    tree.replace(block, start, end + 1, change)
