"""The Action never runs what it checks, whatever a pull request puts where Python, pip and git look for code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk import NEWER, Desk
from repositories import git, write

ROOT = Path(__file__).parent.parent.parent
TRAP = 'import pathlib\npathlib.Path(__file__).parent.joinpath("SPRUNG").touch()\nraise SystemExit("sprung")\n'
NAMES = (
    "venv.py", "pip.py", "json.py", "github.py", "brownout.py", "urllib3.py", "libcst.py", "pydantic.py", "ast.py",
    "sitecustomize.py", "usercustomize.py", "conftest.py", "setup.py", "hashlib.py", "sarif_om/__init__.py",
)  # fmt: skip


@pytest.fixture
def trapped(desk) -> Desk:
    desk.push({**dict.fromkeys(NAMES, TRAP), "app/newer.py": NEWER, "pip.conf": "[global]\nno-index = true\n"})
    desk.check_out(desk.merge)
    for hook in ("post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        place = desk.checkout / ".git" / "hooks" / hook
        place.write_text(f"#!/bin/sh\ntouch {desk.checkout}/SPRUNG\n")
        place.chmod(0o755)
    return desk


def in_the_checkout(desk: Desk, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    own = {
        **os.environ,
        **environment,
        "PYTHONPATH": str(desk.checkout),
        "PYTHONSTARTUP": str(desk.checkout / "ast.py"),
    }
    done = subprocess.run(command, cwd=desk.checkout, capture_output=True, text=True, env=own, timeout=400)
    assert not list(desk.checkout.rglob("SPRUNG")), done.stdout + done.stderr
    return done


def test_the_check_runs_nothing_of_the_checkout(trapped):
    found = trapped.environment("pull_request", trapped.event(), trapped.merge, "refs/pull/1/merge")
    command = [sys.executable, "-I", "-X", "utf8", str(ROOT / "action" / "launch.py")]
    done = in_the_checkout(trapped, command, found)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "brownout: 1 new finding in " in done.stdout
    assert len(trapped.github.comments) == 1


def test_the_command_line_starts_the_same_way(trapped):
    command = [sys.executable, "-I", str(ROOT / "action" / "launch.py"), "check", "--diff-base", trapped.base, "."]
    git(trapped.checkout, "fetch", "-q", "--depth=1", "origin", trapped.base)
    done = in_the_checkout(trapped, command, {})
    assert done.returncode == 1, done.stderr
    assert "1 new finding" in done.stdout


@pytest.fixture
def setup(trapped, runner):
    """Runs setup.sh in the trapped checkout, on the machine's own Python."""

    def run(**environment: str) -> tuple[subprocess.CompletedProcess[str], str]:
        output = trapped.folder / "output"
        output.unlink(missing_ok=True)
        found = {
            "RUNNER_TEMP": str(trapped.folder),
            "RUNNER_TOOL_CACHE": str(runner / "cache" / "act" / "tool_cache"),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            **environment,
        }
        done = in_the_checkout(trapped, ["bash", str(ROOT / "action" / "setup.sh")], found)
        said = dict(line.split("=", 1) for line in output.read_text().splitlines()) if output.exists() else {}
        return done, said.get("python", "")

    return run


def test_setting_up_runs_nothing_of_the_checkout_and_is_kept(setup):
    done, python = setup()
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run([python, "-I", "-c", "import github, libcst, pydantic, sarif_om"]).returncode == 0
    home = Path(python).parent.parent
    made = home.stat().st_mtime_ns
    again, same = setup()
    assert (again.returncode, same, home.stat().st_mtime_ns) == (0, python, made)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"BROWNOUT_INPUT_PYTHON_VERSION": "3.99"},
            "Python 3.99 is not on this runner: run actions/setup-python before",
        ),
        ({"BROWNOUT_INPUT_PYTHON_VERSION": "3; touch SPRUNG"}, "python-version: '3; touch SPRUNG' is no version"),
        ({"BROWNOUT_INPUT_PYTHON_VERSION": "../*"}, "python-version: '../*' is no version"),
        ({"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}, ""),
    ],
)
def test_a_runner_that_is_not_fit(setup, environment, message):
    done, python = setup(**environment)
    if message:
        assert (done.returncode, python) == (2, "")
        assert done.stdout.startswith(f"::error title=brownout::{message}")
    else:  # whatever python3 this machine has there: too old, without pip, or nothing to install from
        assert done.returncode != 0
        assert "::error title=brownout::" in done.stdout


def test_what_is_installed_is_pinned_by_hash():
    lines = (ROOT / "action" / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in pins)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
    assert not [line for line in lines if "://" in line]


def test_the_pins_are_what_the_project_asks_for():
    import tomllib

    from packaging.requirements import Requirement

    page = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {requirement.name.lower(): requirement for requirement in map(Requirement, page["project"]["dependencies"])}
    wanted = (ROOT / "action" / "requirements.in").read_text().splitlines()
    names = {line for line in wanted if line and not line.startswith("#")}
    assert asked.keys() - names == {"lsprotocol", "pygls", "rich"}, "only what other doors need is left out"
    pins = dict(
        line.split(" ", 1)[0].split("==")
        for line in (ROOT / "action" / "requirements.txt").read_text().splitlines()
        if line and not line.startswith((" ", "#"))
    )
    assert all(asked[name].specifier.contains(pins[name], prereleases=True) for name in names)


def test_a_file_that_git_would_run_is_not_run(desk):
    write(desk.origin, {".gitattributes": "*.py filter=evil diff=evil\n"})
    desk.push({"app/newer.py": NEWER})
    desk.check_out(desk.merge)
    for key in ("filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor", "core.sshCommand"):
        git(desk.checkout, "config", key, f"touch {desk.checkout}/SPRUNG")
    ran = desk.run(desk.environment("pull_request", desk.event(), desk.merge, "refs/pull/1/merge"))
    assert ran.outputs["new"] == "1"
    assert not (desk.checkout / "SPRUNG").exists()
