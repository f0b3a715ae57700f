"""However a project is edited, a check that remembers says what a check from scratch says."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from brownout.project import session as sessions
from brownout.project import tables
from cached import Desk
from edits import on_disk

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
EDITS, SEEDS = 96, 4


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_check_that_remembers_equals_one_from_scratch(tmp_path, capsys, monkeypatch, seed):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    root = tmp_path / "desk"
    shutil.copytree(DOCDESK / "backend", root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    desk, chance = Desk(root, capsys, monkeypatch), random.Random(seed)
    desk.check()
    for _ in range(EDITS // SEEDS):
        for _ in range(chance.choice([0, 1, 1, 1, 3])):
            on_disk(root, chance, broken=True)
        jobs = chance.choice(["1", "1", "2"])
        assert desk.check("--jobs", jobs).said == desk.fresh().said
        assert not desk.check().worked


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The paths of the files that sessions parse."""
    found: list[str] = []
    real = sessions.parse

    def noted(source, heads):
        found.append(source.path)
        return real(source, heads)

    for module in (sessions, tables):
        monkeypatch.setattr(module, "parse", noted)
    return found


def test_only_what_changed_and_what_asked_about_it_is_parsed(tmp_path, capsys, monkeypatch, parsed):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    desk = Desk(tmp_path / "desk", capsys, monkeypatch)
    desk.write("pyproject.toml", "")
    desk.write("store.py", "import os\n\n\ndef save(data):\n    return len(data)\n")
    desk.write("routes.py", "import store\n\n\nasync def route(data):\n    return store.save(data)\n")
    for number in range(20):
        desk.write(f"other{number}.py", f"def value{number}():\n    return {number}\n")
    assert desk.check().text == ""
    assert len(parsed) == 22

    parsed.clear()
    desk.write("store.py", "# moved\nimport os\n\n\ndef save(data):\n    return len(data)\n")
    assert desk.check().text == ""
    assert parsed == ["store.py"]

    parsed.clear()
    desk.write("store.py", "import time\n\n\ndef save(data):\n    time.sleep(9)\n")
    changed = desk.check()
    assert "blocking-call-in-async" in changed.text
    assert sorted(parsed) == ["routes.py", "store.py"]

    parsed.clear()
    desk.write("routes.py", "import store\n\n\ndef command(data):\n    return store.save(data)\n")
    assert desk.check().text == ""
    assert "routes.py" in parsed
    assert not [path for path in parsed if path.startswith("other")]
