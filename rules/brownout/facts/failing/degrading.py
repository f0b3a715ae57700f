"""Whether a project can go on, with less, when a service that many routes need is down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from brownout.facts.failing.breakers import hangs_on
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call

_FALLBACKS = re.compile(
    r"degraded|fallback|fall_back|stale|last_known|feature_flag|is_enabled|circuit|breaker", re.IGNORECASE
)
_CACHES = re.compile(r"(^|[._])(cache|cached|lru_cache|memoize|ttl_cache|alru_cache)([._(]|$)", re.IGNORECASE)


def routes_without_fallback(call: Call) -> int:
    """How many routes can do nothing without a call, where nothing remembers an older answer; else 0."""
    routes = hangs_on(call)
    if not routes or _falls_back(call.code.project):
        return 0
    return 0 if any(_CACHES.search(name) for name in _decorators(call)) else routes


def _decorators(call: Call) -> list[str]:
    """The decorators of the function that makes a call, and of those that call it."""
    project = call.code.project
    name = call.code.names.full(call.function.qualname)
    functions = [project.links.functions.get(name), *(edge.caller for edge in project.graph.callers.get(name, ()))]
    return [decorator for function in functions if function is not None for decorator in function.decorators]


@per_project
def _falls_back(project: Project) -> bool:
    """Whether anything in the project is named after a mode with less."""
    if any(_FALLBACKS.search(name) for module in project.modules for name in module.exports):
        return True
    return any(_FALLBACKS.search(function.qualname) for function in project.links.functions.values())
