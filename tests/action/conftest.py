"""A desk for each test, and no pauses between requests: there is nobody to be spared on loopback."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from brownout.action import api, upload
from desk import Desk

ROOT = Path(__file__).parent.parent.parent
STUB = """
name: checkout
description: What actions/checkout does, from the repository next door.
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        cd "$GITHUB_WORKSPACE" && git init -q -b main . && git remote add origin "$DESK_ORIGIN"
        git fetch -q --no-tags --depth=1 origin "$DESK_SHA" && git checkout -q --force --detach FETCH_HEAD
"""


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch) -> None:
    monkeypatch.setattr(api, "PAUSE_AFTER_WRITE", 0.0)
    monkeypatch.setattr(api, "BACKOFF", 0.0)
    monkeypatch.setattr(upload, "WAITS", (0.0, 0.0, 0.0))


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    with found.github:
        yield found


@pytest.fixture(scope="session")
def runner(tmp_path_factory) -> Path:
    """The Action as it is published, a stub of checkout, and a home with a tool cache: set up once for all tests."""
    home = tmp_path_factory.getbasetemp().parent / f"act-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    if not (home / "complete").exists():
        for name in ("action", "rules", "server"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, home / "action" / name, dirs_exist_ok=True, ignore=ignored)
        shutil.copy(ROOT / "action.yml", home / "action")
        (home / "checkout").mkdir(exist_ok=True)
        (home / "checkout" / "action.yml").write_text(STUB)
        tools(home).mkdir(parents=True, exist_ok=True)
        (home / "complete").touch()
    return home


def tools(home: Path) -> Path:
    """Where act keeps the tool cache below a home."""
    return home / "cache" / "act" / "tool_cache"
