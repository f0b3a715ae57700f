"""Tables are held as far as there is room; a session with hardly any says what one with all of it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from brownout.engine import Parsed, parse
from brownout.model.source import SourceFile
from brownout.project.session import Session
from brownout.project.tables import Tables

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"


def parsed(path: str, size: int) -> Parsed:
    found = parse(SourceFile(path, "service", "def f():\n    return f\n".ljust(size, "#")))
    assert isinstance(found, Parsed)
    return found


def held(tables: Tables[str], *names: str) -> list[str]:
    def missing() -> Parsed:
        raise KeyError

    found: list[str] = []
    for name in names:
        try:
            with tables.use(name, missing):
                found.append(name)
        except KeyError:
            continue
    return found


def test_the_oldest_go_first_and_what_does_not_fit_is_not_held():
    tables = Tables[str](100)
    fits = [tables.put(name, parsed(name, 40)) for name in ("a", "b", "c")]
    assert fits == [True, True, False]
    assert held(tables, "a", "b", "c") == ["a", "b"]
    assert tables.put("a", parsed("a", 60))  # in place of its smaller self, and the newest
    tables.shrink(60)
    assert held(tables, "a", "b") == ["a"]
    tables.drop("a")
    assert tables.put("d", parsed("d", 100))


def test_tables_without_room_are_taken_apart_after_their_use():
    tables = Tables[str](10)
    with tables.use("a", lambda: parsed("a", 50)) as file:
        functions = file.module.functions
        assert any(function.scope.function is function for function in functions)
    assert not any(function.scope.function for function in functions)


@pytest.mark.parametrize("room", [0, 30_000])
def test_a_session_with_little_room(tmp_path, room):
    root = tmp_path / "docdesk"
    shutil.copytree(DOCDESK, root, ignore=shutil.ignore_patterns(".brownout_cache"))
    wide, narrow = Session(root), Session(root)
    narrow._parsed.room = room
    assert narrow.open() == wide.open()
    path = wide.open().findings[0].location.path
    text = f"import time\n{wide.text(path)}\n\nasync def more():\n    time.sleep(3)\n"
    assert narrow.update(path, text) == wide.update(path, text)
    assert narrow.update(path, None) == wide.update(path, None)
