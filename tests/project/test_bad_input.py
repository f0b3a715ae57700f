"""Any input ends in findings or in one clear line, and the rest of the project is still checked."""

from __future__ import annotations

import ast
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import check
from brownout.model.source import SourceFile
from brownout.project.checking import check_workspace
from brownout.project.decode import decode
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace
from brownout.rules import load
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from literate import cases

GOOD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
FILES = {
    "syntax error": (b"def f(:\n", "bad.py:1: syntax error"),
    "null byte": (b"x = 1\ny = '\0'\n", "bad.py:2: holds a null byte"),
    "latin-1": (b"x = 1\nname = 'caf\xe9'\n", "bad.py:2: not UTF-8: byte 0xe9"),
    "unknown encoding": (b"# coding: klingon\n", "bad.py:1: cannot be decoded: unknown encoding"),
    "utf-16": ("x = 1\n".encode("utf-16"), "bad.py:1: saved as UTF-16"),
    "nested brackets": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", "bad.py:1: "),
    "deep expression": (b"x = " + b"-" * 50_000 + b"1\n", "bad.py:1: "),
    "newer syntax": (b"x = 1\nclass = 3\n", "bad.py:2: syntax error"),
    "tabs and spaces": (b"if x:\n        a\n\tb\n", "bad.py:3: syntax error"),
}
FINE = {
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
    "crlf": b"x = 1\r\ny = 2\r\n",
    "form feed": b"x = 1\n\x0c\ny = 2\n",
    "latin-1 with a cookie": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "empty": b"",
    "no last line end": b"x = 1",
    "100,000 lines": b"x = [1, 2, 3]\n" * 100_000,
    "2,000 terms": b"x = " + b" + ".join([b"a"] * 2000) + b"\n",
}


def brownout(folder):
    command = [sys.executable, "-m", "brownout", "check", "--output-format", "concise", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "brownout.toml").write_text("")
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_one_clear_line(project, name):
    data, words = FILES[name]
    (project / "bad.py").write_bytes(data)
    done = brownout(project)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "bad.py" in line]
    assert len(lines) == 1, done.stdout + done.stderr
    assert words.partition(":")[2].strip(" 123:") in lines[0]
    assert "good.py:5:12" in done.stdout
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", FINE)
def test_ordinary_files_in_odd_clothes(project, name):
    (project / "odd.py").write_bytes(FINE[name])
    done = brownout(project)
    assert "odd.py" not in done.stdout + done.stderr
    assert "good.py:5:12" in done.stdout


def test_what_is_no_file(project):
    os.mkfifo(project / "pipe.py")
    (project / "loop.py").symlink_to("loop.py")
    (project / "gone.py").symlink_to("nowhere.py")
    (project / "up").symlink_to("..")
    done = brownout(project)
    assert "Traceback" not in done.stderr
    for name, words in {
        "pipe.py": "not a regular file", "loop.py": "a link that leads back to itself",
        "gone.py": "cannot be read", "up": "a link to a folder above itself",
    }.items():  # fmt: skip
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(f"{name}:")]
        assert len(lines) == 1, name
        assert words in lines[0]
    assert "good.py:5:12" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_what_may_not_be_read(project):
    (project / "locked").mkdir(mode=0)
    (project / "secret.py").write_text("x = 1\n")
    (project / "secret.py").chmod(0)
    done = brownout(project)
    (project / "locked").chmod(0o700)
    assert "locked:1: " in done.stdout + done.stderr
    assert "secret.py:1: " in done.stdout + done.stderr
    assert "good.py:5:12" in done.stdout


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"# coding: rot13\n")
@example(b"# coding: utf-16\nx = 1\n")
@example(b"\xef\xbb\xbf# coding: latin-1\n")
def test_any_bytes(data):
    text = decode(data, "a.py")
    if isinstance(text, str):
        judged(text)
    else:
        assert text.line >= 1
        assert text.message


WORDS = st.sampled_from(
    "def class async await for in with as try except finally return yield import from requests get open self x y "
    "( ) [ ] { } : , . = == + * ** -> @ lambda not if else while \n \n \n     \t f'{x}' 'a' 1 None".split(" ")
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_words(text):
    judged(text)


SNIPPETS = [
    text
    for page in sorted((Path(__file__).parents[1] / "variants").glob("*.md"))
    for case in cases(page)
    for name, text in case.files.items()
    if name.endswith(".py")
]


@pytest.mark.parametrize("seed", range(300))
def test_names_that_are_mixed_up(seed):
    """Code of the variants in which names stand for one another: what is made of itself, what runs in circles."""
    lots = random.Random(seed)
    text = lots.choice(SNIPPETS)
    names = sorted({node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)})
    for _ in range(lots.randint(1, 4)):
        one, other = lots.choice(names), lots.choice(names)
        text = re.sub(rf"\b{one}\b", other, text)
    judged(text)


def judged(text):
    """Check a file; nothing may fail over it."""
    result = check([SourceFile("a.py", "a", text)], rules=list(load().values()), catalog=Catalog())
    assert not [item.message for item in result.unreadable if "bug in brownout" in item.message]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_rule_that_fails_costs_nothing_else(project, jobs, monkeypatch):
    def broken(code):
        raise LookupError("no such\nthing")

    rules = load()
    rules = {**rules, "stuck-status": replace(rules["stuck-status"], check=broken)}
    monkeypatch.setattr("brownout.project.checking.load", lambda: rules)
    workspace = open_workspace(project, [project], Settings())

    outcome = check_workspace(workspace, Settings(), jobs=jobs)

    told = [item for item in outcome.unreadable if item.path == "good.py"]
    assert [item.message for item in told] == [
        "stuck-status could not judge this file: LookupError: no such (a bug in brownout: please report it)"
    ]
    assert "good.py" in {finding.location.path for finding in outcome.findings}


def test_a_link_to_the_project_is_the_project(project, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project, target_is_directory=True)

    workspace = open_workspace(link, [link], Settings())

    assert workspace.wanted is None
    assert "good.py" in {source.path for source in workspace.sources}
