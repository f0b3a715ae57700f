"""Fixes as literate pages: `before.py` becomes `after.py` under `brownout fix --unsafe`; without one it stays.

Other files of a case lie beside it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from brownout.project.fixing import fix_workspace
from brownout.project.settings import Settings
from brownout.project.workspace import Workspace, sources_of
from literate import Case, cases

SEVERAL = {"several": ("missing-timeout", "subprocess-without-timeout", "blocking-call-in-async")}
CASES = [case for page in sorted(Path(__file__).parent.glob("*.md")) for case in cases(page)]


def fixed(text: str, *rules: str, beside: dict[str, str] | None = None) -> str:
    """The text after all rounds of fixes, for the rules named, or for all."""
    workspace = Workspace(Path(), sources_of({"app.py": text, **(beside or {})}), (), {}, None)
    return fix_workspace(workspace, Settings(), unsafe=True, only=rules).texts.get("app.py", text)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_fix(case: Case):
    rules = SEVERAL.get(case.page.stem, (case.page.stem.replace("_", "-"),))
    before = case.files["before.py"]
    beside = {path: text for path, text in case.files.items() if path not in ("before.py", "after.py")}

    after = fixed(before, *rules, beside=beside)

    assert after == case.files.get("after.py", before)
    ast.parse(after)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_stay(end):
    before = f"import requests{end}{end}{end}def rates(url):{end}    return requests.get(url){end}"

    after = fixed(before, "missing-timeout")

    assert after == before.replace("get(url)", "get(url, timeout=30)")


def test_the_last_line_may_lack_its_end():
    assert fixed("import requests\nrequests.get('x')", "missing-timeout").endswith("requests.get('x', timeout=30)")


@pytest.mark.parametrize("blank", ["\f", "#\u2028", "#\x1c"])
def test_characters_that_end_no_line_stay(blank):
    before = f"import requests\n{blank}\n\ndef rates(url):\n    return requests.get(url)\n"

    assert fixed(before, "missing-timeout") == before.replace("get(url)", "get(url, timeout=30)")
