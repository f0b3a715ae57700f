"""Recipes that move a blocking call off the event loop."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Statement, Tree


def run_in_thread(tree: Tree, fix: Fix) -> None:
    """`f(a, b=1)` becomes `await asyncio.to_thread(f, a, b=1)`."""
    call = _call(tree, fix)
    asyncio = tree.module_name("asyncio")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        moved = found.with_changes(
            func=cst.parse_expression(f"{asyncio}.to_thread"), args=_with_function(found), lpar=[], rpar=[]
        )
        return _awaited(tree, call, found, moved)

    tree.rewrite(call, change)


def sleep_on_loop(tree: Tree, fix: Fix) -> None:
    """`time.sleep(1)` becomes `await asyncio.sleep(1)`."""
    call = _call(tree, fix)
    sleep = cst.parse_expression(f"{tree.module_name('asyncio')}.sleep")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        return _awaited(tree, call, found, found.with_changes(func=sleep, lpar=[], rpar=[]))

    tree.rewrite(call, change)


def run_in_executor(tree: Tree, fix: Fix) -> None:
    """`f(a, b=1)` becomes `await asyncio.get_running_loop().run_in_executor(None, functools.partial(f, a, b=1))`."""
    call = _call(tree, fix)
    executor = dict(fix.arguments).get("executor") or "None"
    asyncio = tree.module_name("asyncio")
    partial = f"{tree.module_name('functools')}.partial" if call.args else ""

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        bare = found.with_changes(lpar=[], rpar=[])
        work: cst.BaseExpression = bare.func
        if partial:
            work = bare.with_changes(func=cst.parse_expression(partial), args=_with_function(found))
        moved = cst.Call(
            cst.parse_expression(f"{asyncio}.get_running_loop().run_in_executor"),
            [_first(cst.parse_expression(str(executor))), cst.Arg(work)],
        )
        return _awaited(tree, call, found, moved)

    tree.rewrite(call, change)


def await_future(tree: Tree, fix: Fix) -> None:
    """`future.result()` becomes `await asyncio.wrap_future(future)`."""
    call = _call(tree, fix)
    asyncio = tree.module_name("asyncio")

    def change(node: cst.BaseExpression) -> cst.BaseExpression:
        found = cst.ensure_type(node, cst.Call)
        future = cst.ensure_type(found.func, cst.Attribute).value
        moved = cst.Call(cst.parse_expression(f"{asyncio}.wrap_future"), [cst.Arg(future)])
        return _awaited(tree, call, found, moved)

    tree.rewrite(call, change)


def make_plain(tree: Tree, fix: Fix) -> None:
    """`async def` becomes `def`."""
    function = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(function, cst.FunctionDef) or function.asynchronous is None:
        raise CannotFix("not a coroutine function")

    def change(found: Statement) -> Sequence[Statement]:
        awaits = m.findall(found, m.Await())  # another fix of the same round has moved a call off the loop
        return [found if awaits else found.with_changes(asynchronous=None)]

    tree.replace_statement(function, change)


def give_way(tree: Tree, fix: Fix) -> None:
    """The loop begins each turn with `await asyncio.sleep(0)`."""
    loop = tree.statement(fix.target.line, fix.target.column)
    if not isinstance(loop, cst.While) or not isinstance(loop.body, cst.IndentedBlock):
        raise CannotFix("not a loop with a body of its own")
    new = tree.statements(f"await {tree.module_name('asyncio')}.sleep(0)\n")
    tree.replace(loop.body, 0, 1, lambda found: [*new, *found] if not _is_pass(found[0]) else new)


def _is_pass(statement: Statement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and all(isinstance(one, cst.Pass) for one in statement.body)


def _call(tree: Tree, fix: Fix) -> cst.Call:
    """The call to move; raises where no `await` can stand."""
    call = tree.expression(fix.target, cst.Call)
    inside: cst.CSTNode = call
    while True:
        around = tree.enclosing(
            inside, cst.FunctionDef, cst.Lambda, cst.GeneratorExp, cst.ClassDef, cst.ListComp, cst.SetComp, cst.DictComp
        )
        if isinstance(around, cst.ListComp | cst.SetComp | cst.DictComp):
            inside = around
            continue
        if not isinstance(around, cst.FunctionDef) or around.asynchronous is None:
            raise CannotFix("`await` cannot stand here")
        if tree.enclosing_statement(call) is around:
            raise CannotFix("part of the function's header")
        return call


def _with_function(call: cst.Call) -> Sequence[cst.Arg]:
    """The call's arguments with its function before them, laid out as they are."""
    if not call.args:
        return [cst.Arg(call.func)]
    args = list(call.args)
    only = args[0]
    if len(args) == 1 and isinstance(only.value, cst.GeneratorExp) and not only.value.lpar:
        args[0] = only.with_changes(value=only.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))
    first = _first(call.func)
    space = call.whitespace_before_args
    if isinstance(space, cst.ParenthesizedWhitespace):
        first = first.with_changes(comma=cst.Comma(whitespace_after=space))
    return [first, *args]


def _first(value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(value, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))


def _awaited(tree: Tree, original: cst.Call, found: cst.Call, moved: cst.BaseExpression) -> cst.BaseExpression:
    """`await` before the call; in parentheses where something is taken from its result, or they were there."""
    parent = tree.parents[original]
    taken = isinstance(parent, cst.Attribute | cst.Call | cst.Subscript | cst.Await)
    if isinstance(parent, cst.Call):
        taken = parent.func is original
    left, right = found.lpar, found.rpar
    if taken and not left:
        left, right = [cst.LeftParen()], [cst.RightParen()]
    return cst.Await(moved, lpar=left, rpar=right)
