"""A rule's page is its first test: Bad is reported where it says, Good is silent, the fix turns one into the other."""

from __future__ import annotations

import re

import pytest
from brownout.fixes.apply import apply
from brownout.report.pages import SECTIONS, parse
from checking import RULES, findings
from literate import MARK

PAGES = [
    pytest.param(rule, bad, good, id=f"{rule.name}-{index}")
    for rule in RULES.values()
    for index, (bad, good) in enumerate(zip(parse(rule.doc).code("Bad"), parse(rule.doc).code("Good"), strict=True), 1)
]


@pytest.mark.parametrize(("rule", "bad", "good"), PAGES)
def test_page(rule, bad, good):
    lines = bad.splitlines()
    expected = [number for number, line in enumerate(lines, 1) if MARK.search(line)]
    bad = "".join(MARK.sub("", line) + "\n" for line in lines)

    found = findings({"app.py": bad}, rule.name)

    assert [finding.location.span.line for finding in found] == expected
    assert findings({"app.py": good}, rule.name) == []
    if rule.fix is not None:
        assert found[0].fixes, "the page declares a fix that is not offered"
        applied = apply(bad, [finding.fixes[0] for finding in found])
        assert applied.source == good
        assert all(fix.safe == (rule.fix == "safe") for finding in found for fix in finding.fixes[:1])
    for finding in found:
        for section in SECTIONS:
            assert not re.search(r"(?<!\{)\{[a-z_]+\}", parse(rule.doc).tell(section, finding.words))


def test_one_cause_is_told_once():
    blocking = """\
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/projects")
async def projects():
    return requests.get("http://label-studio/api/projects", timeout=10).json()
"""
    both = "async-route-never-awaits", "blocking-call-in-async"

    found = findings({"app.py": blocking}, *both)

    assert [finding.rule for finding in found] == ["blocking-call-in-async"]
    assert "delete async" in found[0].fixes[-1].title
    assert [finding.rule for finding in findings({"app.py": blocking}, both[0])] == [both[0]]


def test_rules_yield_to_rules_that_there_are():
    assert {other for rule in RULES.values() for other in rule.yields_to} <= RULES.keys()
