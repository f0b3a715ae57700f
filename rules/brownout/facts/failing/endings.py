"""How the entry points of a project are called by people, and how a failure that reaches one ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.entrypoints import EntryPoint
from brownout.facts.failing.failures import is_a
from brownout.facts.failing.outcomes import FOREVER, Outcome, Strike
from brownout.facts.failing.responses import ANSWERS
from brownout.facts.mounts import asked, mounted
from brownout.facts.project import Project

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

REQUESTS = frozenset({"route", "middleware", "dependency"})
_WORDS = {"startup": "start-up", "shutdown": "shut-down", "lifespan": "start-up", "cli": "command"}
_DJANGO = ("django.", "rest_framework.")
_VERBS = frozenset("get post put patch delete head options trace".split())


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry point as the audit names it: `POST /documents`, `thread Worker.run`, `task retention_loop`."""

    label: str
    kind: str
    name: str
    """The canonical name of the function."""
    path: str
    line: int
    is_async: bool


def arrivals(project: Project, codes: Mapping[str, Code]) -> list[Arrival]:
    """Every entry point that is not a test, once, in the order of files and lines."""
    found: dict[tuple[str, str], Arrival] = {}
    prefixes, places = included(codes), mounted(codes)
    functions = {
        code.names.full(function.qualname): (function, code) for code in codes.values() for function in code.functions
    }
    for name, points in project.entry_points.items():
        if name not in functions:
            continue
        function, code = functions[name]
        for point in points:
            if point.kind == "exception-handler":
                continue
            views = _views(point, function, code, places)
            for label in views or labels(point, function, code, prefixes):
                found.setdefault((label, name), _arrival(label, point.kind, name, function, code))
    return sorted(found.values(), key=lambda arrival: (arrival.path, arrival.line, arrival.label))


def _views(point: EntryPoint, function: Function, code: Code, places: Mapping[str, str]) -> list[str]:
    """What people call a view of Django: by the path under which the project has put it, else by its name."""
    if point.kind != "route" or not point.registrar.startswith(_DJANGO):
        return []
    owner = code.names.full(function.owner.qualname) if function.owner is not None else None
    return list(asked(code.names.full(function.qualname), owner, places)) or [f"route {short(function)}"]


def _arrival(label: str, kind: str, name: str, function: Function, code: Code) -> Arrival:
    line = getattr(function.node, "lineno", 1)
    return Arrival(label, kind, name, code.module.path, line, function.is_async)


def short(function: Function) -> str:
    """A function by its last name, a method with its class."""
    return f"{function.owner.name}.{function.name}" if function.owner is not None else function.name


def labels(point: EntryPoint, function: Function, code: Code, prefixes: Mapping[str, str]) -> Iterator[str]:
    """What people call an entry point: method and path of a route, else its kind and name."""
    if point.kind in ("route", "websocket"):
        paths = list(_paths(function, code, point.kind, prefixes))
        yield from paths or [f"{'WS' if point.kind == 'websocket' else 'route'} {short(function)}"]
    else:
        yield f"{_WORDS.get(point.kind, point.kind)} {short(function)}"


def _paths(function: Function, code: Code, kind: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    for decorator in function.decorators:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        path = _path(decorator, code, function)
        if path is None:
            continue
        prefix = _prefix(decorator.func.value, function, code, prefixes)
        methods = ["WS"] if kind == "websocket" else _methods(decorator)
        for method in methods:
            yield f"{method} {prefix}{path}" if prefix + path else f"{method} /"


def _path(decorator: ast.Call, code: Code, function: Function) -> str | None:
    values = [*decorator.args[:1], *(k.value for k in decorator.keywords if k.arg in ("path", "rule"))]
    for value in values:
        text = code.constant(value, function)
        if isinstance(text, str):
            return text
    return None


def _methods(decorator: ast.Call) -> list[str]:
    last = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else ""
    if last in _VERBS:
        return [last.upper()]
    for keyword in decorator.keywords:
        if keyword.arg == "methods" and isinstance(keyword.value, ast.List | ast.Tuple | ast.Set):
            found = [str(part.value).upper() for part in keyword.value.elts if isinstance(part, ast.Constant)]
            return found or ["ANY"]
    return ["GET"] if last == "route" else ["ANY"]


def _prefix(router: ast.expr, function: Function, code: Code, prefixes: Mapping[str, str]) -> str:
    """The prefix that a router is made with: `APIRouter(prefix="/documents")`, `Blueprint(…, url_prefix="/x")`.

    A router may be made in the function around the route.
    """
    if not isinstance(router, ast.Name):
        return ""
    scope = function.scope.parent
    while scope is not None and scope.parent is not None and router.id not in scope.bindings:
        scope = scope.parent
    bindings = (scope or code.module.scope).bindings.get(router.id, ())
    value = bindings[0].value if len(bindings) == 1 else None
    own = _keyword(value, ("prefix", "url_prefix"), code) if isinstance(value, ast.Call) else ""
    return prefixes.get(f"{code.module.name}.{router.id}", "") + own


def _keyword(call: ast.Call, names: tuple[str, ...], code: Code) -> str:
    for keyword in call.keywords:
        if keyword.arg in names:
            text = code.constant(keyword.value, code.module.body)
            return text if isinstance(text, str) else ""
    return ""


def included(codes: Mapping[str, Code]) -> dict[str, str]:
    """The prefixes under which applications include routers, by the router's name; only those that are literals."""
    found: dict[str, str] = {}
    for code in codes.values():
        for call in code.index.written(("include_router", "register_blueprint")):
            if call.text.endswith((".include_router", ".register_blueprint")) and call.node.args:
                router = code.symbol(call.node.args[0], call.function)
                if router is not None:
                    found[router] = _keyword(call.node, ("prefix", "url_prefix"), code)
    return found


def answered(codes: Mapping[str, Code]) -> list[tuple[str, str, int]]:
    """Exceptions for which the application has a handler of its own: type, path and line."""
    found: list[tuple[str, str, int]] = []
    for code in codes.values():
        for call in code.library_calls:
            if call.entry is not None and call.entry.registers == "exception-handler" and call.node.args:
                target = _exception(call)
                if target is not None:
                    found.append((target, code.module.path, call.node.lineno))
    return found


def _exception(call: Call) -> str | None:
    node = call.node.args[0]
    found = call.code.target(node, call.function)
    return found.removeprefix("builtins.") if found is not None else None


def ending(strike: Strike, arrival: Arrival, handled: list[tuple[str, str, int]], project: Project) -> Outcome:
    """What a strike comes to at an entry point."""
    if strike.outcome is not None:
        return strike.outcome
    if strike.kinds == (FOREVER,):
        return Outcome.HANGS
    is_request = arrival.kind in REQUESTS
    if strike.begun is not None:
        return Outcome.STUCK
    if is_request and all(_is_answered(kind, handled, project) for kind in strike.kinds):
        return Outcome.DEGRADED
    if strike.retried:
        return Outcome.RETRIED
    return Outcome.FAILS if is_request else Outcome.STOPS


def _is_answered(kind: str, handled: list[tuple[str, str, int]], project: Project) -> bool:
    if ANSWERS.search(kind):
        return True
    return any(name not in ("Exception", "BaseException") and is_a(kind, name, project.links) for name, _, _ in handled)
