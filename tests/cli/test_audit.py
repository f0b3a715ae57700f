"""`brownout audit` as a user runs it: a process, its output, its exit code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

BAD = """import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/load")
def load(url):
    return requests.get("https://bank.example").json()
"""


def brownout(*arguments, cwd):
    command = [sys.executable, "-m", "brownout", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(BAD)
    return tmp_path


def test_markdown_on_standard_output(project):
    done = brownout("audit", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"# Chaos / Failure Injection Audit: {project.name}\n")
    assert "HTTP bank.example hangs: **hangs**" in done.stdout


@pytest.mark.parametrize(("name", "start"), [("a.md", "# Chaos"), ("a.html", "<!doctype html>"), ("a.json", "{")])
def test_the_suffix_chooses_the_format(project, name, start):
    assert brownout("audit", "-o", name, cwd=project).returncode == 0
    assert (project / name).read_text(encoding="utf-8").startswith(start)


def test_the_score_can_fail_a_build(project):
    assert brownout("audit", "--fail-under", "1", cwd=project).returncode == 0
    done = brownout("audit", "--fail-under", "9.5", "-o", "a.md", cwd=project)
    assert done.returncode == 1
    assert "below 9.5" in done.stderr


def test_a_badge(project):
    assert brownout("audit", "--badge", "score.svg", "-o", "a.md", cwd=project).returncode == 0
    assert (project / "score.svg").read_text().startswith("<svg")


def test_the_schema(project):
    assert json.loads(brownout("audit", "--schema", cwd=project).stdout)["title"] == "brownout audit"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--date", "yesterday"], "2026-01-31"),
        (["--date", "2026-02-30"], "2026-01-31"),
        (["--fail-under", "11"], "from 1 to 10"),
        (["nowhere"], "no such file"),
        (["-o", "missing/folder/a.md"], "missing"),
    ],
)
def test_bad_input_gets_one_clear_message(project, arguments, words):
    done = brownout("audit", *arguments, cwd=project)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_part_of_a_project(project):
    (project / "other.py").write_text(BAD.replace("/load", "/other"))
    done = brownout("audit", "other.py", "--output-format", "json", cwd=project)
    page = json.loads(done.stdout)
    assert [entry["label"] for entry in page["failures"]["entries"]] == ["GET /other"]
    assert {place["path"] for issue in page["issues"] for place in issue["places"]} == {"other.py"}
