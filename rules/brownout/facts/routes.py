"""Routes as functions: what they wait for, and how."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.databases.threadbound import threadbound
from brownout.facts.effects import Chain, weight
from brownout.facts.failing.answers import route_functions
from brownout.model.syntax import own

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function


_NEAR_STEPS = 4
_LOCAL_STEPS = 2


def answers_http(call: Call) -> bool:
    """Whether a call stands in a simple statement of a FastAPI or Starlette route, where a status can be raised."""
    if not isinstance(call.table.statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return):
        return False
    points = call.code.points(call.function)
    return any(point.kind == "route" and point.registrar.startswith(("fastapi.", "starlette.")) for point in points)


def never_awaiting(code: Code) -> Iterator[tuple[Function, Chain]]:
    """The coroutine routes of a file that await nothing, each with the call for which it blocks the most."""
    for function in route_functions(code):
        if not function.is_async or function.is_generator or any(call.awaited for call in function.calls):
            continue
        if _gives_way(function.node):
            continue
        chains = [
            chain for call in code.calls_in(function) if (chain := call.blocking_chain) is not None and _is_felt(chain)
        ]
        if chains:
            yield function, min(chains, key=lambda chain: weight(chain.entry))


def may_be_plain(function: Function, code: Code) -> bool:
    """Whether a route may run in a thread instead: nobody awaits it, and it uses nothing that belongs to one thread."""
    name = code.names.full(function.qualname)
    return name not in code.project.graph.callers and name not in threadbound(code.project)


def _is_felt(chain: Chain) -> bool:
    """Whether a wait is long enough to be felt: a local disk only where the route or its helper works on it."""
    return len(chain.steps) <= (_NEAR_STEPS, _LOCAL_STEPS, 0)[weight(chain.entry)]


def _gives_way(node: ast.AST) -> bool:
    """Whether something in a function's own body needs it to be a coroutine."""
    return any(
        isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(part, ast.comprehension) and bool(part.is_async))
        for part in own(node)
    )
