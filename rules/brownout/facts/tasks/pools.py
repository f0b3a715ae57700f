"""Pools of processes: how long they live, and whether anybody expects one to break."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_POOL = "concurrent.futures.ProcessPoolExecutor"


@per_project
def expects_a_broken_one(project: Project) -> bool:
    """Whether any file of the project speaks of `BrokenProcessPool` or the exceptions above it."""
    return any("broken-pool" in module.practices for module in project.modules)


def long_lived(code: Code) -> Iterator[Call]:
    """The pools of a file that are kept beyond the call that made them."""
    for call in code.index.named((_POOL,)):
        if call.target is None or code.catalog.canonical(call.target) != _POOL or not code.judged(call.function):
            continue
        if any(row.block is call.table.block and call.table.parent is row.node for row in code.module.withs):
            if not (code.kinds(call.function) & {"lifespan", "startup"}):
                continue
        if _is_kept(call):
            yield call


def _is_kept(call: Call) -> bool:
    statement = call.table.statement
    function = call.function
    if code_kinds := call.code.kinds(function) & {"lifespan", "startup"}:
        return bool(code_kinds)
    if isinstance(statement, ast.Return):
        return any(_is_cache(decorator) for decorator in function.decorators)
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or function.name in ("__enter__", "__aenter__"):
        return False  # made for one `with` around its owner
    if function.name == "<module>":
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Attribute | ast.Subscript):
            return True
        if isinstance(target, ast.Name) and target.id in function.scope.declared:
            return True
    return False


def _is_cache(node: ast.expr) -> bool:
    return "cache" in unparse(node)
