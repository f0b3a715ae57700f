"""Recipes for what a client sends: bounded, and under a name that stays in its folder."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m
from brownout.core import Fix
from brownout.fixes.tree import CannotFix, Tree

TOO_LARGE = 413


def bound_read(tree: Tree, fix: Fix) -> None:
    """`content = await file.read()` reads one byte more than allowed at most, and answers 413 if that came."""
    statement = tree.statement(fix.target.line, fix.target.column)
    wanted = m.SimpleStatementLine([m.Assign(targets=[m.AssignTarget(m.Name())]) | m.AnnAssign(target=m.Name())])
    whole = m.Arg(m.UnaryOperation(operator=m.Minus(), expression=m.Integer("1")) | m.Name("None"))
    read = m.Attribute(attr=m.Name("read"))
    reads = m.findall(statement, m.Call(func=read, args=[]) | m.Call(func=read, args=[whole]))
    if not m.matches(statement, wanted) or len(reads) != 1:
        raise CannotFix("the content is not simply assigned to a name")
    small = cst.ensure_type(statement, cst.SimpleStatementLine).body[0]
    target = small.targets[0].target if isinstance(small, cst.Assign) else cst.ensure_type(small, cst.AnnAssign).target
    content = tree.text(target)
    megabytes = int(dict(fix.arguments)["megabytes"] or 50)
    limit = tree.constant("MAX_UPLOAD_BYTES", f"{megabytes} * 1024 * 1024")
    error = _http_exception(tree)
    check = tree.statements(
        f'if len({content}) > {limit}:\n    raise {error}({TOO_LARGE}, "the file is too large")\n',
    )
    call = cst.ensure_type(reads[0], cst.Call)
    tree.rewrite(call, lambda node: node.with_changes(args=[cst.Arg(cst.parse_expression(f"{limit} + 1"))]))
    tree.replace_statement(statement, lambda found: [found, *check])


def bound_copy(tree: Tree, fix: Fix) -> None:
    """`copyfileobj(source, target)` becomes a loop that stops at the limit."""
    statement = tree.statement(fix.target.line, fix.target.column)
    calls = m.findall(statement, m.Call(args=[m.Arg(keyword=None, star=""), m.Arg(keyword=None, star="")]))
    if not m.matches(statement, m.SimpleStatementLine([m.Expr(m.Call())])) or len(calls) != 1:
        raise CannotFix("not a plain copy")
    source, target = (tree.text(argument.value) for argument in cst.ensure_type(calls[0], cst.Call).args)
    megabytes = int(dict(fix.arguments)["megabytes"] or 50)
    limit = tree.constant("MAX_UPLOAD_BYTES", f"{megabytes} * 1024 * 1024")
    chunk = tree.free_name("chunk")
    new = tree.statements(
        f"while {chunk} := {source}.read(1024 * 1024):\n"
        f"    {target}.write({chunk})\n"
        f"    if {target}.tell() > {limit}:\n{_removal(tree, statement, target)}"
        f'        raise {_http_exception(tree)}({TOO_LARGE}, "the file is too large")\n'
    )
    lines = getattr(statement, "leading_lines", ())
    tree.replace_statement(statement, lambda _: [new[0].with_changes(leading_lines=lines)])


def _removal(tree: Tree, statement: cst.CSTNode, target: str) -> str:
    """The line that removes what was written so far, where a `with` around has opened it under a path."""
    around = tree.enclosing(statement, cst.With)
    for item in around.items if isinstance(around, cst.With) else ():
        if item.asname is None or tree.text(item.asname.name) != target or not isinstance(item.item, cst.Call):
            continue
        call = item.item
        path: cst.BaseExpression | None = None
        if (
            m.matches(call.func, m.Name("open"))
            and call.args
            and not call.args[0].star
            and call.args[0].keyword is None
        ):
            path = call.args[0].value
        elif m.matches(call.func, m.Attribute(attr=m.Name("open"))):
            path = cst.ensure_type(call.func, cst.Attribute).value
        if path is not None and not m.findall(path, m.Await() | m.NamedExpr()):
            return f"        {tree.module_name('os')}.remove({tree.text(path)})\n"
    return ""


def _http_exception(tree: Tree) -> str:
    for module in ("fastapi", "starlette.exceptions"):
        if module.partition(".")[0] in tree.source:
            return tree.imported(module, "HTTPException")
    raise CannotFix("neither FastAPI nor Starlette is imported here")


def base_name(tree: Tree, fix: Fix) -> None:
    """`file.filename` becomes `Path(file.filename or "upload").name`."""
    expression = tree.expression(fix.target, cst.BaseExpression)  # type: ignore[type-abstract]
    path = tree.imported("pathlib", "Path")
    tree.rewrite(expression, lambda node: cst.parse_expression(f'{path}({_code(tree, node)} or "upload").name'))


def _code(tree: Tree, node: cst.BaseExpression) -> str:
    text = tree.module.code_for_node(node)
    return text if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript) else f"({text})"
