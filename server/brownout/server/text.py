"""Texts as lines that end at LF, CRLF and CR only, and where the lines of one text are in another."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

ENDS = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python and for the protocol; form feed and U+2028 do not."""


def split(text: str) -> list[str]:
    """The lines of a text, without their ends."""
    return ENDS.split(text)


def line_map(before: str, after: str) -> Sequence[int | None]:
    """For each line of `before`, from 0, where it is in `after`; None where it is gone."""
    old, new = split(before), split(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    found: list[int | None] = [*range(head), *[None] * (len(old) - head)]
    for index in range(tail):
        found[len(old) - 1 - index] = len(new) - 1 - index
    middle = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, i1, i2, j1, j2 in middle.get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for index in range(i2 - i1):
                found[head + i1 + index] = head + j1 + index
    return found
