"""Tests that a project can take over: each dependency fails in process, and a request is made meanwhile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from brownout.audit.advice import File
from brownout.audit.data import Cell, Entrance, FailureMap, Request, Way
from brownout.facts.failing.outcomes import Outcome

_HEAD = '''"""What happens when a dependency fails, as brownout's failure map says.

Fixtures of the project: `client` is its test client{fixtures}. Each test states what a user should get. Those that fail
today are marked, and the mark goes with the fix.
"""

import importlib{sqlite}

import pytest

TELLING = {{400, 409, 413, 415, 422, 429, 502, 503, 504}}
"""Answers that tell the user what is the matter."""
GOOD = {{200, 201, 202, 204}} | TELLING


def failing(name):
    """A function that raises an exception of a library, whatever its constructor asks for."""
    module, _, kind = name.rpartition(".")
    error = getattr(importlib.import_module(module), kind)

    def fail(*args, **kwargs):
        raise error.__new__(error)

    return fail
'''
_PART = re.compile(r"\{(\w+)\}")
_RAISED = ("refuses", "errors", "full")
_QUIET = ("swallowed", "data loss")
_MOST = 2
"""Tests per dependency: the worst that it does to a request, and a request that lives with it."""


def tests(failures: FailureMap) -> File:
    """The file with all tests."""
    found = dict(_tests(failures))
    entries = {label for label, _ in found}
    names = {
        name for e in failures.entries if e.label in entries and e.request for name in _PART.findall(e.request.path)
    }
    locked = any("with_a_locked_database" in text for text in found.values())
    told = [f"`{name}` names one that exists" for name in sorted(names)]
    told += ["`database` is the path of the file that it has open"] if locked else []
    head = _HEAD.format(fixtures="".join(f", {text}" for text in told), sqlite="\nimport sqlite3" if locked else "")
    text = "\n\n".join([_wrapped(head), *found.values()]) + "\n"
    return File("test_chaos.py", "pytest: each dependency fails, and a request is made", text)


def _wrapped(head: str) -> str:
    """The docstring's long line, broken where it gets too long."""
    lines: list[str] = []
    for line in head.split("\n"):
        while len(line) > 119 and line.startswith("Fixtures"):
            at = line.rfind(" ", 0, 119)
            lines.append(line[:at])
            line = line[at + 1 :]
        lines.append(line)
    return "\n".join(lines)


def _tests(failures: FailureMap) -> Iterator[tuple[tuple[str, str], str]]:
    """The tests by entry point and dependency."""
    asked = {entry.label: entry for entry in failures.entries if _is_asked(entry)}
    for supplier in failures.dependencies:
        cells = [cell for cell in failures.cells if cell.dependency == supplier.name and cell.entry in asked]
        if supplier.name == "SQLite":
            yield from _locked(cells, asked)
        else:
            yield from _raising(cells, asked)


def _is_asked(entry: Entrance) -> bool:
    return entry.request is not None and entry.request.method != "WS"


def _raising(cells: list[Cell], asked: dict[str, Entrance]) -> Iterator[tuple[tuple[str, str], str]]:
    ways = [
        (cell, way) for cell in cells for way in cell.ways if way.failure in _RAISED and way.raised and _patched(way)
    ]
    ways.sort(key=lambda pair: (Outcome(pair[1].outcome).rank, "{" in pair[0].entry))
    chosen = [*ways[:1], *[pair for pair in ways[1:] if pair[1].outcome == "degraded"][: _MOST - 1]]
    for cell, way in chosen:
        entry = asked[cell.entry]
        assert entry.request is not None
        raised = way.raised if "." in way.raised else f"builtins.{way.raised}"
        text = (
            f"{_mark(way)}def test_{_name(cell.entry)}_without_{_name(cell.dependency)}"
            f"({_fixtures(entry.request, 'monkeypatch')}):\n"
            f'    monkeypatch.setattr("{_patched(way)}", failing("{raised}"))\n'
            f"    answer = {_request(entry.request)}\n    assert answer.status_code in {_wanted(way)}\n"
        )
        yield (cell.entry, cell.dependency), text


def _patched(way: Way) -> str:
    """What to replace: the library's function, or the service's own around it where that is an object's attribute."""
    own = "" if any(guard.kind == "handler" for guard in way.guards) else way.function
    return next((name for name in (way.target, own) if is_patchable(name)), "")


def is_patchable(target: str) -> bool:
    """Whether a dotted name leads to a function of a module or a method of a class, not into an object."""
    parts = target.split(".")
    if not all(part.isidentifier() for part in parts) or len(parts) < 2 or parts[0] == "sqlite3":
        return False
    classes = [index for index, part in enumerate(parts) if part[:1].isupper()]
    return not classes or classes[-1] == len(parts) - 2


def _locked(cells: list[Cell], asked: dict[str, Entrance]) -> Iterator[tuple[tuple[str, str], str]]:
    ways = [(cell, way) for cell in cells for way in cell.ways if way.failure == "locked"]
    ways.sort(key=lambda pair: (Outcome(pair[1].outcome).rank, "{" in pair[0].entry))
    for cell, way in ways[:1]:
        entry = asked[cell.entry]
        assert entry.request is not None
        text = (
            f"{_mark(way)}def test_{_name(cell.entry)}_with_a_locked_database("
            f"{_fixtures(entry.request, 'database')}):\n"
            '    other = sqlite3.connect(database)\n    other.execute("BEGIN EXCLUSIVE")\n    try:\n'
            f"        answer = {_request(entry.request)}\n    finally:\n"
            f"        other.rollback()\n        other.close()\n    assert answer.status_code in {_wanted(way)}\n"
        )
        yield (cell.entry, cell.dependency), text


def _name(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _fixtures(request: Request, more: str) -> str:
    return ", ".join(("client", more, *dict.fromkeys(_PART.findall(request.path))))


def _request(request: Request) -> str:
    """The call of the test client; an upload is a few bytes that are named as a PDF."""
    path = f'f"{request.path}"' if "{" in request.path else f'"{request.path}"'
    parts = [f'"{request.method}"', path]
    if request.query:
        parts.append("params={" + ", ".join(f'"{word}": "text"' for word in request.query) + "}")
    if request.body:
        parts.append(f"json={_literal(json.loads(request.body))}")
    if request.files:
        parts.append("files={" + ", ".join(f'"{field}": ("a.pdf", b"%PDF-1.7 one")' for field in request.files) + "}")
    return f"client.request({', '.join(parts)})"


def _literal(value: object) -> str:
    """A value of JSON as Python writes it, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(inner) for inner in value) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _wanted(way: Way) -> str:
    return "TELLING" if way.outcome in _QUIET else "GOOD"


def _mark(way: Way) -> str:
    return "" if way.outcome == "degraded" else f'@pytest.mark.xfail(reason="today: {way.outcome}", strict=True)\n'
