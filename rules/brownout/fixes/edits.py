"""The smallest stretches of lines in which two versions of a text differ, for editors, SARIF and suggestions."""

from __future__ import annotations

import difflib
import io
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the lines `start` to `end` (from 1, `end` exclusive) by `text`, which ends with its line's end."""

    start: int
    end: int
    text: str


def edits(before: str, after: str) -> list[Edit]:
    """The edits, in order, that make `after` of `before`; none overlap."""
    old, new = list(io.StringIO(before, newline="")), list(io.StringIO(after, newline=""))
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = difflib.SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return [
        Edit(head + i1 + 1, head + i2 + 1, "".join(middle_new[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]
