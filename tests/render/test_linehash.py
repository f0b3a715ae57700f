"""GitHub's line fingerprint: known values, and the definition spelled out the slow way."""

from __future__ import annotations

import re

import pytest
from brownout.render.sarif.linehash import line_hashes
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.lists(
    st.sampled_from(["\n", "\r", "\r\n", " ", "\t", "a", "b = 1", "😀", "é", "x" * 99, "\ud83d", "\x0c"]), max_size=60
).map("".join)


def slow(text: str) -> list[str]:
    lines = re.split(r"\r\n|\r|\n", text)
    units: list[int] = []
    starts: list[int] = []
    for number, line in enumerate(lines):
        starts.append(len(units))
        data = re.sub("[ \t]", "", line).encode("utf-16-be", "surrogatepass")
        units += [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]
        units.append(10 if number < len(lines) - 1 else 65535)
    units += [0] * 100
    found: list[str] = []
    seen: dict[int, int] = {}
    for start in starts:
        value = sum(unit * 37 ** (99 - i) for i, unit in enumerate(units[start : start + 100])) % 2**64
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
    ],
)
def test_values_that_github_computes(text, expected):
    assert list(line_hashes(text).values()) == expected


@given(TEXTS)
def test_the_hashes_are_those_of_the_definition(text):
    assert line_hashes(text) == dict(enumerate(slow(text), 1))


@given(TEXTS, st.sets(st.integers(0, 70), max_size=3))
def test_some_lines_are_as_among_all(text, wanted):
    every = line_hashes(text)
    assert line_hashes(text, wanted) == {number: every[number] for number in every if number in wanted}


def test_equal_lines_are_counted():
    hashes = list(line_hashes("Lorem ipsum dolor sit amet.\n" * 10).values())
    assert [value.partition(":")[2] for value in hashes[:6]] == ["1", "2", "3", "4", "5", "6"]
    assert len({value.partition(":")[0] for value in hashes[:6]}) == 1
