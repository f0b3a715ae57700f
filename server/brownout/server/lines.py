"""Lines and columns as the protocol counts them: lines end at LF, CRLF and CR only, columns in the agreed units."""

from __future__ import annotations

from bisect import bisect_right

from brownout.server.text import ENDS
from lsprotocol.types import Position, PositionEncodingKind, Range

_BYTES = {
    PositionEncodingKind.Utf8: ("utf-8", 1),
    PositionEncodingKind.Utf16: ("utf-16-le", 2),
    PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
Encoding = PositionEncodingKind | str


class Lines:
    """The lines of one text, without their ends; form feed and U+2028 end none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in ENDS.finditer(text))]

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, number: int) -> str:
        """Line `number`, from 0, without its end; empty beyond the text."""
        if not 0 <= number < len(self.starts):
            return ""
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[number] : end].rstrip("\r\n")

    def offset(self, position: Position, encoding: Encoding) -> int:
        """The code point of the text at a position; positions beyond a line or the text are its end."""
        if position.line >= len(self.starts):
            return len(self.text)
        return self.starts[position.line] + points(self.line(position.line), position.character, encoding)

    def at(self, offset: int, encoding: Encoding) -> Position:
        """The position of a code point of the text."""
        line = bisect_right(self.starts, offset) - 1
        return Position(line, units(self.line(line), offset - self.starts[line], encoding))

    def whole(self, first: int, last: int) -> Range:
        """The range of the lines `first` to `last` (exclusive), with their ends; it may end with the text."""
        return Range(self._start(first), self._start(last))

    def _start(self, number: int) -> Position:
        return Position(number, 0)


def units(line: str, column: int, encoding: Encoding) -> int:
    """A column in code points as one in the client's units."""
    if line.isascii():
        return column
    codec, width = _BYTES[PositionEncodingKind(encoding)]
    beyond = max(column - len(line), 0)
    return len(line[:column].encode(codec, "surrogatepass")) // width + beyond


def points(line: str, column: int, encoding: Encoding) -> int:
    """A column in the client's units as one in code points, never beyond the line."""
    if line.isascii():
        return min(column, len(line))
    codec, width = _BYTES[PositionEncodingKind(encoding)]
    data = line.encode(codec, "surrogatepass")[: column * width]
    return min(len(data.decode(codec, "ignore")), len(line))
