"""What the docs promise is there: every test that a table names, every setting, no talk with anybody."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from brownout.server import options
from brownout.server.options import Options

ROOT = Path(__file__).parent.parent
TABLES = {"docs/action.md": 15, "docs/editors/README.md": 25}
"""Pages with a table of features, and how many rows it has at least."""
NETWORK = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "socket", "smtplib", "ftplib", "urllib3"}


def written() -> set[str]:
    """The names of all tests, and the steps of the one in VS Code."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if not {"cache", "node_modules", ".cache"} & set(path.parts):
            found |= set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    steps = (ROOT / "tests" / "vscode" / "test.mjs").read_text(encoding="utf-8")
    return found | set(re.findall(r'await step\("([^"]+)"', steps))


def rows(page: str) -> list[tuple[str, list[str]]]:
    """The features of a page, each with the tests that it names."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("| Feature ") and line.endswith("| Test |")]
    found: list[tuple[str, list[str]]] = []
    for head in heads:
        for line in lines[head + 2 :]:
            if not line.startswith("| "):
                break
            cells = re.split(r"(?<!\\) \| ", line.strip("| "))
            found.append((cells[0], re.findall(r'`(test_\w+)`|"([^"]+)"', cells[-1])))  # type: ignore[arg-type]
    return [(feature, ["".join(one) for one in names]) for feature, names in found]


@pytest.mark.parametrize("page", TABLES)
def test_every_feature_names_tests_that_are_there(page):
    found, known = rows(page), written()
    assert len(found) >= TABLES[page]
    assert [feature for feature, names in found if not names] == []
    assert [name for _, names in found for name in names if name not in known] == []


def test_a_test_that_is_not_there_would_be_noticed():
    assert "test_that_nobody_wrote" not in written()
    assert {"test_neovim", "test_a_fork", "F8 goes there and says what is wrong"} <= written()


def test_every_setting_of_the_server_is_in_the_docs_and_in_vs_code():
    text = Path(options.__file__).read_text(encoding="utf-8")
    known = set(re.findall(r'\(section, "(\w+)"', text)) | set(re.findall(r'section\.get\("(\w+)"', text))
    known -= {"brownout", "settings"}
    assert len(known) >= len(fields(Options)) - 2
    page = (ROOT / "docs" / "editors" / "README.md").read_text(encoding="utf-8")
    assert known == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    manifest = json.loads((ROOT / "vscode-client" / "package.json").read_text(encoding="utf-8"))
    offered = {name for part in manifest["contributes"]["configuration"] for name in part["properties"]}
    assert {f"brownout.{name}" for name in known - {"trace"}} <= offered


def test_the_house_phones_nobody():
    for path in [*(ROOT / "rules").rglob("*.py"), *(ROOT / "server").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not NETWORK & set(names), path
    for path in (ROOT / "vscode-client" / "src").glob("*.ts"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bfetch\(|node:https?|TelemetryLogger|XMLHttpRequest", text), path
