"""Matching today's findings with earlier ones, on traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownout.report.matching import Trace, carried_over, match

OLD = Trace("missing-timeout", "app/client.py", "load", "requests.get", "return requests.get(url)", line=7)


@pytest.mark.parametrize(
    "now",
    [
        replace(OLD, line=57),
        replace(OLD, code="return requests.get( self.url )"),
        replace(OLD, code="    answer = requests.get(url)", line=8),
        replace(OLD, name="http.requests.get", code="x"),
        replace(OLD, name="app.other.name"),
        replace(OLD, function="fetch"),
        replace(OLD, path="app/net.py", function="fetch"),
        replace(OLD, path="app/net.py", code="return  requests.get( url )"),
    ],
)
def test_the_same_problem(now):
    assert match([OLD], [now]) == {0: 0}


@pytest.mark.parametrize(
    "now",
    [
        replace(OLD, rule="another-rule"),
        replace(OLD, function="fetch", code="return requests.get(other)"),
        replace(OLD, path="app/net.py", code="return requests.get(other)"),
        replace(OLD, function="fetch", name="requests.post", code="return requests.get(url)"),
    ],
)
def test_another_problem(now):
    assert match([OLD], [now]) == {}


def test_each_earlier_finding_accounts_for_one():
    copy = replace(OLD, function="fetch")
    assert match([OLD], [OLD, copy]) == {0: 0}
    assert match([OLD], [copy, OLD]) == {1: 0}
    assert match([OLD, OLD], [OLD, OLD, OLD]) == {0: 0, 1: 1}


def test_where_a_count_grew_the_new_one_is_on_a_line_that_changed():
    added = replace(OLD, line=6)
    assert match([OLD], [added, OLD]) == {1: 0}
    other = replace(OLD, code="return requests.get(other)", line=0)
    assert match([other], [replace(OLD, line=3), replace(other, line=9)]) == {1: 0}


def test_a_copy_elsewhere_is_new_while_the_old_one_is_there_and_moved_when_it_is_not():
    copy = replace(OLD, path="app/net.py")
    assert match([OLD], [OLD, copy]) == {0: 0}
    assert match([OLD], [copy]) == {0: 0}


BEFORE = "import requests\n\n\ndef load(url):\n    # why\n    limit = 3\n    return requests.get(url)\n"


def test_lines_that_stayed_keep_their_findings():
    after = BEFORE.replace("    # why\n", "    # why not\n    # and so on\r\n")
    assert carried_over([OLD], [], {OLD.path: BEFORE}, {OLD.path: after}) == [replace(OLD, line=8)]
    assert carried_over([replace(OLD, line=5)], [], {OLD.path: BEFORE}, {OLD.path: after})[0].line == 0
    crlf = BEFORE.replace("\n", "\r\n")
    assert carried_over([OLD], [], {OLD.path: BEFORE}, {OLD.path: crlf}) == [OLD]


def test_a_file_that_moved_is_known_by_its_words():
    moved = replace(OLD, path="net/http.py")
    decoy = replace(OLD, path="net/client.py")
    texts = {moved.path: BEFORE.replace("    ", "\t") + "\n# more\n", decoy.path: "import os\n" * 5 + BEFORE[:20]}
    (found,) = carried_over([OLD], [decoy, moved], {OLD.path: BEFORE}, texts)
    assert found.path == moved.path
    (still,) = carried_over([OLD], [moved], {OLD.path: BEFORE}, {OLD.path: BEFORE, **texts})
    assert still.path == OLD.path
