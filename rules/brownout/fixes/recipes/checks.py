"""Recipes that look before something is used, or no longer look where it does harm."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from brownout.core import Fix
from brownout.fixes.recipes.keywords import appended
from brownout.fixes.tree import CannotFix, Statement, Tree


def make_directory(tree: Tree, fix: Fix) -> None:
    """`if not exists(p): makedirs(p)` becomes `makedirs(p, exist_ok=True)`; an `if` that does more stays."""
    wanted = dict(fix.arguments)
    call = tree.expression(fix.target, cst.Call)
    if any(argument.keyword is not None and argument.keyword.value == "exist_ok" for argument in call.args):
        raise CannotFix("exist_ok is given")
    look = tree.statement(int(wanted["look_line"] or 0), int(wanted["look_column"] or 0))
    os = tree.module_name("os") if tree.text(call.func) in ("os.mkdir", "mkdir") else ""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        func = cst.parse_expression(f"{os}.makedirs") if os else found.func
        return found.with_changes(func=func, args=appended(list(found.args), "exist_ok", "True"))

    tree.rewrite(call, change)
    body = look.body if isinstance(look, cst.If) else None
    alone = isinstance(look, cst.If) and look.orelse is None and isinstance(body, cst.IndentedBlock)
    if alone and isinstance(body, cst.IndentedBlock) and body.body == (tree.enclosing_statement(call),):
        tree.replace_statement(look, _without_if)


def _without_if(found: cst.BaseStatement) -> list[cst.BaseStatement]:
    body = cst.ensure_type(cst.ensure_type(found, cst.If).body, cst.IndentedBlock)
    only = body.body[0]
    lines = [*getattr(found, "leading_lines", ()), *getattr(only, "leading_lines", ())]
    return [only.with_changes(leading_lines=lines)] if isinstance(only, cst.BaseStatement) else [found]


def close_descriptor(tree: Tree, fix: Fix) -> None:
    """`os.close(descriptor)` follows the statement that has opened it."""
    statement = tree.enclosing_statement(tree.expression(fix.target, cst.Call))
    name = str(dict(fix.arguments)["name"])
    new = tree.statements(f"{tree.module_name('os')}.close({name})\n")
    tree.replace_statement(statement, lambda found: [found, *new])


def delete_statement(tree: Tree, fix: Fix) -> None:
    """The statement is gone; the comments above it stay."""
    statement = tree.statement(fix.target.line, fix.target.column)
    block, index = tree.block(statement)
    if isinstance(block, cst.IndentedBlock) and len(block.body) == 1:
        raise CannotFix("the block would be empty")
    end = min(index + 2, len(block.body))

    def change(found: Sequence[Statement]) -> Sequence[Statement]:
        above = getattr(found[0], "leading_lines", ())
        return [rest.with_changes(leading_lines=[*above, *getattr(rest, "leading_lines", ())]) for rest in found[1:]]

    tree.replace(block, index, end, change)


def refuse_none(tree: Tree, fix: Fix) -> None:
    """A check for None follows the assignment."""
    wanted = dict(fix.arguments)
    statement = tree.statement(fix.target.line, fix.target.column)
    new = tree.statements(f'if {wanted["name"]} is None:\n    raise ValueError("{wanted["words"]}")\n')
    tree.replace_statement(statement, lambda found: [found, *new])


def check_status(tree: Tree, fix: Fix) -> None:
    """A check of the conversion's status follows the assignment."""
    name = dict(fix.arguments)["name"]
    statement = tree.statement(fix.target.line, fix.target.column)
    success = tree.imported("docling.datamodel.base_models", "ConversionStatus")
    new = tree.statements(
        f"if {name}.status is not {success}.SUCCESS:\n"
        f'    raise ValueError(f"the document was not converted: {{{name}.status}}")\n'
    )
    tree.replace_statement(statement, lambda found: [found, *new])


def digest_file(tree: Tree, fix: Fix) -> None:
    """`hashlib.sha256(file.read())` becomes `hashlib.file_digest(file, "sha256")`."""
    call = tree.expression(fix.target, cst.Call)
    algorithm = str(dict(fix.arguments)["algorithm"])
    read = call.args[0].value if len(call.args) == 1 else None
    if not isinstance(read, cst.Call) or not isinstance(read.func, cst.Attribute):
        raise CannotFix("not one read that is hashed")
    handle = tree.text(read.func.value)
    hashlib = tree.module_name("hashlib")
    tree.rewrite(call, lambda _: cst.parse_expression(f'{hashlib}.file_digest({handle}, "{algorithm}")'))


def add_key(tree: Tree, fix: Fix) -> None:
    """`{"a": 1}` becomes `{"key": value, "a": 1}`, laid out as it is."""
    wanted = dict(fix.arguments)
    literal = tree.expression(fix.target, cst.Dict)
    if not literal.elements:
        raise CannotFix("the dict is empty")
    space = literal.elements[0].comma if len(literal.elements) > 1 else cst.MaybeSentinel.DEFAULT
    comma = space if isinstance(space, cst.Comma) else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace):
        line = comma.whitespace_after.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
        comma = comma.with_changes(whitespace_after=line)
    element = cst.DictElement(
        cst.SimpleString(f'"{wanted["key"]}"'), cst.parse_expression(str(wanted["value"])), comma=comma
    )
    tree.rewrite(
        literal,
        lambda node: node.with_changes(elements=[element, *cst.ensure_type(node, cst.Dict).elements]),
    )
