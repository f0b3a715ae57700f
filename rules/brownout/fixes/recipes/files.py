"""Recipes about files: replaced in one step, removed on every path."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.recipes.survival import tried
from brownout.fixes.tree import CannotFix, Statement, Tree


def write_atomically(tree: Tree, fix: Fix) -> None:
    """The file is written beside the target, waits until the disk has it, and then replaces the target in one step."""
    statement = tree.statement(fix.target.line, fix.target.column)
    position, own = dict(fix.arguments).get("position"), bool(dict(fix.arguments).get("own"))
    if position is not None:
        _write_beside(tree, statement, _argument(statement, int(position)), is_path=False, own=own)
        return
    call, is_open = _writing_call(statement)
    path = call.args[0].value if is_open else cst.ensure_type(call.func, cst.Attribute).value
    if isinstance(statement, cst.With):
        _sync(tree, statement)
        _write_beside(tree, statement, path, is_path=not is_open, own=own)
    else:
        _write_beside(tree, statement, path, is_path=True, own=own, opened=_opened(tree, statement, call))


def _write_beside(
    tree: Tree, statement: Statement, path: cst.BaseExpression, *, is_path: bool, own: bool, opened: str | None = None
) -> None:
    """Write to a temporary path instead; `opened` is a block that does the same and waits for the disk.

    `own`: others may write at once, so that each has a name of its own, which a failure must not leave behind.
    """
    temporary = tree.free_name("temporary")
    before: list[Statement] = []
    target = tree.text(path)
    if not isinstance(path, cst.Name | cst.Attribute):
        target = tree.free_name("target")
        before += tree.statements(f"{target} = {tree.text(path)}\n")
    suffix = f".{{{tree.module_name('uuid')}.uuid4().hex}}.tmp" if own else ".tmp"
    if is_path:
        before += tree.statements(f'{temporary} = {target}.with_name(f"{{{target}.name}}{suffix}")\n')
        after = tree.statements(f"{temporary}.replace({target})\n")
    else:
        before += tree.statements(f'{temporary} = f"{{{target}}}{suffix}"\n')
        after = tree.statements(f"{tree.module_name('os')}.replace({temporary}, {target})\n")
    if not isinstance(statement, cst.With) and opened is None:  # what was written by a library is opened once more
        file = tree.free_name("file")
        after = [
            *tree.statements(f'with open({temporary}, "rb+") as {file}:\n    {tree.fsync(file, statement)}\n'),
            *after,
        ]
    if opened is None:
        tree.rewrite(path, lambda _: cst.Name(temporary))
    removal = f"{temporary}.unlink" if is_path or not own else f"{tree.module_name('pathlib')}.Path({temporary}).unlink"
    pattern = tree.statements(f"try:\n    pass\nfinally:\n    {removal}(missing_ok=True)\n")[0]
    block = tree.statements(opened.format(temporary=temporary)) if opened is not None else []

    def change(found: Statement) -> Sequence[Statement]:
        written = block[0].with_changes(leading_lines=getattr(found, "leading_lines", ())) if block else found
        if not own:
            return _around(before, written, after)
        return _around(before, tried(pattern, [written, *after]), [])

    tree.replace_statement(statement, change)


def _sync(tree: Tree, statement: cst.With) -> None:
    """The block ends with waiting for the disk, unless it does so already."""
    name, body = statement.items[0].asname, statement.body
    if name is None or not isinstance(name.name, cst.Name) or not isinstance(body, cst.IndentedBlock):
        raise CannotFix("the open file has no name")
    if "fsync" in tree.module.code_for_node(body):
        return
    file = name.name.value
    new = tree.statements(f"{file}.flush()\n{tree.fsync(file, statement)}\n")
    end = len(body.body)
    tree.replace(body, end - 1, end, lambda found: [*found, *new])


def _opened(tree: Tree, statement: Statement, call: cst.Call) -> str:
    """`path.write_text(text, encoding="utf-8")` as a block that opens, writes and waits for the disk."""
    method = cst.ensure_type(call.func, cst.Attribute).attr.value
    if not m.matches(statement, m.SimpleStatementLine([m.Expr(m.Call())])) or any(one.star for one in call.args):
        raise CannotFix("the result of the write is used")
    names = ("data", "encoding", "errors", "newline")
    given = {
        names[index] if one.keyword is None else one.keyword.value: tree.text(one.value)
        for index, one in enumerate(call.args[: len(names)])
    }
    if len(given) != len(call.args) or "data" not in given:
        raise CannotFix("not one content with options")
    content = given.pop("data")
    mode = '"w"' if method == "write_text" else '"wb"'
    options = "".join(f", {name}={value}" for name, value in given.items())
    file = tree.free_name("file")
    inside = f"    {file}.write({content})\n    {file}.flush()\n    {tree.fsync(file, statement)}\n".replace(
        "{", "{{"
    ).replace("}", "}}")
    head = f"({mode}{options}) as {file}:\n".replace("{", "{{").replace("}", "}}")
    return f"with {{temporary}}.open{head}{inside}"


def _argument(statement: Statement, position: int) -> cst.BaseExpression:
    """The path in `torch.save(object, path)` on a line of its own."""
    if not m.matches(statement, m.SimpleStatementLine([m.Expr(m.Call())])):
        raise CannotFix("not one call that writes")
    line = cst.ensure_type(statement, cst.SimpleStatementLine)
    call = cst.ensure_type(cst.ensure_type(line.body[0], cst.Expr).value, cst.Call)
    if len(call.args) <= position or any(one.star or one.keyword for one in call.args[: position + 1]):
        raise CannotFix("the path is not given by its place")
    return call.args[position].value


def _writing_call(statement: Statement) -> tuple[cst.Call, bool]:
    """The call that opens or writes the file, and whether it is the built-in `open`."""
    opening = m.Call(func=m.Name("open") | m.Attribute(value=m.Name("io"), attr=m.Name("open")))
    method = m.Call(func=m.Attribute(attr=m.Name("open") | m.Name("write_text") | m.Name("write_bytes")))
    place: cst.CSTNode = statement
    if isinstance(statement, cst.With):
        if len(statement.items) != 1 or statement.asynchronous is not None:
            raise CannotFix("several things are opened at once")
        place = statement.items[0].item
    found = m.findall(place, opening)
    if found:
        call = cst.ensure_type(found[0], cst.Call)
        if not call.args or call.args[0].star or call.args[0].keyword is not None:
            raise CannotFix("the path is not given first")
        if not isinstance(statement, cst.With):
            raise CannotFix("the file is not opened by a with statement")
        return call, True
    found = m.findall(place, method)
    if len(found) != 1:
        raise CannotFix("not one call that writes")
    call = cst.ensure_type(found[0], cst.Call)
    name = cst.ensure_type(call.func, cst.Attribute).attr.value
    if name == "open" and not isinstance(statement, cst.With):
        raise CannotFix("the file is not opened by a with statement")
    return call, False


def remove_in_finally(tree: Tree, fix: Fix) -> None:
    """What stands between the file's creation and its removal goes under `try`, the removal under `finally`."""
    wanted = dict(fix.arguments)
    call = tree.expression(fix.target, cst.Call)
    creation = tree.enclosing_statement(call)
    removal = tree.statement(int(wanted["removal_line"] or 0), int(wanted["removal_column"] or 0))
    block, start = tree.block(creation)
    other, end = tree.block(removal)
    if other is not block or end <= start + 1:
        raise CannotFix("creation and removal are not in the same block")
    if any(m.findall(between, m.Yield()) for between in block.body[start + 1 : end]):
        raise CannotFix("the function gives the file out in between")

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        *body, last = found
        first = body[0]
        lines = getattr(first, "leading_lines", ())
        body[0] = first.with_changes(leading_lines=[])
        whole = cst.Try(
            body=cst.IndentedBlock(body),
            finalbody=cst.Finally(cst.IndentedBlock([last.with_changes(leading_lines=_comments(last))])),
            leading_lines=lines,
        )
        return [whole]

    tree.replace(block, start + 1, end + 1, change)


def clean_up_in_finally(tree: Tree, fix: Fix) -> None:
    """The statement with the `yield` goes under `try`, the rest of its block under `finally`."""
    statement = tree.statement(fix.target.line, fix.target.column)
    block, index = tree.block(statement)
    if index + 1 == len(block.body):
        raise CannotFix("the clean-up stands in another block")
    if any(m.findall(later, m.Return() | m.Yield()) for later in block.body[index + 1 :]):
        raise CannotFix("more than a clean-up follows")

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        first, second, *rest = found
        final = cst.Finally(cst.IndentedBlock([second.with_changes(leading_lines=_comments(second)), *rest]))
        body = cst.IndentedBlock([first.with_changes(leading_lines=[])])
        return [cst.Try(body=body, finalbody=final, leading_lines=getattr(first, "leading_lines", ()))]

    tree.replace(block, index, len(block.body), change)


def _comments(statement: Statement) -> Sequence[cst.EmptyLine]:
    return [line for line in getattr(statement, "leading_lines", ()) if line.comment is not None]


def _around(before: Sequence[Statement], found: Statement, after: Sequence[Statement]) -> Sequence[Statement]:
    """The statement between new ones; its comments stay on top."""
    lines = getattr(found, "leading_lines", ())
    first = before[0].with_changes(leading_lines=lines)
    return [first, *before[1:], found.with_changes(leading_lines=[]), *after]
