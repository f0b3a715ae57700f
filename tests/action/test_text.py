"""What the Action writes and reads, piece by piece: hunks, Markdown, inputs, outputs, summaries that are too long."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from brownout.action import comment, event, inputs, sarif, summary
from brownout.action.examine import Examined
from brownout.action.hunks import Hunk, hunks
from brownout.action.inputs import Inputs, WrongInput
from brownout.action.log import Log, outputs
from brownout.action.markdown import safe
from brownout.action.results import Results
from brownout.action.score import Score
from brownout.action.suggestions import suggestions
from brownout.fixes.edits import Edit
from brownout.project.baseline import Comparison
from brownout.project.checking import Outcome
from brownout.project.settings import Settings
from desk import outputs as read_outputs
from reports import CHAIN, EMPTY, FIX, FULL, finding

PATCH = """@@ -1,3 +1,4 @@ def f():
 one
-gone
+two
+three
 four
@@ -10,2 +11,2 @@
 eleven
-x
+twelve
\\ No newline at end of file"""


def test_hunks_are_the_new_lines():
    assert list(hunks(PATCH)) == [Hunk(1, ("one", "two", "three", "four")), Hunk(11, ("eleven", "twelve"))]
    first, second = hunks(PATCH)
    assert first.holds(1, 4)
    assert not first.holds(4, 5)
    assert not first.holds(4, 11)
    assert second.line(12) == "twelve"
    assert list(hunks("@@ -0,0 +1 @@\n+only")) == [Hunk(1, ("only",))]
    assert list(hunks("@@ -1,2 +0,0 @@\n-a\n-b")) == []
    assert list(hunks("")) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`a.b` waits", "`a.b` waits"),
        ("`a | b` c | d", "`a \\| b` c \\| d"),
        (
            "@team [x](y) ![z](q) <img> *b* & #7",
            "&#64;team \\[x\\]\\(y\\) \\!\\[z\\]\\(q\\) &lt;img> \\*b\\* &amp; \\#7",
        ),
        ("`open", "'open"),
        ("a\r\n## b\x1b[2J", "a \\#\\# b␛\\[2J"),
        ("`@team`", "`@team`"),
    ],
)
def test_text_of_strangers_is_text(text, shown):
    assert safe(text) == shown


def test_inputs_have_defaults_and_are_trimmed():
    assert inputs.read({}) == Inputs()
    given = {"PATHS": " a b \n", "ONLY_NEW": "False", "FAIL_ON": " HIGH ", "CATEGORY": "x/", "UPLOAD": ""}
    found = inputs.read({f"BROWNOUT_INPUT_{name}": value for name, value in given.items()})
    assert (found.paths, found.only_new, found.fail_on, found.category, found.upload) == (
        ("a", "b"),
        False,
        "high",
        "x",
        True,
    )
    assert inputs.read({"BROWNOUT_INPUT_PATHS": "a b\nc"}).paths == ("a b", "c")
    with pytest.raises(WrongInput, match="comment: '1' is neither true nor false"):
        inputs.read({"BROWNOUT_INPUT_COMMENT": "1"})


@pytest.mark.parametrize(
    "page", ["", "[]", "{", '{"pull_request": 7}', '{"pull_request": {"head": [], "number": "1"}}']
)
def test_events_that_are_none(tmp_path, page):
    place = tmp_path / "event.json"
    place.write_text(page)
    found = event.read({"GITHUB_EVENT_PATH": str(place), "GITHUB_EVENT_NAME": "push"})
    assert (found.number, found.base, found.head) == (None, "", "")
    assert event.read({"GITHUB_EVENT_PATH": str(tmp_path / "gone")}).name == ""


def test_a_merge_queue_names_its_base(tmp_path):
    place = tmp_path / "event.json"
    place.write_text('{"merge_group": {"base_sha": "abc"}}')
    assert event.read({"GITHUB_EVENT_PATH": str(place)}).base == "abc"


def test_an_output_cannot_set_another(tmp_path):
    place = tmp_path / "output"
    outputs(str(place), {"report": "a\nnew<<x\n9\nx", "new": "1"})
    assert read_outputs(place) == {"report": "a\nnew<<x\n9\nx", "new": "1"}


def test_no_line_of_the_log_is_a_command():
    stream = io.StringIO()
    log = Log(stream)
    log.say("x\n::set-output name=a::b")
    log.error("50%\n::warning::x")
    assert stream.getvalue() == "brownout: x ::set-output name=a::b\n::error title=brownout::50%25 ::warning::x\n"


def examined(*findings, **changes) -> Examined:
    outcome = Outcome(findings, 0, (), (), (), EMPTY.rules, 3, 120)
    comparison = Comparison("main", outcome, changes.pop("known", ()), ())
    report = replace(EMPTY, findings=findings, **changes)
    return Examined(Path(), Settings(), outcome, report, comparison, "a" * 40, True, 1.0, Score())


def test_a_comment_and_a_summary_that_would_be_too_long_are_cut(monkeypatch):
    many = tuple(finding(span=(number, 0, number, 4), message="`x` " + "long " * 2_000) for number in range(1, 400))
    results = Results(event.Event(repository="acme/desk", run_url="https://x/1"), examined(*many))
    text = comment.write(results)
    assert len(text) <= comment.LONGEST
    shown = text.count("| 🟠 HIGH |")
    assert 0 < shown < comment.TOP
    assert f"and {len(many) - shown} more in [the summary](https://x/1)" in text
    page = summary.write(results, [])
    assert len(page.encode()) < 1_048_576
    rows = page.count("| 🟠 HIGH |")
    assert f"and {len(many) - rows} more, in the SARIF file." in page


def test_a_sarif_file_that_would_be_too_large_keeps_the_worst(monkeypatch):
    from brownout.core import Severity

    mild = tuple(finding(span=(number, 0, number, 4), severity=Severity.MONITOR) for number in range(1, 40))
    bad = finding(severity=Severity.CRITICAL)
    report = replace(EMPTY, findings=(*mild, bad))
    text, left_out = sarif.fitting(report)
    assert left_out == 0
    monkeypatch.setattr(sarif, "LARGEST", len(sarif.packed(text)) - 100)
    text, left_out = sarif.fitting(report)
    assert 0 < left_out < len(mild)
    assert '"level": "error"' in text


def test_a_suggestion_replaces_whole_lines():
    (one,) = suggestions(replace(FULL, findings=(CHAIN,)))
    assert (one.path, one.start, one.end) == ("backend/app/client.py", 4, 4)
    assert one.replaced == ('\treturn requests.get(url["[bold]"])',)
    assert one.text == '\treturn requests.get(url["[bold]"], timeout=30)\n'
    body = one.comment()["body"]
    assert isinstance(body, str)
    assert "Add timeout=30 (changes what callers may see: read it first)." in body


def test_edits_that_belong_together_become_one_suggestion():
    edits = [Edit(2, 2, "import os\n"), Edit(4, 5, "\tx\n")]
    (one,) = suggestions(replace(EMPTY, findings=(CHAIN,), edits={CHAIN: edits}))
    assert (one.start, one.end) == (2, 4)
    assert one.text == "import os\n\ndef get(url):\n\tx\n"
    (inserted,) = suggestions(replace(EMPTY, findings=(CHAIN,), edits={CHAIN: [Edit(1, 1, "import os\n")]}))
    assert (inserted.start, inserted.end, inserted.text) == (1, 1, "import os\nimport requests\n")
    assert suggestions(replace(EMPTY, findings=(CHAIN,), edits={})) == []


def test_a_fence_is_longer_than_those_in_the_code():
    ticks = finding(fixes=(FIX,))
    (one,) = suggestions(replace(EMPTY, findings=(ticks,), edits={ticks: [Edit(4, 5, 'x = """\n````\n"""\n')]}))
    assert "\n`````suggestion\nx = " in str(one.comment()["body"])
