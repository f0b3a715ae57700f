"""Who tries again when a call fails: the library by itself, an adapter of the project, a decorator, a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function


def repeats(call: Call) -> str | None:
    """How the library, or an adapter that the project mounts, repeats a failed call; None where nobody does."""
    entry = call.entry
    if entry is None:
        return None
    if entry.retries and not entry.retries.startswith(("Does not", "Never", "No ", "None")):
        return f"{entry.display}: {entry.retries}"
    if entry.name.startswith("requests.Session."):
        rows = call.code.project.calls_by_target
        for _, row in rows.get("requests.adapters.HTTPAdapter", ()):
            if any(key in ("max_retries", 2) for key, _ in row.arguments) and "requests.Session.mount" in rows:
                return "an adapter with `max_retries`"
    return None


def retried_by(function: Function, code: Code) -> str | None:
    """The decorator that runs a function again when it fails."""
    summary = code.summary(function)
    for symbol in summary.decorators if summary is not None else ():
        entry = code.project.links.entry(symbol.removesuffix("()"))
        if entry is not None and "retry" in entry.tags:
            return f"`@{entry.name}`"
    return None
