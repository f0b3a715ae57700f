"""A page speaks of a finding where it has one, of anyone where it has none, and never fails or shows a brace."""

from __future__ import annotations

import pytest
from brownout.report.pages import SECTIONS, parse

DOC = """Call that can wait.

## The Problem
`{call}` waits for {display}, e.g. Redis, for
ever: {gap|nothing stops it}. So does {strange_word}. {display} may hang.

## The Fix
Give `{limit}` a value! Then test.

## Bad
```python
import requests
## not a heading
requests.get(f"{url}/x")  # expect: why
```

## Good
```python
def f():
    return {1: "{call}"}
```

```python
second = 2
```
"""


def test_title_and_sections_in_order():
    page = parse(DOC)
    assert page.title == "Call that can wait."
    assert list(page.sections) == ["The Problem", "The Fix", "Bad", "Good"]


def test_code_keeps_marks_and_splits_blocks():
    page = parse(DOC)
    assert page.code("Bad") == ['import requests\n## not a heading\nrequests.get(f"{url}/x")  # expect: why\n']
    assert page.code("Good") == ['def f():\n    return {1: "{call}"}\n', "second = 2\n"]
    assert page.code("The Fix") == page.code("No Such Section") == []


def test_an_indented_block_is_dedented():
    assert parse("T.\n\n## Bad\n  ```python\n  if x:\n\n      y()\n  ```\n").code("Bad") == ["if x:\n\n    y()\n"]


@pytest.mark.parametrize("words", [{"call": "a{b}"}, (("call", "a{b}"),)])
def test_tell_fills_words_once(words):
    assert parse(DOC).tell("The Problem", words).startswith("`a{b}` waits for the other side, e.g. Redis")


def test_tell_of_anyone():
    told = parse(DOC).tell("The Problem")
    assert told == (
        "The call waits for the other side, e.g. Redis, for\n"
        "ever: nothing stops it. So does strange word. The other side may hang.\n"
    )
    assert parse(DOC).tell("No Such Section") == ""


def test_examples_are_not_filled_and_lose_their_marks():
    assert 'f"{url}/x")\n' in parse(DOC).tell("Bad", {"url": "no"})
    assert "expect" not in parse(DOC).tell("Bad")
    assert '"{call}"' in parse(DOC).tell("Good", {"call": "no"})


def test_sentence_is_cut_before_it_is_filled():
    page = parse(DOC)
    words = {"call": "a.b. C", "display": "Label Studio"}
    assert page.sentence("The Problem", words) == (
        "`a.b. C` waits for Label Studio, e.g. Redis, for ever: nothing stops it."
    )
    assert page.sentence("The Fix") == "Give `timeout` a value!"
    assert page.sentence("Current Behavior") == ""


def test_slots_are_the_words_that_a_finding_needs():
    assert parse(DOC).slots("The Problem") == {"call", "display", "gap", "strange_word"}
    assert parse(DOC).slots("Bad") == frozenset()


@pytest.mark.parametrize("doc", ["", "Only a title.", "## The Fix", "T.\n## Bad\n```python\nnever closed"])
def test_a_broken_page_is_read_all_the_same(doc):
    page = parse(doc)
    assert all(isinstance(page.tell(section), str) and isinstance(page.code(section), list) for section in SECTIONS)
