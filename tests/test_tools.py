"""The tools of whoever works on brownout: the book is up to date, drafts are whole."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from brownout.catalog.schema import Page

from tools.book import BOOK, book
from tools.new_library import text
from tools.new_rule import draft

ROOT = Path(__file__).parent.parent


def test_the_book_is_what_the_rules_say():
    assert BOOK.read_text(encoding="utf-8") == book(), "make book"


def test_a_drafted_rule_is_a_page_that_runs(tmp_path):
    page, cases = draft("4C", "slow-answer", tmp_path)

    assert page.relative_to(tmp_path).as_posix() == "rules/brownout/rules/network/slow_answer.py"
    assert cases.relative_to(tmp_path).as_posix() == "tests/rules/network/slow_answer.md"
    done = subprocess.run(
        [sys.executable, "-c", f"import runpy; print(runpy.run_path({str(page)!r})['slow_answer'].name)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "slow-answer"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(page)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("section", "name"), [("8A", "slow-answer"), ("4C", "SlowAnswer"), ("4", "slow")])
def test_words_that_cannot_be_used_are_refused(section, name, tmp_path):
    with pytest.raises(SystemExit, match="is no "):
        draft(section, name, tmp_path)


def test_nothing_is_overwritten(tmp_path):
    draft("4C", "slow-answer", tmp_path)

    with pytest.raises(SystemExit, match="already there"):
        draft("4C", "slow-answer", tmp_path)


def test_a_drafted_library_speaks_the_language(tmp_path):
    package = tmp_path / "slowlib"
    package.mkdir()
    (package / "__init__.py").write_text("from .client import Client, SlowError, ask\n", encoding="utf-8")
    (package / "client.py").write_text(
        "class SlowError(Exception): ...\n\n"
        "class Client:\n    async def send(self, body, timeout=None): ...\n    def close(self): ...\n\n"
        "def ask(url, *, read_timeout=None): ...\n",
        encoding="utf-8",
    )

    page = Page.model_validate(tomllib.loads(text(package, "slow-lib", "1.2")))

    assert (page.library, page.distribution, page.checked) == ("slowlib", "slow-lib", "1.2")
    assert list(page.raises) == ["slowlib.SlowError"]
    assert [one.name for one in page.classes] == ["slowlib.Client"]
    found = {call.names[0]: call.timeout for call in page.calls}
    assert set(found) == {"slowlib.Client.send", "slowlib.ask"}
    assert found["slowlib.Client.send"] is not None and found["slowlib.Client.send"].position == 1
    assert found["slowlib.ask"] is not None and found["slowlib.ask"].position is None
