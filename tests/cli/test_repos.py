"""`brownout check --repos LIST`: many repositories, one table; one that fails costs only its own row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from brownout.project import fleet
from brownout.project.choice import Choice

BAD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
GOOD = BAD.replace("(url)\n", "(url, timeout=5)\n").replace("def load(url, timeout=5)", "def load(url)")


@pytest.fixture
def fleet_of_three(tmp_path):
    for name, text in (("bad", BAD), ("good", GOOD), ("plain", "x = 1\n")):
        (tmp_path / "repos" / name).mkdir(parents=True)
        (tmp_path / "repos" / name / "app.py").write_text(text)
        (tmp_path / "repos" / name / "brownout.toml").write_text("")
    (tmp_path / "list.txt").write_text("# ours\nrepos/good\nrepos/bad\n\nrepos/plain\nrepos/bad\n")
    return tmp_path


def brownout(*options, cwd):
    command = [sys.executable, "-m", "brownout", "check", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd)


def test_the_table_tells_the_worst_first(fleet_of_three):
    done = brownout("--repos", "list.txt", cwd=fleet_of_three)

    lines = done.stdout.splitlines()
    assert lines[0].split() == ["score", "repository", "critical", "high", "medium", "lines", "worst"]
    assert [line.split()[1] for line in lines[1:4]] == ["repos/bad", "repos/good", "repos/plain"]
    assert lines[1].split()[2:] == ["0", "1", "0", "5", "missing-timeout", "app.py:5"]
    assert lines[3].split()[0] == "-"
    assert lines[-1].startswith("3 repositories, 11 lines, median score ")
    assert done.returncode == 1
    assert brownout("--repos", "list.txt", "--exit-zero", cwd=fleet_of_three).returncode == 0


def test_json_and_selection(fleet_of_three):
    done = brownout("--repos", "list.txt", "--output-format", "json", "--ignore", "4C", cwd=fleet_of_three)

    rows = json.loads(done.stdout)["repositories"]
    assert [sum(row["counts"].values()) for row in rows] == [0, 0, 0]
    assert done.returncode == 0


def test_a_repository_that_cannot_be_read_is_a_row(fleet_of_three):
    (fleet_of_three / "repos" / "plain" / "brownout.toml").write_text("[nonsense\n")
    with (fleet_of_three / "list.txt").open("a") as file:
        file.write("repos/gone\n")

    done = brownout("--repos", "list.txt", cwd=fleet_of_three)

    rows = {line.split()[1]: line for line in done.stdout.splitlines()[1:5]}
    assert "there is no such file or folder" in rows["repos/gone"]
    assert "brownout.toml" in rows["repos/plain"]
    assert "missing-timeout" in rows["repos/bad"]
    assert done.returncode == 2


def audited_or_dead(parcel):
    if parcel.repository.endswith("good"):
        os._exit(9)
    return REAL(parcel)


REAL = fleet.audited


def test_a_worker_that_dies_costs_its_row_only(fleet_of_three, monkeypatch):
    monkeypatch.setattr(fleet, "audited", audited_or_dead)
    names = [str(fleet_of_three / "repos" / name) for name in ("bad", "good", "plain")]

    rows = fleet.survey(names, Choice(), lambda: ProcessPoolExecutor(2, mp_context=get_context("fork")))

    troubles = {row.repository.rpartition("/")[2]: row.trouble.partition(":")[0] for row in rows}
    assert troubles == {"bad": "", "good": "could not be audited", "plain": ""}


def test_lists_that_are_none(fleet_of_three):
    (fleet_of_three / "empty.txt").write_text("# nothing\n")

    assert brownout("--repos", "empty.txt", cwd=fleet_of_three).stderr == "brownout: empty.txt: lists no repository\n"
    assert (
        brownout("--repos", "none.txt", cwd=fleet_of_three).stderr == "brownout: none.txt: No such file or directory\n"
    )
