"""Recipes for sockets and WebSockets: limits, broken connections, odd messages, clients that have gone."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def limit_socket(tree: Tree, fix: Fix) -> None:
    """A line before the first wait gives the socket a limit."""
    wanted = dict(fix.arguments)
    statement = _simple(tree, fix)
    new = tree.statements(f"{wanted['socket']}.settimeout({wanted['seconds']})\n")[0]

    def change(found: Statement) -> Sequence[Statement]:
        lines = getattr(found, "leading_lines", ())
        return [new.with_changes(leading_lines=lines), found.with_changes(leading_lines=[])]

    tree.replace_statement(statement, change)


def reconnect(tree: Tree, fix: Fix) -> None:
    """`async with connect(…) as connection` becomes `async for connection in connect(…)`, which connects again."""
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.With) or statement.asynchronous is None or len(statement.items) != 1:
        raise CannotFix("not an `async with` of one connection")
    item, body = statement.items[0], statement.body
    name = item.asname.name if item.asname is not None else None
    if not isinstance(name, cst.Name) or not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the connection has no name, or its body shares the line")
    error = tree.imported("websockets", "ConnectionClosed")
    pattern = tree.statements(
        f"async for {name.value} in connect():\n    try:\n        pass\n    except {error}:\n        continue\n"
    )[0]

    def change(found: Statement) -> Sequence[Statement]:
        old, new = cst.ensure_type(found, cst.With), cst.ensure_type(pattern, cst.For)
        guarded = cst.ensure_type(cst.ensure_type(new.body, cst.IndentedBlock).body[0], cst.Try)
        whole = new.with_changes(iter=old.items[0].item, leading_lines=old.leading_lines)
        return [whole.with_changes(body=cst.IndentedBlock([guarded.with_changes(body=old.body)]))]

    tree.replace_statement(statement, change)


def skip_odd_message(tree: Tree, fix: Fix) -> None:
    """A message that cannot be parsed is answered with an error, and the next one is waited for."""
    wanted = dict(fix.arguments)
    statement = _simple(tree, fix)
    answer = f"    {wanted['answer']}\n" if wanted["answer"] else ""
    _guard(tree, statement, f"try:\n    pass\nexcept ValueError:\n{answer}    continue\n")


def drop_dead_client(tree: Tree, fix: Fix) -> None:
    """A client to whom nothing can be sent is taken out of the collection; the loop runs over a copy of that."""
    wanted = dict(fix.arguments)
    statement = _simple(tree, fix)
    loop = tree.enclosing(statement, cst.For)
    if not isinstance(loop, cst.For):
        raise CannotFix("not in a loop")
    if tree.text(loop.iter) == wanted["collection"]:
        tree.rewrite(loop.iter, lambda found: cst.Call(cst.Name("list"), [cst.Arg(found)]))
    _guard(tree, statement, f"try:\n    pass\nexcept Exception:\n    {wanted['removal']}\n")


def remove_client_in_finally(tree: Tree, fix: Fix) -> None:
    """What a handler does to take the client out moves into `finally`, where every way out comes by."""
    removal = str(dict(fix.arguments)["removal"])
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.Try) or statement.finalbody is not None:
        raise CannotFix("not a `try` without a `finally`")
    new = tree.statements(f"try:\n    pass\nfinally:\n    {removal}\n")[0]
    nothing = tree.statements("pass\n")[0]

    def change(found: Statement) -> Sequence[Statement]:
        handlers = [_without(handler, removal, tree, nothing) for handler in cst.ensure_type(found, cst.Try).handlers]
        return [found.with_changes(handlers=handlers, finalbody=cst.ensure_type(new, cst.Try).finalbody)]

    tree.replace_statement(statement, change)


def _without(handler: cst.ExceptHandler, removal: str, tree: Tree, nothing: Statement) -> cst.ExceptHandler:
    """A handler without the statement that takes the client out."""
    body = handler.body
    if not isinstance(body, cst.IndentedBlock):
        return handler
    kept = [part for part in body.body if tree.text(part).partition("#")[0].strip() != removal]
    return handler.with_changes(body=body.with_changes(body=kept or [nothing]))


def _simple(tree: Tree, fix: Fix) -> cst.SimpleStatementLine:
    statement = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(statement, cst.SimpleStatementLine):
        raise CannotFix("not a simple statement")
    return statement


def _guard(tree: Tree, statement: Statement, pattern: str) -> None:
    """Put a statement under the `try` of a pattern."""
    new = tree.statements(pattern)[0]

    def change(found: Statement) -> Sequence[Statement]:
        lines = getattr(found, "leading_lines", ())
        body = cst.IndentedBlock([found.with_changes(leading_lines=[])])
        return [cst.ensure_type(new, cst.Try).with_changes(body=body, leading_lines=lines)]

    tree.replace_statement(statement, change)
