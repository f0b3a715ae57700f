"""The audit's four metrics, each with where in this code to emit it."""

from __future__ import annotations

from collections.abc import Iterable

from brownout.audit.advice import Metric
from brownout.audit.data import Evidence
from brownout.audit.handling import caught
from brownout.audit.inventory import health
from brownout.audit.material import Material, evidence, source_line
from brownout.facts.failing.responses import Response

_PLACES = 4
_APPLICATIONS = ("fastapi.FastAPI", "flask.Flask", "starlette.applications.Starlette", "aiohttp.web.Application")
_BACKGROUND = ("worker", "thread", "task", "scheduled", "lifespan")
_TABLE = (
    (
        "Error rate by type",
        "a counter per exception class and dependency",
        "In each handler: `ERRORS.labels(type(exc).__name__, dependency).inc()`; first in those that are silent today.",
    ),
    (
        "Recovery time metrics",
        "seconds from the first failure to the first success after it, per dependency",
        "Keep the time of the first failure per dependency; on the next success observe the difference in a histogram.",
    ),
    (
        "Dependency health status",
        "a gauge per dependency, 1 or 0, as readiness sees it",
        "Where health is told, set the gauge from the check that makes the answer, with a limit of a second or two.",
    ),
    (
        "User-facing error frequency",
        "answers of 5xx, and connections that end with an error, per route",
        "One middleware that counts `response.status_code >= 500` and exceptions by route template.",
    ),
)


def metrics(material: Material) -> tuple[Metric, ...]:
    """The four, with up to four places each."""
    places = (_handlers(material), _background(material), health(material).evidence, _doors(material))
    return tuple(
        Metric(name, what, tuple(found)[:_PLACES], how) for (name, what, how), found in zip(_TABLE, places, strict=True)
    )


def _handlers(material: Material) -> Iterable[Evidence]:
    """Handlers that log, then those that say nothing."""
    found = caught(material)
    for wanted in (Response.TELLS, Response.SWALLOWS):
        for handler, _, _, code in found:
            if handler.response is wanted:
                line = getattr(handler.node, "lineno", 1)
                yield Evidence(code.module.path, line, source_line(code, line))


def _background(material: Material) -> Iterable[Evidence]:
    for arrival in material.arrivals:
        if arrival.kind in _BACKGROUND:
            yield Evidence(arrival.path, arrival.line, f"`{arrival.label}`")


def _doors(material: Material) -> Iterable[Evidence]:
    """Middleware, and where the application is made."""
    for arrival in material.arrivals:
        if arrival.kind == "middleware":
            yield Evidence(arrival.path, arrival.line, f"`{arrival.label}`")
    for code in material.codes.values():
        for call in code.calls:
            if call.target in _APPLICATIONS:
                yield evidence(call)
