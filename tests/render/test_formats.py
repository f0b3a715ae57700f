"""The registry, the formats of one line each, and what every format must bear."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from brownout.core import Severity
from brownout.model.source import Unreadable
from brownout.render import FORMATS, render
from brownout.report.fingerprints import fingerprints
from reports import BROKEN, CHAIN, EMPTY, FULL, MILD, NASTY, finding

EVERY = [*FORMATS, "statistics"]


@pytest.mark.parametrize("name", EVERY)
def test_every_format_is_a_pure_function(name):
    assert render(FULL, name) == render(FULL, name)
    for report in (EMPTY, FULL, replace(FULL, rules={}), replace(FULL, source=lambda path: ())):
        text = render(report, name)
        assert text.endswith("\n") or not text
        assert "\r" not in text


@pytest.mark.parametrize("name", EVERY)
def test_names_that_are_no_unicode_come_through(name):
    odd = "app/\udce4.py"
    report = replace(FULL, findings=(finding(odd, message="a \ud83d b"),), unreadable=(Unreadable(odd, 1, "\udcff"),))
    render(report, name).encode("utf-8")


def test_an_unknown_format_is_refused():
    with pytest.raises(KeyError):
        render(EMPTY, "report")


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ("full", "sarif")])
def test_heavy_libraries_wait_for_their_format(name):
    code = (
        "import sys\nfrom brownout.render import render\nfrom brownout.render.report import Report\n"
        f"render(Report((), (), {{}}, 0, 0), {name!r})\nprint(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"rich", "sarif_om", "attr", "pydantic", "libcst", "difflib"} & set(loaded)


def test_concise():
    assert render(FULL, "concise", quiet=True).splitlines() == [
        "backend/app/broken.py:7:1: MEDIUM unreadable-file syntax error: '(' was never closed",
        "backend/app/base.py:2:22: MONITOR unknown-rule `url` is looked at",
        "backend/app/client.py:4:9: MEDIUM missing-timeout `requests.get` can wait forever: no `timeout` given",
        "backend/app/many lines,100%:.py:1:1: CRITICAL missing-timeout"
        " `x[0](1)` is 100% [bold]gone[/bold], 😀  ::error::␛[31m",
        "backend/app/wide.py:1:12: HIGH missing-timeout `call` may wait (to be confirmed)",
    ]
    assert render(EMPTY, "concise") == "No findings in 3 files (120 lines), 0.0 s.\n"


def test_statistics():
    assert render(FULL, "statistics", quiet=True) == (
        "count  rule             worst                         fix\n"
        "    3  missing-timeout  CRITICAL (1 to be confirmed)  unsafe\n"
        "    1  unknown-rule     MONITOR\n"
        "    1  unreadable-file  MEDIUM\n"
    )
    assert render(EMPTY, "statistics", quiet=True) == ""


def test_github_escapes_and_sorts():
    first, worst, *_, mildest = render(FULL, "github").splitlines()
    assert first == (
        "::warning file=backend/app/broken.py,line=7,title=brownout (unreadable-file)"
        "::syntax error: '(' was never closed"
    )
    assert worst == (
        "::error file=backend/app/many lines%2C100%25%3A.py,line=1,endLine=1,col=1,endColumn=6,"
        "title=brownout (missing-timeout)::CRITICAL: `x[0](1)` is 100%25 [bold]gone[/bold], 😀  ::error::␛[31m"
        "%0ADo: Give `timeout` a value that a user would accept to wait."
    )
    assert mildest.startswith("::notice file=backend/app/base.py,line=2,endLine=2,col=22,endColumn=25,")
    (chain,) = render(replace(EMPTY, findings=(CHAIN,)), "github").splitlines()
    assert "no `timeout` given%0A→ app/base.py:2  `get` [is called](9) here%0ADo: Give" in chain


@pytest.mark.parametrize("base", ["../", "../../api/", "/srv/app/", "C:/app/"])
def test_services_are_given_no_path_outside_of_the_repository(base):
    report = replace(EMPTY, findings=(MILD,), base=base)
    assert "file=app/base.py," in render(report, "github")
    assert json.loads(render(report, "gitlab"))[0]["location"]["path"] == "app/base.py"
    assert render(report, "concise").startswith(f"{base}app/base.py:2:22: ")


def test_fingerprints_count_equal_sites_and_know_no_lines():
    moved = finding(span=(40, 8, 40, 20))
    one, two = fingerprints((finding(), moved))
    assert one != two
    assert fingerprints((moved,)) == [one]
    assert len({*fingerprints((CHAIN, NASTY, MILD))}) == 3
    assert fingerprints((finding(severity=Severity.MONITOR, message="other words"),)) == [one]


def test_the_summary_counts_safe_and_unsafe_fixes():
    safe = replace(CHAIN.fixes[0], safe=True)
    report = replace(EMPTY, findings=(CHAIN, replace(CHAIN, fixes=(safe,)), replace(CHAIN, fixes=(safe,))))
    assert "2 fixable with `brownout fix`, 1 more with --unsafe." in render(report, "concise")
    assert BROKEN.path not in render(report, "concise")
