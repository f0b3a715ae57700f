"""Tests that a project can take over: one per kind of dependency that was found, each failing in process."""

from __future__ import annotations

from collections.abc import Iterator

from brownout.audit.advice import File
from brownout.audit.data import Cell, FailureMap, Way
from brownout.audit.material import Material

_HEAD = '''"""What happens when a dependency fails, as brownout's failure map says.

`client` is the project's own test client. Each test states what a user should see. Those that fail today are marked,
and the mark goes with the fix.
"""

import sqlite3

import pytest

GOOD = {200, 201, 202, 204, 400, 404, 409, 413, 415, 422, 502, 503, 504}
"""Answers that tell the user what is the matter."""
'''


def tests(material: Material, failures: FailureMap) -> File:
    """The file with all tests."""
    return File(
        "test_chaos.py",
        "pytest: each dependency fails, and a request is made",
        "\n\n".join([_HEAD, *_tests(material, failures)]) + "\n",
    )


def _tests(material: Material, failures: FailureMap) -> Iterator[str]:
    seen: set[str] = set()
    for supplier in failures.dependencies:
        cell = next((c for c in failures.cells if c.dependency == supplier.name and _is_request(c)), None)
        if cell is None or supplier.name in seen:
            continue
        seen.add(supplier.name)
        if supplier.name == "SQLite":
            yield _locked(cell)
        else:
            target = _target(supplier.name, material)
            way = next((w for w in cell.ways if w.failure in ("refuses", "errors", "full")), None)
            if target is not None and way is not None:
                yield _raising(cell, way, *target)


def _is_request(cell: Cell) -> bool:
    return cell.entry.split(" ")[0] in ("GET", "POST", "PUT", "PATCH", "DELETE")


def _target(name: str, material: Material) -> tuple[str, str] | None:
    """What to patch so that the dependency fails: the dotted name of the library's function, and what it raises."""
    for call, used in material.uses:
        if used.name == name and call.entry is not None and call.entry.raises and call.target is not None:
            raised = call.entry.raises[0]
            if call.target.replace(".", "").replace("_", "").isalnum() and not call.target.endswith("()"):
                return call.target, raised.removeprefix("builtins.")
    return None


def _name(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _request(cell: Cell) -> str:
    method, _, path = cell.entry.partition(" ")
    return f'client.request("{method}", "{path.replace("{", "").replace("}", "")}")'


def _expected(way: Way) -> str:
    if way.outcome in ("degraded",):
        return ""
    return f'@pytest.mark.xfail(reason="today: {way.outcome}", strict=False)\n'


def _raising(cell: Cell, way: Way, target: str, raised: str) -> str:
    module, _, kind = raised.rpartition(".")
    raises = f'pytest.importorskip("{module}").{kind}' if module else kind
    return (
        f"{_expected(way)}def test_{_name(cell.entry)}_without_{_name(cell.dependency)}(client, monkeypatch):\n"
        f"    def fail(*args, **kwargs):\n        raise {raises}\n\n"
        f'    monkeypatch.setattr("{target}", fail)\n    assert {_request(cell)}.status_code in GOOD\n'
    )


def _locked(cell: Cell) -> str:
    way = next((w for w in cell.ways if w.failure == "locked"), cell.ways[0])
    return (
        f"{_expected(way)}def test_{_name(cell.entry)}_with_a_locked_database(client, database):\n"
        '    """`database` is the path of the file that the service under test has open."""\n'
        '    other = sqlite3.connect(database)\n    other.execute("BEGIN EXCLUSIVE")\n    try:\n'
        f"        assert {_request(cell)}.status_code in GOOD\n    finally:\n        other.rollback()\n      "
        "  other.close()\n"
    )
