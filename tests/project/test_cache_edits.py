"""However a project is edited, a check that remembers says what a check from scratch says."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
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
