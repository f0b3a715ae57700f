"""A source line as it fits a terminal: tabs as blanks, control characters visible, long lines cut around the place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from brownout.render.report import plain
from rich.cells import cell_len

TAB = 4
BEFORE = 12
"""Cells that are kept in front of the place where a line is cut on its left."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The text to print, and where its caret line starts and how long it is, all in terminal cells."""

    text: str
    start: int
    length: int


def snippet(line: str, start: int, end: int, *, room: int) -> Snippet:
    """The line with the code points `start` to `end` (exclusive) marked, in at most `room` cells (20 or more)."""
    room = max(room, 20)
    cells, edges = _cells(line.rstrip())
    start = min(start, len(cells))
    end = min(max(end, start), len(cells))
    if edges[-1] <= room:
        return Snippet("".join(cells), edges[start], max(edges[end] - edges[start], 1))
    first = 0 if edges[end] < room else bisect_left(edges, edges[start] - BEFORE)
    head = "…" if first else ""
    shift = len(head) - edges[first]
    last = bisect_right(edges, room - 1 - shift) - 1
    text = head + "".join(cells[first:last]) + ("…" if last < len(cells) else "")
    return Snippet(text, edges[start] + shift, max(edges[min(end, last)] - edges[start], 1))


def _cells(line: str) -> tuple[list[str], list[int]]:
    """What stands for each code point (itself, blanks up to a tab stop, a visible form), and the edges in between."""
    found: list[str] = []
    edges = [0]
    for character in line:
        text = " " * (TAB - edges[-1] % TAB) if character == "\t" else plain(character)
        found.append(text)
        edges.append(edges[-1] + cell_len(text))
    return found, edges
