"""Small pieces of Markdown: code, places, table rows, lists, spans of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def code(text: str) -> str:
    """Text as code, whatever back quotes it holds."""
    plain = " ".join(text.split())
    if not plain:
        return ""
    fence = "``" if "`" in plain else "`"
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{space}{plain}{space}{fence}"


def place(path: str, line: int) -> str:
    """A file and a line."""
    return f"`{path}:{line}`"


def cell(text: str) -> str:
    """Text that a table's cell can hold."""
    return " ".join(text.split()).replace("|", "\\|")


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cell(text) for text in cells)} |"


def bullets(texts: Iterable[str]) -> Iterator[str]:
    """A list, and an empty line after it."""
    found = [f"- {' '.join(text.split())}" for text in texts]
    yield from found
    if found:
        yield ""


def count(number: int, noun: str) -> str:
    """`1 file`, `2,141 lines`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def minutes(span: tuple[int, int]) -> str:
    """`10 to 30 minutes`, `2 to 5 hours`."""
    low, high = span
    if high == 0:
        return "no time"
    if high <= 90:
        return f"{low} to {high} minutes"
    return f"{_hours(low)} to {_hours(high)} hours"


def _hours(found: int) -> str:
    return f"{found / 60:.1f}".removesuffix(".0")
