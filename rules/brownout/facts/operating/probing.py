"""Probes in health routes: what they ask, how long they wait for it, and what they answer when it fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.effects import LOCAL_DATABASES
from brownout.facts.failing.answers import handlers_of, route_functions, sets_status
from brownout.facts.nodes import inside, last_word
from brownout.facts.operating import health
from brownout.facts.practices import in_deadline
from brownout.facts.project import Project, per_project
from brownout.facts.waiting.timeouts import Limit

if TYPE_CHECKING:
    from brownout.core import Note
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_PROBED = (Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE)
_LONGEST = 10.0
"""Seconds that a probe may take: orchestrators give up sooner than that."""
_NAME = re.compile(r"(^|[._])(health\w*|ready|readyz|readiness|ready_check)$", re.IGNORECASE)
_STATUS = re.compile(r"(^|[/_-])(status|health\w*|ready\w*|readiness)/?$", re.IGNORECASE)


@dataclass(slots=True)
class Probe:
    """A health route: its function, its path, and what it claims."""

    function: Function
    node: ast.FunctionDef | ast.AsyncFunctionDef
    path: str


def routes(code: Code, pattern: re.Pattern[str]) -> Iterator[Probe]:
    """The routes of a file whose path, or name where the path is not written, is of a kind."""
    registered = list(_registered(code)) if route_functions(code) else []
    for function in route_functions(code):
        node = function.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        paths = [path for decorator in node.decorator_list if (path := health.path_of(decorator)) is not None]
        paths += [path for name, path in registered if name == node.name]
        path = paths[0] if paths else node.name
        if any(pattern.search(claim) for claim in paths or [node.name]):
            yield Probe(function, node, path)


def _registered(code: Code) -> Iterator[tuple[str, str]]:
    """The functions of a file that are given their path by a call: `Route("/livez", livez)`."""
    for call in code.library_calls:
        if call.entry is not None and call.entry.registers == "route" and len(call.node.args) > 1:
            path, name = call.node.args[0], call.node.args[-1]
            if isinstance(path, ast.Constant) and isinstance(path.value, str):
                yield last_word(name), path.value


def health_routes(code: Code) -> Iterator[Probe]:
    """The routes that tell whether the service is well: health and readiness, not liveness."""
    for probe in routes(code, health.HEALTH):
        if not health.LIVE.search(probe.path):
            yield probe


@dataclass(slots=True)
class Hidden:
    """A failure that a health route keeps to itself: the handler, and what it hides."""

    function: Function
    route: str
    handler: ast.ExceptHandler
    asked: str


def always_200(code: Code) -> Iterator[Hidden]:
    """The health routes that catch the failure of what they ask, and still answer with success."""
    for probe in routes(code, _STATUS):
        if health.LIVE.search(probe.path) or _can_say_no(probe.function):
            continue
        for handler in handlers_of(probe.function):
            asked = _asked_in(handler, probe.function, code)
            if asked:
                yield Hidden(probe.function, probe.path, handler, asked)
                break
    for function, route in _asked_by_health(code):
        if not _may_say_no(route):
            for handler in handlers_of(function):
                asked = _asked_in(handler, function, code)
                if asked and not any(isinstance(part, ast.Raise) for part in inside(handler.body)):
                    yield Hidden(function, route.qualname, handler, asked)
                    break


def _asked_by_health(code: Code) -> Iterator[tuple[Function, FunctionSummary]]:
    """The functions of a file that a health route of the project calls, each with that route."""
    called = _called_by_health(code.project)
    for function in code.functions:
        name = code.names.full(function.qualname)
        for edge in code.project.graph.callers.get(name, ()) if name in called else ():
            points = code.project.entry_points.get(edge.caller.name, ())
            if any(point.kind == "route" for point in points) and _NAME.search(edge.caller.qualname):
                yield function, edge.caller
                break


@per_project
def _called_by_health(project: Project) -> frozenset[str]:
    """The functions that some health route of the project calls."""
    return frozenset(
        edge.callee.name
        for name, points in project.entry_points.items()
        if any(point.kind == "route" for point in points)
        for edge in project.graph.out.get(name, ())
        if edge.callee is not None and _NAME.search(edge.caller.qualname)
    )


def _may_say_no(route: FunctionSummary) -> bool:
    """Whether a route, as other files see it, may answer with another status than 200."""
    if route.raises or "response" in route.parameters or any("flask" in name for name in route.decorators):
        return True
    for row in route.calls:
        if row.symbol.endswith(("Exception", "abort")) or any(
            key in ("status_code", "status") for key, _ in row.arguments
        ):
            return True
        if row.symbol.endswith("Response") and any(key == 1 for key, _ in row.arguments):
            return True
    return False


def _can_say_no(function: Function) -> bool:
    """Whether the route has a way to answer with another status than 200."""
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    if sets_status(node.body):
        return True
    for part in inside(node.body):
        if isinstance(part, ast.Raise):
            return True
        if isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple):
            return True
        if isinstance(part, ast.Call):
            status = [keyword.value for keyword in part.keywords if keyword.arg in ("status_code", "status")]
            if last_word(part.func).endswith("Response"):
                status += part.args[1:2]
            if any(not (isinstance(value, ast.Constant) and value.value in (200, "200")) for value in status):
                if last_word(part.func).endswith(("Response", "response", "Exception", "abort")):
                    return True
    return False


def _asked_in(handler: ast.ExceptHandler, function: Function, code: Code) -> str:
    """What the `try` of a handler asks: the first call with the outside world, or of unknown reach."""
    for row in code.module.tries:
        if row.function is function and isinstance(row.node, ast.Try | ast.TryStar) and handler in row.node.handlers:
            body = row.node.body
            first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
            for call in code.calls_in(function):
                if first <= call.node.lineno <= last and _reaches(call):
                    return call.text
    return ""


def _reaches(call: Call) -> bool:
    """Whether a call asks somebody else, itself or through the functions that it calls."""
    if call.entry is not None:
        return call.entry.effect in (*_PROBED, Effect.PROCESS, Effect.MODEL)
    if call.callee is not None:
        return call.callee.name in call.code.project.outside
    return call.awaited or call.last not in health.PLAIN


@dataclass(slots=True)
class Slow:
    """A probe that may take too long: the call, why, and the parameter that limits it, if there is one."""

    call: Call
    why: str
    parameter: str | None
    position: int | None
    notes: list[Note]


def slow(code: Code) -> Iterator[Slow]:
    """The probes of a file's health routes that wait longer than whoever asks."""
    for probe in routes(code, health.HEALTH):
        for call in code.calls_in(probe.function):
            found = _slow(call)
            if found is not None:
                yield found
    own = {probe.function.qualname for probe in routes(code, health.HEALTH)}
    for function, route in _asked_by_health(code):
        if route.qualname not in own or route.path != code.module.path:
            for call in code.calls_in(function):
                found = _slow(call, 1)
                if found is not None:
                    yield found


def _slow(call: Call, depth: int = 0) -> Slow | None:
    entry = call.entry
    if in_deadline(call):
        return None
    if entry is None:
        return _slow_helper(call) if depth == 0 else None
    if entry.effect not in _PROBED or entry.library in LOCAL_DATABASES or entry.timeout is None or entry.closes:
        return None
    timeout, limit = entry.timeout, call.limit
    if call.code.limited_elsewhere(call) and not timeout.constructor:
        return None
    if timeout.constructor:
        return _by_client(call)
    if limit in (Limit.MISSING, Limit.DISABLED):
        return Slow(call, "it has no time limit", timeout.parameter, timeout.position, [])
    if limit is Limit.DEFAULT and isinstance(timeout.default, float) and timeout.default > _LONGEST:
        return Slow(call, f"its limit is {timeout.default:g} seconds", timeout.parameter, timeout.position, [])
    if limit is Limit.GIVEN and timeout.parameter is not None:
        given = call.argument(timeout.parameter, timeout.position)
        seconds = call.code.constant(given, call.function) if given is not None else None
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > _LONGEST:
            return Slow(call, f"its limit is {seconds:g} seconds", timeout.parameter, timeout.position, [])
    return None


def _slow_helper(call: Call) -> Slow | None:
    """A probe made by a function of the same file."""
    own = call.code.function_named(call.callee.name) if call.callee is not None else None
    if own is None:
        return None
    for inner in call.code.calls_in(own):
        found = _slow(inner, 1)
        if found is not None:
            return found
    return None


def _by_client(call: Call) -> Slow | None:
    """A probe whose limit is that of its client: a client of the project's that has none, or a long one."""
    code = call.code
    name = call.entry.name.rpartition(".")[0] if call.entry is not None else ""
    for function, row in code.project.calls_by_target.get(name, ()):
        entry = code.project.links.entry(row.symbol)
        if entry is None or entry.timeout is None or function.path != code.module.path:
            continue
        given = dict(row.arguments).get(entry.timeout.parameter or "")
        if given is None and "**" not in dict(row.arguments):
            default = entry.timeout.default
            if default == "forever" or (isinstance(default, float) and default > _LONGEST):
                return Slow(call, "its client has no short time limit", None, None, [])
    return None
