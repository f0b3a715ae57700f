"""A file's patch as GitHub gives it: which lines of the new text a comment may stand on, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch of the new text: its first line's number, and the text of its lines."""

    start: int
    lines: tuple[str, ...]

    def holds(self, start: int, end: int) -> bool:
        """Whether the lines `start` to `end`, inclusive, are all in it."""
        return self.start <= start <= end < self.start + len(self.lines)

    def line(self, number: int) -> str:
        """The text of a line."""
        return self.lines[number - self.start]


def hunks(patch: str) -> Iterator[Hunk]:
    """The hunks of a patch; lines that were removed are in none."""
    start, lines = 0, list[str]()
    for row in patch.split("\n"):
        header = _HEADER.match(row)
        if header:
            if lines:
                yield Hunk(start, tuple(lines))
            start, lines = int(header[1]), []
        elif start and row[:1] in ("+", " "):
            lines.append(row[1:].removesuffix("\r"))
    if lines:
        yield Hunk(start, tuple(lines))
