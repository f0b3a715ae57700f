"""The report in Markdown has every heading and field that the audit's specification asks for, in its order."""

from __future__ import annotations

import re

import pytest
from brownout.render.audit import render
from brownout.report.pages import parse
from brownout.rules import load

from audit.auditing import audit, docdesk

HEADINGS = (
    "## Environment & Assumptions",
    "## Findings",
    "## Suspicious Patterns",
    "## Coverage",
    "## Chaos Testing Recommendations",
    "### Recommended Chaos Tests for This Stack",
    "## Vibe Score",
    "### Justification",
    "### Top 3 resilience improvements",
    "## Summary & Action Plan",
    "### 1) Fix Now (critical failure modes)",
    "### 2) Fix Soon (high-impact improvements)",
    "### 3) Monitor (edge cases, chaos test regularly)",
    "**Estimated time to implement all Fix Now items:**",
    "### Chaos testing infrastructure recommendations",
    "#### Tools",
    "#### Test environment setup",
    "#### Failure injection patterns for this stack",
    "#### Monitoring to add before chaos testing",
)
"""What the specification names, in its order (findings come before the coverage of its sub-sections)."""
INVENTORY = (
    "Error handling patterns",
    "Retry mechanisms",
    "Timeout configuration",
    "Fallback and degradation strategies",
    "Health check implementations",
    "Circuit breaker patterns",
)
AREAS = (
    "1) External Dependency Failures",
    "2) Database Failures",
    "3) File System Failures",
    "4) Network & WebSocket Failures",
    "5) Processing Pipeline Failures",
    "6) Input Validation & Malformed Data",
    "7) Partial Failure & Degraded Operation",
)
FIELDS = (
    r"\[SEVERITY: (CRITICAL|HIGH|MEDIUM|MONITOR)\]",
    r"\*\*Location:\*\* \S+ : \d+",
    r"\*\*Failure Category:\*\* (External Dependency|Database|File System|Network|Pipeline|Input "
    r"Validation|Degradation) ",
    r"\*\*The Problem:\*\*\n\n- \S",
    r"\*\*Failure Scenario:\*\*\n\n- \S",
    r"- Likelihood: (High|Medium|Low)\n",
    r"\*\*Current Behavior:\*\*\n\n- \S",
    r"\*\*Impact Assessment:\*\*\n\n- User Impact: (None|Minor|Significant|Critical)\n",
    r"- Data Risk: (None|Recoverable|Potential Loss|Corruption)\n",
    r"- Recovery: (Automatic|Manual Intervention|Complex Recovery|Data Loss)\n",
    r"\*\*How to Verify:\*\*\n\n- \S",
    r"\*\*The Fix:\*\*\n\n- \S",
    r"```diff\n--- a/\S+\n\+\+\+ b/\S+\n@@",
    r"\*\*Trade-off Consideration:\*\*\n\n- \S",
)
"""The mandatory format of an issue: every field, in its order, with the words that it allows."""
FAMILIES = {
    "Label Studio Failure Injection": 4,
    "SQLite Stress Testing": 4,
    "Docling Model Failures": 4,
    "File System Chaos": 4,
    "WebSocket Disruption": 4,
    "Processing Pipeline Failures": 4,
}
METRICS = (
    "Error rate by type",
    "Recovery time metrics",
    "Dependency health status",
    "User-facing error frequency",
)


@pytest.fixture(scope="module")
def report() -> str:
    return render(docdesk(), "markdown")


def test_the_headings_stand_in_their_order(report):
    lines = report.splitlines()
    places = [next(i for i, line in enumerate(lines) if line.startswith(heading)) for heading in HEADINGS]
    assert places == sorted(places)


def test_the_six_questions_come_first_and_are_answered(report):
    before = report[: report.index("## Findings")]
    for title in INVENTORY:
        assert re.search(rf"### {title}.*: (Found|Absent|Needs Confirmation)\n\n\S", before), title


def test_all_sub_sections_are_told(report):
    text = report[report.index("## Coverage") : report.index("## Chaos Testing")]
    assert [area for area in AREAS if f"### {area}\n" in text] == list(AREAS)
    found = re.findall(r"^#### ([A-C])\) (.+): (\S.*)\n\nLooked for: .+\n\n(.+)$", text, re.MULTILINE)
    assert [letter for letter, *_ in found] == list("ABC") * 7
    assert {status for _, _, status, _ in found} <= {
        "findings",
        "clean",
        "not applicable",
        "no rule yet",
        "needs confirmation",
    }


def test_every_issue_has_every_field_in_order(report):
    text = report[report.index("## Findings") : report.index("## Suspicious Patterns")]
    blocks = re.split(r"^#### ", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(docdesk().issues) > 10
    for block in blocks:
        position = 0
        for field in FIELDS:
            match = re.search(field, block[position:])
            assert match, (field, block[:200])
            position += match.start()
        assert ("- MONITOR. " in block) == ("[SEVERITY: MONITOR]" in block)


def test_no_slot_is_left_open(report):
    findings = report[report.index("## Findings") : report.index("## Suspicious Patterns")]
    prose = re.sub(r"```.*?```|`[^`]*`", "", findings, flags=re.DOTALL)
    assert not re.search(r"\{[a-z_]+[|}]", prose)


def test_the_six_families_have_all_their_tests(report):
    for number, (family, count) in enumerate(FAMILIES.items(), 1):
        block = report[report.index(f"#### {number}) {family}\n") :].split("\n#### ")[0].split("\n## ")[0]
        trials = re.findall(r"^- \*\*.+\*\*[.:]", block, re.MULTILINE)
        assert len(trials) == count, family
        assert block.count("```sh") == count


def test_the_four_metrics_are_named_with_a_place(report):
    text = report[report.index("#### Monitoring to add") :]
    for metric in METRICS:
        assert re.search(rf"- \*\*{metric}\*\*: .+ Where: `\S+:\d+`", text), metric


def test_the_score_is_told_with_its_sentence_and_reasons(report):
    text = report[report.index("## Vibe Score") : report.index("## Summary")]
    assert re.search(r"\*\*Resilience readiness: \d+\.\d / 10\*\*", text)
    assert docdesk().score.sentence in text
    assert 2 <= len(docdesk().score.reasons) <= 5
    assert len(docdesk().score.improvements) == 3


def test_the_front_end_is_to_be_confirmed():
    found = [(one.section, one.path, one.line) for one in docdesk().suspicions if one.path.startswith("frontend/")]
    assert ("4A", "frontend/src/progress.ts", 7) in found
    assert [line for section, path, line in found if path == "frontend/src/api.ts"] == [6, 11, 18, 27, 32, 40, 45]


def test_what_is_said_of_a_fetch_is_true_of_that_fetch():
    """The signal and the status check of the next function are not this one's."""
    told = {one.line: one.needs for one in docdesk().suspicions if one.path == "frontend/src/api.ts"}
    assert [line for line, needs in told.items() if "An abort signal is given" in needs] == [45]
    assert [line for line, needs in told.items() if "; the status is looked at" in needs] == [18, 45]


def test_nothing_found_is_told_too():
    report = render(audit({"shop/sums.py": "def add(a, b):\n    return a + b\n"}), "markdown")
    for heading in HEADINGS:
        assert heading in report
    assert "not scored" in report
    assert report.count("not applicable") > 24


def test_the_date_is_the_callers():
    files = {"shop/sums.py": "x = 1\n"}
    assert "2026-01-31" in render(audit(files, "2026-01-31"), "markdown")
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", render(audit(files), "markdown"))


@pytest.mark.parametrize("name", sorted(load()))
def test_the_problem_is_told_in_two_to_four_sentences(name):
    told = " ".join(parse(load()[name].doc).tell("The Problem").split())
    assert 2 <= len(re.findall(r"[.!?](?=[\")]*(?:\s+[\"(]*[A-Z`{]|$))", told)) <= 4
