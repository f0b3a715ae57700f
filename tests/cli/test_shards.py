"""`check --shard I/N` and `merge`: the parts together say what one check says, to the byte."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
UNUSED = "x = 1  # brownout: ignore[missing-timeout] nothing waits here\n"
REASONED = "import requests\nrequests.get('http://localhost')  # brownout: ignore[missing-timeout] local\n"


def brownout(*options, cwd):
    command = [sys.executable, "-m", "brownout", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("shards")
    shutil.copytree(DOCDESK / "backend", root / "desk")
    (root / "brownout.toml").write_text('min-severity = "monitor"\n')
    (root / "desk" / "broken.py").write_text("def f(:\n")
    (root / "desk" / "latin.py").write_bytes(b"x = '\xe9'\n")
    (root / "desk" / "unused.py").write_text(UNUSED)
    (root / "desk" / "reasoned.py").write_text(REASONED)
    return root


def parts_of(project, count, *options):
    names = [f"part{number}of{count}.json" for number in range(1, count + 1)]
    for number, name in enumerate(names, 1):
        done = brownout("check", "--shard", f"{number}/{count}", "-o", name, *options, "desk", cwd=project)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stderr
    return names


@pytest.fixture(scope="module")
def three(project):
    return parts_of(project, 3)


@pytest.mark.parametrize("form", ["full", "json", "sarif", "statistics"])
def test_the_parts_say_what_one_check_says(project, three, form):
    shown = ["--statistics"] if form == "statistics" else ["--output-format", form]
    merged = brownout("merge", *reversed(three), *shown, "--show-suppressed", cwd=project)
    whole = brownout("check", *shown, "--show-suppressed", "desk", cwd=project)

    assert re.sub(r"\d+\.\d s", "", merged.stdout) == re.sub(r"\d+\.\d s", "", whole.stdout)
    assert sorted(merged.stderr.splitlines()) == sorted(whole.stderr.splitlines())
    assert "unused.py" in whole.stderr
    assert "reasoned.py" in whole.stderr
    assert merged.returncode == whole.returncode == 1


def test_more_parts_than_files(tmp_path):
    (tmp_path / "brownout.toml").write_text("")
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "app.py").write_text("import requests\nrequests.get('http://x')\n")
    names = parts_of(tmp_path, 4)

    assert "1 finding" in brownout("merge", *names, cwd=tmp_path).stdout
    assert brownout("merge", *names, "--fail-on", "critical", cwd=tmp_path).returncode == 0


def test_the_selection_travels_with_the_parts(project):
    names = parts_of(project, 2, "--select", "missing-timeout")

    merged = brownout("merge", *names, "--output-format", "json", cwd=project)

    assert merged.stdout == brownout(
        "check", "--select", "missing-timeout", "--output-format", "json", "desk", cwd=project
    ).stdout  # fmt: skip


def test_what_is_not_all_parts_of_one_check(project, three):
    def told(*names):
        done = brownout("merge", *names, cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr.removeprefix("brownout: ").strip()

    (project / "garbage.json").write_text("{}")
    other = parts_of(project, 1, "--ignore", "4C")[0]
    shutil.copy(project / three[0], project / "copy.json")

    assert told(*three[:2]) == "of 3 parts 3 is missing"
    assert told(three[0], "copy.json") == f"copy.json: part 1 is in {three[0]}, too"
    assert told("garbage.json") == "garbage.json: not a part that `brownout check --shard` wrote"
    assert told(three[1], other) == f"{other}: part of another check than {three[1]}"
    assert told("none.json") == "none.json: No such file or directory"
    (project / "desk" / "new.py").write_text("x = 1\n")
    assert told(*three).startswith("the files here are not those that the parts were made of")


def test_words_that_make_no_sense(project):
    assert "'4/3' is not a part such as 2/5" in brownout("check", "--shard", "4/3", cwd=project).stderr
    assert (
        brownout("check", "--shard", "1/2", "--statistics", cwd=project).stderr
        == "brownout: --shard goes without --statistics: that is for the whole\n"
    )
