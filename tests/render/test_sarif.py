"""SARIF: valid by its schema, explicit about levels, and what code scanning wants of it.

The schema beside this file is the one of the OASIS standard, as Microsoft's validator ships it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from brownout.core import Certainty, Severity
from brownout.fixes.edits import Edit
from brownout.render import render, sarif
from brownout.render.sarif.linehash import line_hashes
from jsonschema import Draft202012Validator
from reports import CHAIN, EMPTY, FULL, SOURCES, finding


@cache
def validator() -> Draft202012Validator:
    text = (Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def run(report):
    log = json.loads(render(report, "sarif"))
    assert [error.message for error in validator().iter_errors(log)] == []
    assert list(log) == ["$schema", "version", "runs"]
    (found,) = log["runs"]
    return found


def result(found, **changes):
    return run(replace(EMPTY, findings=(found,), **changes))["results"][0]


def test_an_empty_run_says_that_it_ran():
    found = run(EMPTY)
    assert found["results"] == []
    assert found["invocations"] == [{"executionSuccessful": True}]
    assert found["columnKind"] == "utf16CodeUnits"
    assert found["automationDetails"] == {"id": "brownout/"}
    assert list(found["originalUriBaseIds"]) == ["%SRCROOT%"]


def test_rules_carry_their_page():
    (rule,) = run(EMPTY)["tool"]["driver"]["rules"]
    assert rule["id"] == "missing-timeout"
    assert rule["name"] == "MissingTimeout"
    assert rule["shortDescription"] == {"text": "Call that can wait forever."}
    assert rule["fullDescription"]["text"].startswith("The call has no time limit. If the other side")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["markdown"].startswith("## The Problem\n\nThe call has no time limit.")
    assert '## Bad\n\n```python\nrequests.get(f"{url}/x")\n```' in rule["help"]["markdown"]
    assert "```" not in rule["help"]["text"]
    assert rule["properties"]["problem.severity"] == "error"
    assert rule["properties"]["precision"] == "high"
    assert "security-severity" not in rule["properties"]


@pytest.mark.parametrize(
    ("severity", "certainty", "level"),
    [
        (Severity.CRITICAL, Certainty.CERTAIN, "error"),
        (Severity.HIGH, Certainty.CERTAIN, "error"),
        (Severity.MEDIUM, Certainty.CERTAIN, "warning"),
        (Severity.MONITOR, Certainty.CERTAIN, "note"),
        (Severity.CRITICAL, Certainty.SUSPECTED, "note"),
    ],
)
def test_every_level_is_written(severity, certainty, level):
    assert result(finding(severity=severity, certainty=certainty))["level"] == level
    rule = replace(EMPTY.rules["missing-timeout"], severity=severity)
    (told,) = run(replace(EMPTY, rules={rule.name: rule}))["tool"]["driver"]["rules"]
    assert "level" in told["defaultConfiguration"]


def test_a_chain_is_a_flow_and_linked_related_locations():
    found = result(CHAIN)
    assert found["message"]["text"] == (
        "`requests.get` can wait forever: no `timeout` given."
        " MEDIUM since a local server answers in milliseconds."
        " See: [`get` \\[is called\\](9) here](1)."
    )
    (related,) = found["relatedLocations"]
    assert related["id"] == 1
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "app/base.py"
    (flow,) = found["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [step["physicalLocation"]["region"]["startLine"] for step in steps] == [4, 2]
    assert all(step["message"]["text"] for step in steps)
    assert found["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "get", "kind": "function"}]
    assert (found["ruleId"], found["ruleIndex"]) == ("missing-timeout", 0)


def test_a_finding_without_a_chain_has_no_flow():
    assert not {"codeFlows", "relatedLocations", "fixes"} & set(result(finding()))


def test_columns_are_utf16_units_and_regions_one_line():
    def region(report):
        return result(report)["locations"][0]["physicalLocation"]["region"]

    assert region(finding("app/base.py", (2, 21, 2, 24))) == {
        "startLine": 2,
        "startColumn": 24,
        "endLine": 2,
        "endColumn": 27,
    }
    assert region(finding("app/many lines,100%:.py", (1, 0, 4, 1))) == {
        "startLine": 1,
        "startColumn": 1,
        "endLine": 1,
        "endColumn": 6,
    }
    assert region(finding("gone.py", (3, 2, 9, 4))) == {
        "startLine": 3,
        "startColumn": 3,
        "endLine": 3,
        "endColumn": 4,
    }


def test_paths_are_relative_and_percent_encoded():
    uri = result(finding("app/many lines,100%:.py", (1, 0, 1, 4)), base="back end/")
    assert uri["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "back%20end/app/many%20lines%2C100%25%3A.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert run(replace(EMPTY, base="backend/"))["automationDetails"] == {"id": "brownout/backend/"}
    assert run(replace(EMPTY, base="../x/"))["automationDetails"] == {"id": "brownout/"}


def test_nothing_in_a_message_becomes_a_link_that_was_none():
    text = result(finding(message="`x[0](1)` and [bold] 100% {0}\n\x1b[2J 😀"))["message"]["text"]
    assert text == "`x\\[0](1)` and [bold] 100% {0} ␛[2J 😀."


def test_fingerprints():
    known = result(finding())["partialFingerprints"]
    assert known["primaryLocationLineHash"] == line_hashes(SOURCES["app/client.py"])[4]
    assert len(known["brownoutFingerprint/v1"]) == 32
    crlf = [f"{line}\r" for line in SOURCES["app/client.py"].split("\n")]
    assert result(finding(), source=lambda path: crlf)["partialFingerprints"] == known
    assert list(result(finding("gone.py"))["partialFingerprints"]) == ["brownoutFingerprint/v1"]


def test_fixes_only_where_the_edits_are_known():
    (fix,) = result(CHAIN, edits={CHAIN: [Edit(4, 5, "new\n")]})["fixes"]
    assert fix["description"] == {"text": "Add timeout=30"}
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 4, "startColumn": 1, "endLine": 5, "endColumn": 1},
            "insertedContent": {"text": "new\n"},
        }
    ]
    assert "fixes" not in result(CHAIN)


def test_unreadable_files_are_notifications():
    (invocation,) = run(FULL)["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert told["descriptor"] == {"id": "unreadable-file"}
    assert told["level"] == "warning"
    assert told["message"] == {"text": "syntax error: '(' was never closed"}
    assert told["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_a_run_holds_no_more_than_github_takes(monkeypatch):
    monkeypatch.setattr(sarif, "LIMIT", 2)
    mild = finding(severity=Severity.MONITOR)
    found = run(replace(EMPTY, findings=(mild, finding(), mild, finding())))
    assert [one["level"] for one in found["results"]] == ["error", "error"]
    assert len({one["partialFingerprints"]["brownoutFingerprint/v1"] for one in found["results"]}) == 2
    assert found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("2 of the milder")


def test_sarif_tools_read_what_we_wrote(tmp_path):
    path = tmp_path / "x.sarif"
    path.write_text(render(FULL, "sarif"), encoding="utf-8")
    read = subprocess.run(
        [sys.executable, "-m", "sarif", "summary", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={"PYTHONIOENCODING": "utf-8"},
    ).stdout
    counts = [line for line in read.splitlines() if line.startswith(("error", "warning", "note"))]
    assert counts == ["error: 1", "warning: 1", "note: 2"]
    assert " - missing-timeout `requests.get` can wait forever" in read
