"""The formats for programs: JSON, JSON lines, GitLab, JUnit, reviewdog."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

from brownout.fixes.edits import Edit
from brownout.render import render
from reports import CHAIN, EMPTY, FULL, NASTY, finding


def test_json_has_every_field():
    document = json.loads(render(FULL, "json"))
    assert {key: document[key] for key in ("version", "files", "lines", "hidden", "suppressed")} == {
        "version": 1,
        "files": 1234,
        "lines": 56789,
        "hidden": 2,
        "suppressed": 1,
    }
    assert document["unreadable"] == [
        {
            "kind": "unreadable",
            "rule": "unreadable-file",
            "severity": "MEDIUM",
            "path": "backend/app/broken.py",
            "line": 7,
            "message": "syntax error: '(' was never closed",
        }
    ]
    found = document["findings"][1]
    assert found.pop("fingerprint") == "983c5864fb3ad0e6e17b7b2aa539acb5"
    assert found == {
        "kind": "finding",
        "rule": "missing-timeout",
        "severity": "MEDIUM",
        "likelihood": "High",
        "certainty": "certain",
        "message": "`requests.get` can wait forever: no `timeout` given",
        "path": "backend/app/client.py",
        "line": 4,
        "column": 9,
        "end_line": 4,
        "end_column": 21,
        "because": "a local server answers in milliseconds",
        "why": "`requests.get` has no time limit.",
        "do": "Give `timeout` a value that a user would accept to wait.",
        "function": "get",
        "name": "requests.get",
        "cause": "requests.get",
        "words": {"call": "requests.get", "display": "Label Studio", "limit": "timeout"},
        "notes": [
            {
                "path": "backend/app/base.py",
                "line": 2,
                "column": 12,
                "end_line": 2,
                "end_column": 15,
                "message": "`get` [is called](9) here",
            }
        ],
        "fixes": [{"title": "Add timeout=30", "safe": False, "recipe": "add_keyword"}],
        "edits": [{"line": 4, "end_line": 5, "text": '\treturn requests.get(url["[bold]"], timeout=30)\n'}],
        "category": "Network",
        "section": "4C",
        "effort_minutes": [5, 15],
        "impact": {"user": "Significant", "data": "None", "recovery": "Manual Intervention"},
    }
    assert document["findings"][2]["message"] == NASTY.message
    assert document["findings"][0]["category"] is None


def test_json_lines_are_the_same_objects():
    rows = [json.loads(line) for line in render(FULL, "json-lines").splitlines()]
    document = json.loads(render(FULL, "json"))
    assert rows == [*document["unreadable"], *document["findings"]]
    assert render(EMPTY, "json-lines") == ""


def test_gitlab():
    issues = json.loads(render(FULL, "gitlab"))
    assert [issue["severity"] for issue in issues] == ["major", "minor", "major", "blocker", "info"]
    assert issues[2] == {
        "type": "issue",
        "check_name": "missing-timeout",
        "description": "`requests.get` can wait forever: no `timeout` given",
        "categories": ["Bug Risk"],
        "severity": "major",
        "fingerprint": "983c5864fb3ad0e6e17b7b2aa539acb5",
        "location": {"path": "backend/app/client.py", "lines": {"begin": 4, "end": 4}},
    }
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert json.loads(render(EMPTY, "gitlab")) == []


def test_junit():
    root = ElementTree.fromstring(render(FULL, "junit"))
    counts = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "5", "failures": "3", "errors": "1", "skipped": "1", "time": "1.230"}
    assert [suite.get("name") for suite in root] == [
        "backend/app/broken.py",
        "backend/app/base.py",
        "backend/app/client.py",
        "backend/app/many lines,100%:.py",
        "backend/app/wide.py",
    ]
    chain = root[2][0]
    assert chain.attrib == {
        "name": "missing-timeout:4",
        "classname": "backend.app.client",
        "file": "backend/app/client.py",
        "line": "4",
    }
    failure = chain[0]
    assert failure.attrib == {"message": CHAIN.message, "type": "MEDIUM"}
    assert failure.text == (
        f"backend/app/client.py:4:9: {CHAIN.message}\n→ backend/app/base.py:2  `get` [is called](9) here"
    )
    assert root[3][0][0].get("message") == "`x[0](1)` is 100% [bold]gone[/bold], 😀  ::error::␛[31m"
    assert root[4][0][0].tag == "skipped"


def test_junit_of_a_clean_run_has_a_test_that_passed():
    root = ElementTree.fromstring(render(EMPTY, "junit"))
    assert (root.get("tests"), root.get("failures"), len(root[0][0])) == ("1", "0", 0)


def test_rdjson_counts_bytes():
    diagnostics = json.loads(render(FULL, "rdjson"))["diagnostics"]
    assert [found["severity"] for found in diagnostics] == ["WARNING", "INFO", "WARNING", "ERROR", "INFO"]
    assert diagnostics[1]["location"] == {
        "path": "backend/app/base.py",
        "range": {"start": {"line": 2, "column": 28}, "end": {"line": 2, "column": 31}},
    }
    assert diagnostics[2]["suggestions"] == [
        {
            "range": {"start": {"line": 4, "column": 1}, "end": {"line": 5, "column": 1}},
            "text": '\treturn requests.get(url["[bold]"], timeout=30)\n',
        }
    ]
    assert diagnostics[3]["location"]["range"]["end"] == {"line": 4, "column": 2}


def test_rdjson_of_an_edit_at_the_end_of_a_file_without_a_line_end():
    found = finding("last.py", (2, 0, 2, 1))
    report = replace(
        EMPTY,
        findings=(found,),
        source=lambda path: ["a", "é = b"],
        edits={found: [Edit(2, 3, "c\n"), Edit(1, 1, "d\n")]},
    )
    suggestions = json.loads(render(report, "rdjson"))["diagnostics"][0]["suggestions"]
    assert suggestions == [
        {"range": {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 7}}, "text": "c"},
        {"range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 1}}, "text": "d\n"},
    ]
