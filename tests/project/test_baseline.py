"""Only what is new, by the real git: docdesk as a repository, changed as people change code."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from brownout.project.baseline import compare_with_base, compare_with_file, read, write
from brownout.project.checking import check_workspace
from brownout.project.git import fork_point
from brownout.project.history import workspace_at
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import open_workspace
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import NOBODY, commit, git, repository

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "examples" / "docdesk"


NARROW = Settings(select=("missing-timeout", "blocking-call-in-async"))
"""For small examples: two rules, so that a new one changes no test."""


def docdesk(folder: Path) -> Path:
    shutil.copytree(
        SOURCE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("frontend", "tests", "__pycache__")
    )
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def compared(folder: Path, base: str = "main", chosen: tuple[str, ...] = ("",), choice: Settings = NARROW):
    paths = [folder / name for name in chosen]
    workspace = open_workspace(folder, paths, choice)
    outcome = check_workspace(workspace, choice)
    assert outcome.findings or not list(folder.rglob("docdesk")), "nothing to compare"
    before = workspace_at(fork_point(folder, base).id, workspace, paths, choice)
    return compare_with_base(outcome, workspace, before, choice, base)


def told(found) -> tuple[list[str], list[str]]:
    """What is new and what is gone, as rule and function."""
    new = [f"{one.rule} {one.site.qualname}" for one in found.outcome.findings]
    return new, [f"{one.rule} {one.function}" for one in found.gone]


# what changes nothing


def insert_above(folder: Path) -> None:
    for path in folder.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines(True)
        start = next((n for n, line in enumerate(lines) if line.startswith(("@", "def ", "class ", "async "))), 0)
        lines[start:start] = [f"SPARE_{number} = {number}\n" for number in range(50)]
        path.write_text("".join(lines), encoding="utf-8")


def rename_locals(folder: Path) -> None:
    """Every variable that only its function knows gets another name."""
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        for name in sorted(_locals(ast.parse(text)), key=lambda node: (node.lineno, node.col_offset), reverse=True):
            line, start = lines[name.lineno - 1], name.col_offset
            lines[name.lineno - 1] = f"{line[:start]}the_{line[start:]}"
        path.write_text("\n".join(lines), encoding="utf-8")


def _locals(tree: ast.Module) -> set[ast.Name]:
    found: set[ast.Name] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = list(ast.walk(function))
            names = [node for node in inside if isinstance(node, ast.Name)]
            stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            kept = {node.arg for node in inside if isinstance(node, ast.arg)}
            quoted = [node for node in inside if isinstance(node, ast.JoinedStr)]  # their columns are not to be trusted
            kept |= {node.id for one in quoted for node in ast.walk(one) if isinstance(node, ast.Name)}
            kept |= {name for node in inside if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
            found.update(node for node in names if node.id in stored - kept)
    return found


def reformat(folder: Path) -> None:
    style = ["--isolated", "--config", "line-length=60", "--config", "format.quote-style='single'"]
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *style, str(folder)], check=True, timeout=60)


def move(folder: Path) -> None:
    package = folder / "backend" / "docdesk"
    (package / "rendering.py").rename(package / "imaging.py")
    (package / "services").rename(package / "work")
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\brendering\b", "imaging", text).replace("docdesk.services", "docdesk.work")
        path.write_text(text.replace("from docdesk import services", "from docdesk import work"), encoding="utf-8")


HARMLESS: list[Callable[[Path], None]] = [insert_above, rename_locals, reformat, move]


@pytest.fixture
def project(tmp_path) -> Path:
    return docdesk(tmp_path)


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_a_harmless_change_makes_nothing_new_and_fixes_nothing(project, change):
    before = sorted(path.read_bytes() for path in project.rglob("*.py"))
    change(project)
    assert sorted(path.read_bytes() for path in project.rglob("*.py")) != before
    assert told(compared(project, choice=Settings())) == ([], [])


@settings(max_examples=5, deadline=None, derandomize=True)
@given(changes=st.lists(st.sampled_from(HARMLESS), min_size=2, max_size=4, unique=True), committed=st.booleans())
def test_harmless_changes_add_up_to_nothing(tmp_path_factory, changes, committed):
    project = docdesk(tmp_path_factory.mktemp("docdesk"))
    git(project, "switch", "-q", "-c", "work")
    for change in changes:
        change(project)
    if committed:
        commit(project)
    assert told(compared(project, choice=Settings())) == ([], [])


@pytest.mark.parametrize("change", [insert_above, reformat, move], ids=lambda change: change.__name__)
def test_a_baseline_outlives_a_harmless_change(project, tmp_path_factory, change):
    def checked():
        workspace = open_workspace(project, [project], Settings())
        return workspace, check_workspace(workspace, Settings())

    workspace, outcome = checked()
    path = tmp_path_factory.mktemp("baseline") / "b.json"
    path.write_text(write(outcome, workspace), encoding="utf-8")
    change(project)
    workspace, outcome = checked()
    found = compare_with_file(outcome, workspace, Settings(), read(path))
    assert told(found) == ([], [])
    assert len(found.known) == len(read(path).entries)


# what is new

CLIENT = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
ROUTES = """from app.store import fetch
from fastapi import FastAPI

app = FastAPI()


@app.get("/x")
async def show():
    return fetch("x")
"""
STORE = "def fetch(name):\n    return name\n"
APP = {"app/__init__.py": "", "app/client.py": CLIENT, "app/routes.py": ROUTES, "app/store.py": STORE}


@pytest.fixture
def app(tmp_path) -> Path:
    settings = '[tool.brownout]\nselect = ["missing-timeout", "blocking-call-in-async"]\n'
    return repository(tmp_path, {**APP, "pyproject.toml": settings})


def test_a_new_copy_of_an_old_problem_is_new(app):
    copy = "\n\ndef other(url):\n    return requests.get(url)\n"
    (app / "app/client.py").write_text(CLIENT + copy)
    assert told(compared(app)) == (["missing-timeout other"], [])
    (app / "app/client.py").write_text(CLIENT.replace("    return", "    requests.get(url)\n    return"))
    found = compared(app)
    assert [one.location.span.line for one in found.outcome.findings] == [5]
    (app / "app/client.py").write_text(CLIENT)
    shutil.copy(app / "app/client.py", app / "app/copied.py")
    assert [one.location.path for one in compared(app).outcome.findings] == ["app/copied.py"]


def test_a_changed_helper_makes_findings_in_files_that_did_not_change(app):
    (app / "app/store.py").write_text("import time\n\n\ndef fetch(name):\n    time.sleep(9)\n    return name\n")
    found = compared(app)
    assert told(found) == (["blocking-call-in-async show"], [])
    assert found.outcome.findings[0].location.path == "app/routes.py"


def test_what_was_fixed_is_gone(app):
    (app / "app/client.py").write_text(
        CLIENT.replace("(url)\n", "(url, timeout=3)\n").replace("load(url, timeout=3)", "load(url)")
    )
    assert told(compared(app)) == ([], ["missing-timeout load"])
    (app / "app/client.py").unlink()
    assert told(compared(app)) == ([], ["missing-timeout load"])


def test_a_comment_that_goes_away_makes_its_finding_new(tmp_path):
    quiet = CLIENT.replace("get(url)", "get(url)  # brownout: ignore[missing-timeout] local")
    app = repository(tmp_path, {"app.py": quiet})
    (app / "app.py").write_text(CLIENT)
    assert told(compared(app)) == (["missing-timeout load"], [])


def test_a_file_that_was_broken_before_is_nobodys_fault_now(tmp_path):
    app = repository(tmp_path, {"a.py": "def (\n", "b.py": CLIENT})
    (app / "c.py").write_text("class (\n")
    found = compared(app)
    assert [item.path for item in found.outcome.unreadable] == ["c.py"]


# where the base comes from


def test_the_base_is_where_the_branches_parted(app):
    git(app, "switch", "-q", "-c", "work")
    (app / "app/new.py").write_text(CLIENT.replace("load", "newer"))
    commit(app)
    git(app, "switch", "-q", "main")
    (app / "app/client.py").write_text(CLIENT.replace("requests.get(url)", "requests.get(url, timeout=3)"))
    commit(app)
    git(app, "switch", "-q", "work")
    assert told(compared(app)) == (["missing-timeout newer"], [])


def test_nothing_is_written_and_the_index_is_left_alone(app):
    (app / "app/client.py").write_text(CLIENT + "\n")
    before = {path: path.stat().st_mtime_ns for path in app.rglob("*") if path.is_file()}
    compared(app)
    assert {path: path.stat().st_mtime_ns for path in app.rglob("*") if path.is_file()} == before


def test_what_is_ignored_today_or_reached_through_a_link_is_not_new(tmp_path):
    elsewhere = {"shared/tool.py": CLIENT}
    folder = repository(
        tmp_path / "r", {**elsewhere, "p/app.py": CLIENT, "p/gen/out.py": CLIENT, "p/pyproject.toml": ""}
    )
    (folder / "p/linked.py").symlink_to("../shared/tool.py")
    (folder / "p/lib").symlink_to("../shared")
    commit(folder)
    (folder / "p/.gitignore").write_text("gen/\n")
    found = compared(folder / "p")
    assert told(found) == ([], [])
    assert {one.location.path for one in found.known} == {"app.py", "linked.py", "lib/tool.py"}
    shutil.rmtree(folder / "p/gen")
    assert told(compared(folder / "p")) == ([], [])


def test_a_part_of_the_project_is_compared_with_that_part(app):
    (app / "app/client.py").unlink()
    (app / "app/net").mkdir()
    (app / "app/net/client.py").write_text(CLIENT)
    assert told(compared(app, chosen=("app/net",))) == (["missing-timeout load"], [])
    assert told(compared(app, chosen=("app",))) == ([], [])


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nowhere", "there is no commit 'nowhere' here"),
        ("--output=x", "'--output=x' is no name of a commit"),
        ("", "'' is no name of a commit"),
        ("main:app", "there is no commit 'main:app' here"),
    ],
)
def test_a_base_that_is_none(app, ref, message):
    with pytest.raises(ConfigError, match=re.escape(message) + "$"):
        fork_point(app, ref)


def test_no_repository_and_no_git(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="not a git repository"):
        fork_point(tmp_path, "main")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="git is not installed"):
        fork_point(tmp_path, "main")


def test_a_shallow_clone_says_what_to_fetch(app, tmp_path_factory):
    git(app, "switch", "-q", "-c", "work")
    (app / "app/new.py").write_text(CLIENT.replace("load", "newer"))
    commit(app)
    clone = tmp_path_factory.mktemp("clones") / "shallow"
    git(app, "clone", "-q", "--depth=1", "--branch=work", app.as_uri(), str(clone))
    with pytest.raises(ConfigError, match=r"shallow.*: git fetch --depth=1 origin main$"):
        fork_point(clone, "origin/main")
    git(clone, "fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    found = fork_point(clone, "origin/main")
    assert not found.exact
    assert told(compared(clone, "origin/main")) == (["missing-timeout newer"], [])


# the command line


def brownout(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", **NOBODY}
    command = [sys.executable, "-m", "brownout", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=120)


def test_the_command_line_compares_with_a_commit(app):
    assert brownout(app, "check").returncode == 1
    done = brownout(app, "check", "--diff-base", "main")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Compared with main: 1 known, 0 gone." in done.stdout
    (app / "app/net.py").write_text(CLIENT.replace("load", "newer"))
    done = brownout(app, "check", "--diff-base", "main", "--output-format", "sarif")
    assert done.returncode == 1
    results = json.loads(done.stdout)["runs"][0]["results"]
    (result,) = results
    assert result["baselineState"] == "new"
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "newer"
    assert result["fixes"][0]["artifactChanges"][0]["replacements"]
    done = brownout(app, "check", "--diff-base", "nowhere")
    assert (done.returncode, done.stderr) == (2, "brownout: --diff-base: there is no commit 'nowhere' here\n")


def test_the_command_line_keeps_a_baseline(app):
    assert brownout(app, "baseline").stdout == "brownout-baseline.json: 1 entry\n"
    done = brownout(app, "check", "--baseline", "brownout-baseline.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert brownout(app, "baseline", "-o", "-").stdout == (app / "brownout-baseline.json").read_text()
    (app / "app/client.py").write_text("")
    done = brownout(app, "check", "--baseline", "brownout-baseline.json")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "brownout: brownout-baseline.json: 1 entry matches nothing any more;"
        " renew it with `brownout baseline -o brownout-baseline.json`",
        "  app/client.py: missing-timeout: requests.get in load",
    ]
    for narrower in (["app/store.py"], ["--select", "database"], ["--min-severity", "critical"]):
        assert brownout(app, "check", "--baseline", "brownout-baseline.json", *narrower).stderr == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a baseline: Expecting value"),
        ("\udcff", "not a baseline: 'utf-8' codec"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "findings": []}', "not a baseline of version 1"),
        ('{"version": 1, "findings": {}}', "not a baseline of version 1"),
        ('{"version": 1, "findings": [7]}', "entry 1: not a finding"),
        ('{"version": 1, "findings": [{"rule": "x"}]}', "entry 1: not a finding"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_baseline(tmp_path, text, message):
    path = tmp_path / "b.json"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=message):
        read(path)
