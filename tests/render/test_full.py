"""The format for people: exact where it matters, whatever the code holds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from brownout.core import Fix, Span
from brownout.render import render
from reports import BROKEN, CHAIN, EMPTY, FULL, NASTY, SUSPECTED, finding

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def shown(*findings, **more):
    return render(replace(EMPTY, findings=findings), "full", quiet=True, **more)


def test_a_finding_with_a_chain():
    assert shown(CHAIN) == (
        "missing-timeout  MEDIUM  app/client.py:4:9\n"
        "  `requests.get` can wait forever: no `timeout` given\n"
        "  MEDIUM, not HIGH: a local server answers in milliseconds\n"
        '  4 │     return requests.get(url["[bold]"])\n'
        "    │            ^^^^^^^^^^^^\n"
        "  → app/base.py:2  `get` [is called](9) here\n"
        "  2 │     return get('😀😀', url)\n"
        "    │            ^^^\n"
        "  Why: `requests.get` has no time limit.\n"
        "  Do:  Give `timeout` a value that a user would accept to wait.\n"
        "  [unsafe fix available: Add timeout=30]\n"
        "\n"
    )


def test_carets_stand_under_what_follows_wide_characters():
    assert "  1 │ 名前 = '漢字'; call(x)\n    │                ^^^^\n" in shown(SUSPECTED)
    assert "missing-timeout  HIGH (to be confirmed)  app/wide.py:1:12\n" in shown(SUSPECTED)


def test_markup_emoji_and_control_characters_are_text():
    text = shown(NASTY, finding("app/evil.py", (1, 0, 1, 4)))
    assert "  `x[0](1)` is 100% [bold]gone[/bold], 😀  ::error::␛[31m\n" in text
    assert "  1 │ call('␛[2J<U+202E>')\n    │ ^^^^\n" in text
    assert "\x1b" not in text


def test_a_span_of_several_lines_is_underlined_to_the_end_of_the_first():
    assert "  1 │ call(\n    │ ^^^^^\n" in shown(NASTY)


def test_a_long_line_is_cut_around_the_place():
    start = 7 * 60
    text = shown(finding("app/long.py", (1, start, 1, start + 4)), width=60)
    code, carets = text.splitlines()[2:4]
    assert len(code) <= 60
    assert code.startswith("  1 │ …") and code.endswith("…")
    assert code[carets.index("^") : carets.rindex("^") + 1] == "call"


def test_prose_is_wrapped_under_itself():
    doc = EMPTY.rules["missing-timeout"].doc.replace("has no time limit.", "has " + "no " * 30 + "limit.")
    rule = replace(EMPTY.rules["missing-timeout"], doc=doc)
    lines = render(replace(EMPTY, findings=(finding(),), rules={rule.name: rule}), "full", width=60).splitlines()
    why = next(index for index, line in enumerate(lines) if line.startswith("  Why: "))
    assert lines[why + 1].startswith("       no ")
    assert max(map(len, lines[why : why + 2])) <= 60


def test_a_safe_fix_is_told_apart():
    fix = Fix("Close it [now]", True, "close", Span(1, 0, 1, 1))
    assert "  [fix available: Close it [now]]\n" in shown(finding(fixes=(fix,)))


@pytest.mark.parametrize("path", ["gone.py", "app/client.py"])
def test_no_source_no_rule_no_failure(path):
    text = shown(finding(path, (99, 500, 99, 501), rule="unknown-rule"))
    assert text == f"unknown-rule  HIGH  {path}:99:501\n  `requests.get` can wait forever: no `timeout` given\n\n"


@pytest.mark.parametrize("column", [0, 1, 3, 400, 10_000])
@pytest.mark.parametrize("width", [1, 40, 200])
def test_every_place_can_be_shown(column, width):
    for path in ("app/client.py", "app/wide.py", "app/long.py", "app/evil.py"):
        assert "^" in shown(finding(path, (1, column, 1, column)), width=width)


def test_colours_only_when_asked_for():
    plain = render(FULL, "full")
    colored = render(FULL, "full", color=True)
    assert "\x1b" not in plain
    assert "\x1b[31mHIGH\x1b[0m" in colored
    assert ANSI.sub("", colored) == plain


def test_the_environment_does_not_matter(monkeypatch):
    before = render(FULL, "full"), render(FULL, "full", color=True)
    for name, value in {"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "20", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
        assert (render(FULL, "full"), render(FULL, "full", color=True)) == before


def test_unreadable_files_and_the_summary():
    text = render(FULL, "full")
    assert text.startswith(f"unreadable-file  MEDIUM  backend/app/broken.py:7\n  {BROKEN.message}\n\n")
    assert text.endswith(
        "3 findings (1 CRITICAL, 1 MEDIUM, 1 MONITOR) and 1 to be confirmed"
        " in 1,234 files (56,789 lines), 1.2 s.\n"
        "1 fixable with `brownout fix --unsafe`. 1 file could not be read."
        " 2 not shown (--min-severity, --suspected). 1 switched off by comments.\n"
    )
    assert render(EMPTY, "full") == "No findings in 3 files (120 lines), 0.0 s.\n"
    assert render(EMPTY, "full", quiet=True) == ""
