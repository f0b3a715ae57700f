"""Columns as others count them: code points become UTF-16 units or UTF-8 bytes of the same line."""

from __future__ import annotations


def utf16(line: str | None, column: int) -> int:
    """The column, from 1, in UTF-16 units for one from 0 in code points; without the line they are taken as equal."""
    return _units(line, column, "utf-16-le") // 2 + 1 if line is not None else column + 1


def utf8(line: str | None, column: int) -> int:
    """The column, from 1, in UTF-8 bytes for one from 0 in code points; without the line they are taken as equal."""
    return _units(line, column, "utf-8") + 1 if line is not None else column + 1


def _units(line: str, column: int, encoding: str) -> int:
    return len(line[:column].encode(encoding, "surrogatepass"))
