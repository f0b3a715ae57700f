"""How the code deals with errors: what it catches, drops, tries again, and falls back to."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from brownout.audit.data import Evidence, State, Topic
from brownout.audit.material import Material, evidence, source_line
from brownout.facts.code import Code
from brownout.facts.failing.responses import ANY, Handler, Response, handlers_in
from brownout.model.syntax import walk
from brownout.model.tables import Function

SHOWN = 8
"""Places that a topic shows as evidence."""
WIDE = 10
"""Statements from which on a `try` guards too much to say what failed."""
_BREAKERS = ("pybreaker", "circuitbreaker", "aiobreaker", "purgatory", "hyx", "lasier", "pycircuitbreaker")
_BREAKER_NAME = re.compile(r"circuit_?breaker|breaker$", re.IGNORECASE)

Caught = tuple[Handler, Function, ast.Try | ast.TryStar, Code]


def caught(material: Material) -> list[Caught]:
    """Every handler of the service."""
    return [
        (handler, function, node, code)
        for code in material.codes.values()
        if material.about(code.module.path)
        for handler, function, node in handlers_in(code)
        if code.judged(function)
    ]


def error_handling(found: list[Caught], material: Material) -> Topic:
    """How wide, for which types, and how much is dropped."""
    title = "Error handling patterns"
    if not found:
        advice = (
            "Catch what each dependency raises where something better than failing can be done; log the rest at "
            "the entry point."
        )
        return Topic(
            title, State.ABSENT, "No `try` in the service: every failure goes to the framework.", (), "", advice
        )
    kinds = Counter(_shown(name) for handler, *_ in found for name in handler.types)
    responses = Counter(handler.response for handler, *_ in found)
    tries = {id(node): node for _, _, node, _ in found}
    wide = [node for node in tries.values() if _size(node) > WIDE]
    broad = sum(handler.is_broad for handler, *_ in found)
    silent = [one for one in found if one[0].response is Response.SWALLOWS]
    types = ", ".join(f"`{name}` {count}" for name, count in kinds.most_common(8))
    ways = ", ".join(f"{response.value} {count}" for response, count in responses.most_common())
    summary = (
        f"{len(tries)} `try` with {len(found)} handlers; {broad} ({_percent(broad, len(found))}) stop every exception, "
        f"{len(silent)} ({_percent(len(silent), len(found))}) drop it silently; {len(wide)} guard more than "
        f"{WIDE} statements. "
        f"Caught: {types}. What they do: {ways}."
    )
    handled = sorted({f"{name} (`{path}:{line}`)" for name, path, line in material.answered})
    if handled:
        summary += f" The application answers {', '.join(handled)} by handlers of its own."
    advice = (
        "Name the exceptions that a call raises; log what is not expected with its traceback; keep a `try` to "
        "the call that fails."
    )
    return Topic(title, State.FOUND, summary, tuple(_places(silent or found)), "", advice)


def _shown(name: str | None) -> str:
    if name is None:
        return "a type that cannot be told"
    return "every exception" if name == ANY else name.removeprefix("builtins.").rpartition(".")[2]


def _size(node: ast.Try | ast.TryStar) -> int:
    return sum(isinstance(part, ast.stmt) for statement in node.body for part in walk(statement))


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "0 %"


def _places(found: list[Caught]) -> Iterator[Evidence]:
    ordered = sorted(found, key=lambda one: (one[3].module.path, getattr(one[0].node, "lineno", 0)))
    for handler, _, _, code in ordered[:SHOWN]:
        line = getattr(handler.node, "lineno", 1)
        yield Evidence(code.module.path, line, f"{source_line(code, line)} {handler.response.value}")


def retries(found: list[Caught], material: Material) -> Topic:
    """Loops, decorators, adapters, and what libraries repeat by themselves."""
    title = "Retry mechanisms"
    own = [one for one in found if one[0].response is Response.RETRIES]
    places = list(_places(own))
    for code in material.codes.values():
        for call in code.calls:
            if call.has("retry") and call.entry is not None:
                places.append(evidence(call))
    libraries = {
        f"{call.entry.display} ({call.entry.retries[0].lower()}{call.entry.retries[1:].rstrip('.')})"
        for call, _ in material.uses
        if call.entry is not None and call.entry.retries and not call.entry.retries.startswith("Does not")
    }
    advice = (
        "Retry what is safe to repeat, a few times, with growing pauses and jitter, and only while somebody "
        "still waits for the answer."
    )
    count = len(own) + sum(call.has("retry") for code in material.codes.values() for call in code.calls)
    told = f" The library repeats by itself for {'; '.join(sorted(libraries))}." if libraries else ""
    if count:
        again = "1 place that tries again" if count == 1 else f"{count} places that try again"
        return Topic(title, State.FOUND, f"{again}.{told}", tuple(places[:SHOWN]), "", advice)
    summary = "No retry in the service's own code: no loop, decorator or adapter." + told
    return Topic(title, State.FOUND if libraries else State.ABSENT, summary, (), "", advice)


def fallbacks(found: list[Caught], material: Material) -> Topic:
    """Handlers around a dependency that go on with something else, or say clearly what is missing."""
    title = "Fallback and degradation strategies"
    used = {(call.code.module.path, call.node.lineno) for call, _ in material.uses}
    good = (Response.FALLS_BACK, Response.ANSWERS, Response.TELLS)
    kept = [one for one in found if one[0].response in good and _guards_use(one, used)]
    answers = sum(one[0].response is Response.ANSWERS for one in kept)
    advice = (
        "Decide per dependency what still works without it, answer that with a status that says so, and show it "
        "to the user."
    )
    if not kept:
        return Topic(title, State.ABSENT, "No handler around a dependency goes on without it.", (), "", advice)
    summary = (
        f"{len(kept)} handlers around dependencies go on without them; {answers} of them answer with an error "
        "that says so."
    )
    return Topic(title, State.FOUND, summary, tuple(_places(kept)), "", advice)


def _guards_use(one: Caught, used: set[tuple[str, int]]) -> bool:
    node, code = one[2], one[3]
    first, last = node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno
    return any((code.module.path, line) in used for line in range(first, last + 1)) or _calls_out(node, code)


def _calls_out(node: ast.Try | ast.TryStar, code: Code) -> bool:
    """Whether the body calls a function of the project that works with the outside world."""
    for statement in node.body:
        for part in walk(statement):
            call = code.call_of(part)
            if call is not None and call.callee is not None and call.callee.name in code.project.outside:
                return True
    return False


def breakers(material: Material) -> Topic:
    """Libraries, classes and decorators that stop calling what is down."""
    title = "Circuit breaker patterns"
    places: list[Evidence] = []
    for path in sorted(material.codes):
        code = material.codes[path]
        imported = sorted(set(_BREAKERS) & code.module.imported)
        if imported:
            places.append(Evidence(path, 1, f"imports {', '.join(imported)}"))
        for owner in code.module.classes:
            if _BREAKER_NAME.search(owner.name):
                places.append(Evidence(path, owner.node.lineno, f"class {owner.name}"))
    advice = (
        "Behind a slow dependency that many requests share, open a breaker after a few failures in a row and "
        "answer at once meanwhile."
    )
    if places:
        return Topic(
            title, State.FOUND, f"{len(places)} place{'s' * (len(places) > 1)}.", tuple(places[:SHOWN]), "", advice
        )
    return Topic(
        title, State.ABSENT, "No circuit breaker: every request meets a dependency that is down anew.", (), "", advice
    )
