"""The laws of the house: what every rule, module and name of the project keeps to."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from brownout.commands.options import LEVELS
from brownout.core import Category
from brownout.project.settings import Level
from brownout.report.pages import SECTIONS, parse
from checking import RULES

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for root in ("rules", "server", "action") for path in (ROOT / root).rglob("*.py"))
FOLDERS = {
    Category.DEPENDENCY: "dependency",
    Category.DATABASE: "database",
    Category.FILESYSTEM: "filesystem",
    Category.NETWORK: "network",
    Category.PIPELINE: "pipeline",
    Category.VALIDATION: "validation",
    Category.DEGRADATION: "degradation",
}
FORBIDDEN = re.compile(r"^(utils?|helpers?|common|managers?|base|misc)$")
SUB_SECTIONS = {f"{number}{letter}" for number in range(1, 8) for letter in "ABC"} - set()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_rule_is_a_page(rule):
    page = parse(rule.doc)
    assert [name for name in page.sections if name not in ("Bad", "Good")] == list(SECTIONS)
    assert page.code("Bad")
    assert len(page.code("Bad")) == len(page.code("Good"))
    assert page.title.endswith(".")
    assert rule.section in SUB_SECTIONS
    path = Path(rule.check.__code__.co_filename)
    assert path.stem == rule.check.__name__ == rule.name.replace("-", "_")
    assert path.parent.name == FOLDERS[rule.category]
    assert rule.effort[0] <= rule.effort[1]
    assert rule.fix in ("safe", "unsafe", None)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    if path.parent.parent.parent.name != "rules" or path.parent.name not in FOLDERS.values():
        assert len(text.splitlines()) <= 300
    assert not FORBIDDEN.match(path.stem)
    document = ast.get_docstring(tree)
    assert document, "no docstring"
    assert document.splitlines()[0].rstrip().endswith((".", "?", ":", ",", ";")) or "\n" in document
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 45, node.name


def test_the_namespace_stays_open():
    assert not [path for path in SOURCES if path.name == "__init__.py" and path.parent.name == "brownout"]


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("libcst", "brownout/fixes"),
        ("pygls", "brownout/server"),
        ("github", "brownout/action"),
        ("sarif_om", "brownout/render/sarif"),
    ],
)
def test_heavy_libraries_have_one_home(package, allowed):
    pattern = re.compile(rf"^\s*(import|from) {package}\b", re.MULTILINE)
    homes = {path.relative_to(ROOT).as_posix() for path in SOURCES if pattern.search(path.read_text(encoding="utf-8"))}
    assert all(allowed in home for home in homes)


def test_the_engine_imports_nothing_heavy():
    code = "import sys, brownout.engine, brownout.rules; brownout.rules.load(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"libcst", "pygls", "github", "rich", "pydantic", "sarif_om", "pathspec"} & set(loaded)


HEAVY = frozenset(
    "pydantic rich pathspec libcst pygls lsprotocol github sarif_om jinja2 packaging asyncio yaml attrs cattrs "
    "difflib multiprocessing subprocess tempfile tomllib pickle ast tokenize dataclasses inspect pathlib typing "
    "logging".split()
)
"""What takes time to import. Each way through the program names those that it pays for."""
OURS = ("engine", "rules", "facts", "model", "catalog", "core", "fixes", "audit", "report", "server", "action")
WORKING = frozenset(
    "difflib multiprocessing tempfile tomllib pickle ast tokenize dataclasses inspect pathlib typing".split()
)
WAYS = {
    "the version": ("--version", frozenset[str](), False),
    "a warm check": ("check --output-format concise", frozenset[str](), False),
    "a warm check for people": ("check", frozenset[str](), False),
    "a cold check": ("check --no-cache --output-format concise", WORKING | {"subprocess"}, True),
    "a cold check with settings": ("check --no-cache --output-format json", WORKING | {"subprocess", "pydantic"}, True),
    "a cold check for people": ("check --no-cache", WORKING | {"subprocess", "rich", "logging"}, True),
}


@pytest.mark.parametrize(("words", "allowed", "ours"), WAYS.values(), ids=WAYS.keys())
def test_each_way_imports_what_it_uses(tmp_path, words, allowed, ours):
    (tmp_path / "app.py").write_text("import requests\n\n\ndef load(url):\n    return requests.get(url)\n")
    if "json" in words:
        (tmp_path / "brownout.toml").write_text('fail-on = "high"\n')
    loaded: list[str] = []
    for _ in range(1 if ours else 2):  # the first makes it warm
        code = "import sys; from brownout.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
        command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {PATHS!r}; {code}", *words.split()]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "XDG_STATE_HOME": str(tmp_path)}
        )
        loaded = done.stderr.splitlines()[-1].split()
    tops = {name.partition(".")[0] for name in loaded}
    assert HEAVY & tops <= allowed
    found = {name.split(".")[1] for name in loaded if name.startswith("brownout.")} & set(OURS)
    assert bool(found) == ours, found


PATHS = [path for path in sys.path if path and not path.endswith("tests")]


def test_a_server_starts_with_what_it_speaks():
    code = "import sys, brownout.server.door; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"libcst", "github", "sarif_om", "jinja2", "rich", "pydantic", "pathspec", "packaging"}
    assert not heavy & {name.partition(".")[0] for name in loaded}
    assert not [name for name in loaded if name.startswith(("brownout.engine", "brownout.facts", "brownout.catalog"))]


def test_the_version_is_told_at_once():
    def seconds(*command: str) -> float:
        times: list[float] = []
        for _ in range(7):
            before = os.times()
            subprocess.run([sys.executable, *command], capture_output=True, check=True)
            after = os.times()
            times.append(after.children_user + after.children_system - before.children_user - before.children_system)
        return min(times)

    assert seconds("-m", "brownout", "--version") < max(0.04, 2.5 * seconds("-c", "import runpy"))


def test_the_levels_of_the_command_line_are_those_of_the_settings():
    assert tuple(Level) == LEVELS
