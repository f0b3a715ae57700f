"""Health routes: what they claim by their path, and what they really look at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.answers import route_functions
from brownout.facts.failing.dependencies import HTTP
from brownout.facts.project import Project, per_project
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

HEALTH = re.compile(r"(^|[/_-])(health|healthz|healthcheck|health[_-]check|ready|readyz|readiness)/?$", re.IGNORECASE)
_READY = re.compile(r"ready|readyz|readiness", re.IGNORECASE)
_ABOUT_HEALTH = re.compile(r"health|status|check|ping", re.IGNORECASE)
LIVE = re.compile(r"(^|[/_-])(live|livez|liveness|alive)/?$|/live", re.IGNORECASE)
_EFFECTS = (Effect.NETWORK, Effect.DATABASE, Effect.MODEL, Effect.PROCESS)
_APPLICATIONS = frozenset(
    {"fastapi.FastAPI", "flask.Flask", "starlette.applications.Starlette", "aiohttp.web.Application"}
)
_JOINS = frozenset({"include_router", "register_blueprint", "mount", "add_routes", "add_subapp"})
PLAIN = frozenset(
    "dict str int float bool len round list time perf_counter monotonic now utcnow today isoformat timestamp "
    "JSONResponse Response PlainTextResponse HTMLResponse jsonify HttpResponse JsonResponse get getenv strftime "
    "total_seconds debug info uptime ORJSONResponse json text format response json_response make_response".split()
)


@dataclass(slots=True)
class Route:
    """A health route whose answer is a constant."""

    function: Function
    node: ast.FunctionDef | ast.AsyncFunctionDef
    path: str
    is_readiness: bool


@per_project
def dependencies(project: Project) -> list[str]:
    """What requests of the project depend on, by display name, most used first."""
    counts: dict[str, int] = {}
    for edges in project.graph.out.values():
        for edge in edges:
            if edge.entry is not None and edge.entry.effect in (*_EFFECTS, Effect.CLIENT):
                name = "services over HTTP" if edge.entry.library in HTTP else edge.entry.display
                counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


def constant_routes(code: Code) -> Iterator[Route]:
    """Health routes of the file that look at nothing, where no other readiness route of the project does."""
    if not route_functions(code) or _serves_alone(code):
        return
    for function in route_functions(code):
        route = _route(function)
        if route is not None and not _looks_at_something(function, code) and not _other_is_real(route, code.project):
            yield route


def _serves_alone(code: Code) -> bool:
    """Whether a file is a small server beside the project's own: with its application and routes, and needs nobody."""
    made = sum(call.canonical in _APPLICATIONS for call in code.all_calls)
    if not 0 < made < _applications(code.project) or any(call.last in _JOINS for call in code.all_calls):
        return False
    routes = route_functions(code)
    names = {code.names.full(function.qualname) for function in routes}
    return len(routes) > 1 and names.isdisjoint(_reaching(code.project))


@per_project
def _applications(project: Project) -> int:
    """How many applications the project makes, and classes of its own that are one."""
    links = project.links
    made = sum(len(project.calls_by_target.get(name, ())) for name in _APPLICATIONS)
    return made + sum(not _APPLICATIONS.isdisjoint(links.mro(owner)) for owner in links.classes)


def _route(function: Function) -> Route | None:
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    path = next((path for decorator in node.decorator_list if (path := path_of(decorator)) is not None), None)
    claim = path if path is not None else node.name
    if not HEALTH.search(claim) or LIVE.search(claim):
        return None
    return Route(function, node, claim, bool(_READY.search(claim)))


def path_of(decorator: ast.expr) -> str | None:
    if isinstance(decorator, ast.Call):
        values = [*decorator.args[:1], *(keyword.value for keyword in decorator.keywords if keyword.arg == "path")]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
    return None


def _looks_at_something(function: Function, code: Code) -> bool:
    """Whether the answer can depend on anything: a call that is not plain, a parameter, a condition, a state."""
    node = function.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        if any(isinstance(default, ast.Call) for default in defaults):
            return True
        if any("Depends" in ast.dump(argument.annotation) for argument in function.parameters if argument.annotation):
            return True
        if any("Depends" in ast.dump(decorator) for decorator in node.decorator_list):
            return True
        body = [part for statement in node.body for part in walk(statement)]
    else:
        body = []
    if any(isinstance(part, ast.If | ast.IfExp | ast.Raise | ast.Try | ast.Await | ast.BoolOp) for part in body):
        return True
    if any(_is_error_status(part) for part in body):
        return True
    for call in code.calls_in(function):
        last = call.last.removesuffix("()")
        if _is_record(call):
            continue
        if last not in PLAIN or (call.entry is not None and call.entry.effect in _EFFECTS):
            return True
    return any(isinstance(part, ast.Attribute) and part.attr == "state" for part in body)


def _is_error_status(node: ast.AST) -> bool:
    """Whether a part of the answer is a status such as 404: the route says that it is not there."""
    if not isinstance(node, ast.keyword) or node.arg not in ("status_code", "status"):
        return False
    value = node.value.value if isinstance(node.value, ast.Constant) else None
    return isinstance(value, int) and value >= 400


def _is_record(call: Call) -> bool:
    """Whether the call makes an object of the project's that only holds values: a model or a dataclass."""
    found = call.code.project.links.classes.get(call.target or "")
    return found is not None and not {"__init__", "__new__", "__post_init__", "__call__"} & set(found.methods)


def _other_is_real(route: Route, project: Project) -> bool:
    """Whether another route of the project tells readiness, so that this one need not."""
    if route.is_readiness:
        return False
    own = route.function.qualname
    for points in project.entry_points.values():
        for point in points:
            summary = point.function
            if point.kind != "route" or summary.qualname == own:
                continue
            if _READY.search(summary.qualname):
                return True
            if _ABOUT_HEALTH.search(summary.qualname) and _goes_out(summary, project):
                return True
    return False


def _goes_out(function: FunctionSummary, project: Project) -> bool:
    """Whether a route reaches a dependency, or is given one by the framework."""
    reached = _reaching(project)
    return function.name in reached or any("Depends" in form for _, form in function.defaults)


@per_project
def _reaching(project: Project) -> frozenset[str]:
    return project.reached(*_EFFECTS)
