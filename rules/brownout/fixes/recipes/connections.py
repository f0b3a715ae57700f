"""Recipes for connections: databases and WebSockets."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def enable_wal(tree: Tree, fix: Fix) -> None:
    """A line after the connection is made, or first in its `with` block, turns the write-ahead log on."""
    statement = tree.statement(fix.target.line, fix.target.column)
    connection = str(dict(fix.arguments)["connection"])
    wait = "await " if "await " in tree.text(statement).partition("\n")[0] else ""
    if isinstance(statement, cst.With):
        wait = "await " if statement.asynchronous is not None else ""
    new = tree.statements(f'{wait}{connection}.execute("PRAGMA journal_mode=WAL")\n')
    if isinstance(statement, cst.With):
        body = statement.body
        if not isinstance(body, cst.IndentedBlock):
            raise CannotFix("the with statement has its body on its own line")
        tree.replace(body, 0, 1, lambda found: [*new, *found])
    else:
        block, index = tree.block(statement)
        following = block.body[index + 1] if index + 1 < len(block.body) else None
        if isinstance(following, cst.Try) and _closes(tree, following, connection):
            tree.replace(
                cst.ensure_type(following.body, cst.IndentedBlock), 0, 1, lambda found: [*new, *found]
            )  # closed, too, when this fails
        else:
            tree.replace_statement(statement, lambda found: [found, *new])


def _closes(tree: Tree, statement: cst.Try, connection: str) -> bool:
    """Whether a `try` with a block of its own closes the connection at its end, whatever happens."""
    final = statement.finalbody
    return (
        final is not None
        and isinstance(statement.body, cst.IndentedBlock)
        and f"{connection}.close()" in tree.module.code_for_node(final)
    )


def check_integrity(tree: Tree, fix: Fix) -> None:
    """Lines after the connection is made ask SQLite whether the file is whole, and stop where it is not."""
    statement = tree.statement(fix.target.line, fix.target.column)
    connection = str(dict(fix.arguments)["connection"])
    new = tree.statements(
        f'if {connection}.execute("PRAGMA quick_check").fetchone() != ("ok",):\n'
        '    raise RuntimeError("the database is damaged: restore it from a backup")\n'
    )
    tree.replace_statement(statement, lambda found: [found, *new])


def catch_disconnect(tree: Tree, fix: Fix) -> None:
    """The loop goes under `try`, and a client's leaving ends it quietly: what follows still runs.

    What is sent after the loop goes into `else`: nothing can be sent to a client that has gone, not even a close.
    """
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.While | cst.For):
        raise CannotFix("not a loop")
    module = "fastapi" if "fastapi" in tree.source else "starlette.websockets"
    error = tree.imported(module, "WebSocketDisconnect")
    block, start = tree.block(statement)
    loops = [start]
    for index in range(start + 1, len(block.body)):  # loops that follow end with it, too
        if not isinstance(block.body[index], cst.While | cst.For):
            break
        loops.append(index)
    end = loops[-1] + 1
    said = "".join(tree.text(block.body[index]) for index in loops)
    farewell = end
    while farewell < len(block.body) and _tells_client(tree.text(block.body[farewell]), said):
        farewell += 1
    pattern = tree.statements(f"try:\n    pass\nexcept {error}:\n    pass\n")[0]

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        lines = getattr(found[0], "leading_lines", ())
        guarded = cst.ensure_type(pattern, cst.Try)
        inside, after = found[: end - start], found[end - start :]
        body = cst.IndentedBlock([inside[0].with_changes(leading_lines=[]), *inside[1:]])
        orelse = cst.Else(cst.IndentedBlock(list(after))) if after else None
        return [guarded.with_changes(body=body, leading_lines=lines, orelse=orelse)]

    tree.replace(block, start, farewell, change)


def _tells_client(statement: str, loop: str) -> bool:
    """Whether a statement does nothing but send to the client of a loop, or close its connection."""
    sent = re.fullmatch(r"await ([\w.]+)\.(?:close|send\w*)\(.*\)", statement.strip(), re.DOTALL)
    return sent is not None and f"{sent[1]}." in loop
