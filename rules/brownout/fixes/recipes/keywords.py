"""Recipes that give a call an argument."""

from __future__ import annotations

import re

import libcst as cst
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree

_EQUALS = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def add_keyword(tree: Tree, fix: Fix) -> None:
    """`get(url)` becomes `get(url, timeout=30)`; a number of the file's own that is named like it is preferred."""
    wanted = dict(fix.arguments)
    name, value, position = str(wanted["name"]), str(wanted["value"]), wanted["position"]
    value = _own_constant(tree, name) or value
    call = tree.expression(fix.target, cst.Call)
    if any(argument.star for argument in call.args):
        if any(argument.star == "**" for argument in call.args) and not any(_named(a, name) for a in call.args):
            raise CannotFix(f"{name} may be given by **")
        position = None

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        arguments = list(found.args)
        for index, argument in enumerate(arguments):
            given = _named(argument, name) or (argument.keyword is None and index == position)
            if given:
                arguments[index] = argument.with_changes(value=cst.parse_expression(value))
                return found.with_changes(args=arguments)
        return found.with_changes(args=appended(arguments, name, value))

    tree.rewrite(call, change)


def bound_cache(tree: Tree, fix: Fix) -> None:
    """`@cache` becomes `@lru_cache(maxsize=128)`; `maxsize=None` becomes `maxsize=128`."""
    size = str(dict(fix.arguments)["size"])
    decorator = next(
        (node for node in tree.positions if isinstance(node, cst.Decorator) and _holds(tree, node, fix)), None
    )
    if decorator is None:
        raise CannotFix("the decorator is not where it was")
    if isinstance(decorator.decorator, cst.Call):
        place = decorator.decorator

        def change(node: cst.BaseExpression) -> cst.BaseExpression:
            found = cst.ensure_type(node, cst.Call)
            others = [one for one in found.args if one.keyword is not None and one.keyword.value != "maxsize"]
            return found.with_changes(args=[cst.Arg(cst.Integer(size), cst.Name("maxsize"), _EQUALS), *others])

        tree.rewrite(place, change)
        return
    name = tree.imported("functools", "lru_cache")
    tree.rewrite(decorator.decorator, lambda _: cst.parse_expression(f"{name}(maxsize={size})"))


def _holds(tree: Tree, node: cst.Decorator, fix: Fix) -> bool:
    return tree.is_at(node.decorator, fix.target)


def remove_keyword(tree: Tree, fix: Fix) -> None:
    """`FastAPI(title="x", debug=True)` becomes `FastAPI(title="x")`."""
    name = str(dict(fix.arguments)["name"])
    call = tree.expression(fix.target, cst.Call)
    if not any(_named(argument, name) for argument in call.args):
        raise CannotFix(f"{name} is not given")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        kept = [argument for argument in found.args if not _named(argument, name)]
        if kept and _named(found.args[-1], name):
            kept[-1] = kept[-1].with_changes(comma=found.args[-1].comma)
        return found.with_changes(args=kept)

    tree.rewrite(call, change)


def appended(arguments: list[cst.Arg], name: str, value: str) -> list[cst.Arg]:
    """The arguments with `name=value` behind them, set as the others are: on a line of its own if they are."""
    new = cst.Arg(
        cst.parse_expression(value),
        cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not arguments:
        return [new]
    last = arguments[-1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        last = last.with_changes(value=last.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))
    plain = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if isinstance(last.comma, cst.Comma):
        between = arguments[-2].comma if len(arguments) > 1 else last.comma
        if not isinstance(between, cst.Comma) or len(arguments) == 1:
            between = _broken(last.whitespace_after_arg, last.comma)
        between = _with_comment(between, last.comma)
        return [*arguments[:-1], last.with_changes(comma=between), new.with_changes(comma=_without_comment(last.comma))]
    between = arguments[-2].comma if len(arguments) > 1 else plain
    if not isinstance(between, cst.Comma):
        between = plain
    closing = last.whitespace_after_arg
    changed = last.with_changes(comma=between, whitespace_after_arg=cst.SimpleWhitespace(""))
    return [*arguments[:-1], changed, new.with_changes(whitespace_after_arg=closing)]


def _with_comment(comma: cst.Comma, other: cst.Comma) -> cst.Comma:
    """A comma that breaks the line as it does, with the comment that stands behind the other one."""
    space, commented = comma.whitespace_after, other.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(commented, cst.ParenthesizedWhitespace):
        return comma.with_changes(whitespace_after=space.with_changes(first_line=commented.first_line, empty_lines=[]))
    return comma


def _without_comment(comma: cst.Comma) -> cst.Comma:
    space = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is not None:
        plain = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        return comma.with_changes(whitespace_after=space.with_changes(first_line=plain))
    return comma


def _broken(after: cst.BaseParenthesizableWhitespace, comma: cst.Comma) -> cst.Comma:
    """The comma between a lone argument on its own line and the next: a line end with the argument's own indent."""
    space = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace):
        indent = space.last_line.with_changes(value=space.last_line.value + "    ")
        return comma.with_changes(whitespace_after=space.with_changes(last_line=indent))
    return comma.with_changes(whitespace_after=cst.SimpleWhitespace(" "))


def _named(argument: cst.Arg, name: str) -> bool:
    return argument.keyword is not None and argument.keyword.value == name


def _own_constant(tree: Tree, name: str) -> str | None:
    """The module's own numeric constant for this limit: `REQUEST_TIMEOUT = 20`; None where there is none or several."""
    stem = name.rpartition("_")[2].upper()
    pattern = rf"^([A-Z][A-Z0-9_]*{stem}[A-Z0-9_]*|{stem}[A-Z0-9_]*)(?:\s*:\s*\w+)?\s*=\s*\d+(?:\.\d+)?\s*(?:#.*)?$"
    found = set(re.findall(pattern, tree.source, re.MULTILINE))
    return found.pop() if len(found) == 1 else None
