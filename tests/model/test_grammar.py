"""A file that only a newer Python reads says which one."""

from __future__ import annotations

import pytest
from brownout.model.grammar import newer


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("type Pair[T] = tuple[T, T]", "3.12"),
        ("    async def first[T](items: list[T]) -> T:", "3.12"),
        ("class Box[T]:", "3.12"),
        ("class Box[T = int]:", "3.13"),
        ('page = t"<b>{name}</b>"', "3.14"),
        ("    except OSError, ValueError:", "3.14"),
    ],
)
def test_the_python_that_reads_it_is_named(line, version):
    assert f"Python {version} reads it" in newer("invalid syntax", line, (3, 11))
    assert newer("invalid syntax", line, (3, 14)) == ""


def test_an_f_string_of_today_is_told_by_the_message():
    line = 'name = f"{row["name"]}"'
    assert "Python 3.12" in newer("f-string: unmatched '['", line, (3, 11))
    assert newer("invalid syntax", line, (3, 11)) == ""


@pytest.mark.parametrize(
    "line", ["def f(:", "class = 3", "x = 'it' t 'is'", 'raise Problem("type X = 1"', "first[T] = 1 2"]
)
def test_plain_mistakes_are_left_alone(line):
    assert newer("invalid syntax", line, (3, 11)) == ""
