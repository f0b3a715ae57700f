"""The laws of the house: what every rule, module and name of the project keeps to."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from brownout.core import Category
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
