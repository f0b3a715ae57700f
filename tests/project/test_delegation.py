"""What is left to ruff: only what ruff itself says it shows, on the same lines, under the project's own settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from brownout.project.delegation import DELEGATED, Delegation
from brownout.project.session import Session
from brownout.project.settings import Settings
from brownout.rules import load

RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent))
CODE = """import tempfile
import tempfile as t
from tempfile import mktemp


def names():
    handed_on = tempfile.mktemp
    return tempfile.mktemp(), mktemp(suffix=".x"), t.mktemp(), handed_on()
"""
NOTHING = ("", 'lint.select = ["E"]', 'lint.select = ["S"]\nlint.ignore = ["S306"]')
SELECTED = ('lint.select = ["S"]', 'lint.extend-select = ["S306"]', 'select = ["S3"]', 'lint.select = ["ALL"]')
MIXED = (
    'lint.select = ["S306"]\nlint.ignore = ["S"]',
    'lint.select = ["S"]\nlint.extend-ignore = ["S3"]',
    'lint.select = ["ALL"]\nlint.ignore = ["S"]',
    'lint.select = ["S"]\nlint.per-file-ignores = { "code.py" = ["S306"] }',
    'lint.select = ["S"]\nlint.per-file-ignores = { "other.py" = ["S"] }',
    'lint.select = ["S"]\nextend-exclude = ["app"]',
    'extend = "other.toml"',
    'extend = "gone.toml"\nlint.select = ["S"]',
    'extend = "other.toml"\nlint.ignore = ["S306"]',
    "lint.select = [",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "code.py").write_text(CODE)
    (tmp_path / "other.toml").write_text('lint.select = ["S"]')
    (tmp_path / "brownout.toml").touch()
    return tmp_path


def findings(root: Path) -> list[tuple[int, int]]:
    """Where ours are, and those that are left when ruff has been heard."""
    found = Session(root, Settings(select=("insecure-mktemp",))).open().findings
    return [(one.location.span.line, one.location.span.column) for one in Delegation(root).left(found)]


@pytest.mark.parametrize("settings", [*NOTHING, *SELECTED, *MIXED])
@pytest.mark.parametrize("place", ["ruff.toml", "app/.ruff.toml", "pyproject.toml"])
@pytest.mark.skipif(RUFF is None, reason="ruff is not installed")
def test_what_is_hidden_is_what_ruff_shows(project, settings, place):
    if place == "pyproject.toml":
        settings = "".join(f"tool.ruff.{line}\n" for line in settings.splitlines()) or "[tool.ruff]\n"
    if place == "app/.ruff.toml":
        settings = settings.replace('"other.toml"', '"../other.toml"').replace('["app"]', '["code.py"]')
    (project / place).write_text(settings)
    command = [str(RUFF), "check", "--no-cache", "--force-exclude", "--output-format", "concise", "--exit-zero", "."]
    told = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False).stdout
    shown = {(int(line), int(column) - 1) for line, column in re.findall(r"code\.py:(\d+):(\d+): S306", told)}
    every = findings_without_ruff(project)
    assert len(every) == 4
    assert set(findings(project)) == set(every) - shown


def findings_without_ruff(root: Path) -> list[tuple[int, int]]:
    found = Session(root, Settings(select=("insecure-mktemp",))).open().findings
    return [(one.location.span.line, one.location.span.column) for one in found]


def test_nothing_is_left_to_ruff_where_ours_says_more():
    for name in DELEGATED:
        assert load()[name].fix is None
