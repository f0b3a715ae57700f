"""Corner cases and the variants that were written before the rules, as literate pages: one case, one test."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from brownout.core import Finding, Severity
from checking import RULES, result
from literate import Case, cases

HERE = Path(__file__).parent
CASES = [
    case for folder in ("rules", "variants") for page in sorted((HERE / folder).rglob("*.md")) for case in cases(page)
]
MISSED = {
    (case["page"], case["title"]): case["why"]
    for case in tomllib.loads((HERE / "variants" / "missed.toml").read_text(encoding="utf-8"))["case"]
}


def marks(case: Case) -> list[pytest.MarkDecorator]:
    """A case that is known not to be answered as expected must stay so until it leaves the list."""
    why = MISSED.get((case.page.stem, case.title))
    return [] if why is None else [pytest.mark.xfail(strict=True, reason=why)]


PARAMETERS = [pytest.param(case, id=f"{case.page.parent.name}/{case.name}", marks=marks(case)) for case in CASES]


@pytest.mark.parametrize("case", PARAMETERS)
def test_case(case: Case):
    name = case.page.stem.replace("_", "-")

    found = result(case.files, name)

    assert not found.unreadable
    shown = [finding for finding in found.findings if not mild(finding)]
    places = sorted((finding.location.path, finding.location.span.line) for finding in shown)
    assert places == sorted((path, line) for path, line, _ in case.expected)
    for path, line, text in case.expected:
        if text:
            finding = next(f for f in shown if (f.location.path, f.location.span.line) == (path, line))
            assert text in finding.message


def mild(finding: Finding) -> bool:
    """Whether a finding was lowered so far that nobody sees it who does not ask."""
    return finding.severity is Severity.MONITOR and finding.lower > 0


def test_every_missed_case_exists():
    assert MISSED.keys() <= {(case.page.stem, case.title) for case in CASES}


def test_every_page_belongs_to_a_rule():
    assert {case.page.stem.replace("_", "-") for case in CASES} <= RULES.keys()
