"""The generated tests are run on the demo: what the failure map says, for better or worse, is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit.auditing import DOCDESK, docdesk

FIXTURES = """

@pytest.fixture
def document_id(desk: Desk) -> str:
    return desk.ready("Too short")["id"]


@pytest.fixture
def database(settings: Settings) -> str:
    return str(settings.database_path)
"""
"""What the project has to add to its own fixtures."""
ELSEWHERE = "without_pillow"
"""The demo's tests have a picture of their own instead of Pillow's."""


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("demo") / "backend"
    shutil.copytree(DOCDESK / "backend", folder)
    conftest = folder / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text() + FIXTURES)
    generated = next(file for file in docdesk().chaos.files if file.name == "test_chaos.py")
    Path(folder / "tests" / "test_chaos.py").write_text(generated.content)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "tests/test_chaos.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.stdout + done.stderr


def test_what_fails_today_fails_and_what_is_handled_is_handled(told):
    wrong = [line for line in told.splitlines() if re.match(r"(FAILED|ERROR|XPASS) ", line)]
    assert [line for line in wrong if ELSEWHERE not in line] == [], told
    assert len(re.findall(r"^XFAIL ", told, re.MULTILINE)) >= 6
    assert len(re.findall(r"^PASSED ", told, re.MULTILINE)) >= 3
