"""The hooks, through pre-commit itself: installed from this repository, run on the files of another one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRE_COMMIT = shutil.which("pre-commit", path=str(Path(sys.executable).parent))
APP = """import requests


def load(url):
    try:
        return requests.get(url, timeout=3)
    except Exception:
        pass
"""
OLD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"

pytestmark = [
    pytest.mark.skipif(PRE_COMMIT is None, reason="pre-commit is not installed"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="pre-commit makes its own environment: once is enough"),
]


def pre_commit(*arguments: str | Path, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run pre-commit with a cache of its own, outside of any repository that these tests run in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [str(PRE_COMMIT), *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=600, check=False,
        env={**environment, "PRE_COMMIT_HOME": str(home), "NO_COLOR": "1"},
    )  # fmt: skip


def test_the_manifest_is_valid(tmp_path):
    done = pre_commit("validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs hooks from a repository: this is none")
def test_a_commit_is_checked_and_fixed_and_what_is_excluded_is_left_alone(tmp_path):
    project = tmp_path / "project"
    (project / "vendored").mkdir(parents=True)
    (project / "app.py").write_text(APP)
    (project / "vendored" / "old.py").write_text(OLD)
    (project / "brownout.toml").write_text('exclude = ["vendored/"]\nselect = ["missing-timeout", "failure-swallowed"]')
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)

    done = pre_commit("try-repo", ROOT, "--all-files", "--verbose", cwd=project, home=tmp_path / "home")

    if "PackageNotFound" in done.stdout or "No matching distribution" in done.stdout:
        pytest.skip("pre-commit cannot install packages here")
    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert "failure-swallowed" in told, told
    assert "files were modified by this hook" in told, told
    assert "logger.exception(" in (project / "app.py").read_text()
    assert "vendored" not in told, told
    assert (project / "vendored" / "old.py").read_text() == OLD
