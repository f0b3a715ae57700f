"""Failures of a call that reach a request's entry point: no handler on the way, none of the application's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brownout.facts.failing.failures import is_a, stops
from brownout.facts.project import Project, per_project
from brownout.facts.rows import caught

if TYPE_CHECKING:
    from brownout.facts.call import Call

_ANSWERED = frozenset({"route", "websocket", "dependency"})


def expected_somewhere(call: Call, kind: str) -> bool:
    """Whether a handler around the call, or one of the application's, names some exception of the failure's library."""
    library = kind.partition(".")[0]
    links = call.code.project.links
    handlers = (
        links.target(one) for one in caught(call.table.block, call.table.scope, call.code.names) if one not in "*?"
    )
    named = {links.catalog.canonical(one) for one in handlers if one is not None} | _handled(call.code.project)
    return "." in kind and any(one.startswith(f"{library}.") for one in named)


def reaches_client(call: Call, kinds: tuple[str, ...]) -> str | None:
    """The first of the failures that leaves a call and the functions around it up to a request's entry point."""
    code = call.code
    links = code.project.links
    here = caught(call.table.block, call.table.scope, code.names)
    for kind in kinds:
        if stops(here, kind, links) or answered_by_application(code.project, kind):
            continue
        if _leaves(code.names.full(call.function.qualname), kind, code.project):
            return kind
    return None


def _leaves(name: str, kind: str, project: Project) -> bool:
    """Whether a failure in a function gets out of an entry point of requests."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        points = project.entry_points.get(current, ())
        if any(point.kind in _ANSWERED for point in points):
            return True
        for edge in project.graph.callers.get(current, ()):
            if edge.elsewhere in ("process", "task", "background"):
                continue
            if not stops(edge.row.caught, kind, project.links):
                todo.append(edge.caller.name)
    return False


def answered_by_application(project: Project, kind: str) -> bool:
    """Whether the application has a handler of its own for an exception."""
    return any(is_a(kind, base, project.links) for base in _handled(project))


_REGISTERS = (
    "exception_handler",
    "add_exception_handler",
    "errorhandler",
    "app_errorhandler",
    "register_error_handler",
)


@per_project
def _handled(project: Project) -> frozenset[str]:
    """The exceptions for which the application registers a handler."""
    found: set[str] = set()
    for _function, row in project.rows():
        if row.symbol.endswith(_REGISTERS) and row.symbol.rpartition(".")[2] in _REGISTERS:
            for key, form in row.arguments:
                target = (
                    project.links.target(form[1:])
                    if form.startswith("@") and key in (0, "exc_class_or_status_code")
                    else None
                )
                if target is not None:
                    found.add(project.catalog.canonical(target).removeprefix("builtins."))
    return frozenset(found)
