"""GitHub's own fingerprint of a line, so that an upload of ours and one by `upload-sarif` agree on what is new.

The value of a line is `hash:n`: a polynomial over the 100 UTF-16 units from the line's start, blanks and tabs left out
and every line end taken as one line feed; `n` counts the lines so far with the same hash. The end of the file is the
unit 65535, and zeros follow it.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections import Counter

WINDOW = 100
FACTOR = 37
END_OF_FILE = 0xFFFF
_MASK = (1 << 64) - 1
_OLDEST = pow(FACTOR, WINDOW, 1 << 64)
_LINE_END = re.compile(r"\r\n?")
_BLANKS = {ord(" "): None, ord("\t"): None}
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(text: str) -> list[str]:
    """The fingerprints of all lines of a file, of its last and empty one too."""
    lines = _LINE_END.sub("\n", text).translate(_BLANKS).split("\n")
    units = array("H", "\n".join(lines).encode(_UTF_16, "surrogatepass"))
    units.append(END_OF_FILE)
    starts: list[int] = []
    start = 0
    for line in lines:
        starts.append(start)
        start += len(line.encode(_UTF_16, "surrogatepass")) // 2 + 1
    hashes = _windows(units, starts)
    seen: Counter[int] = Counter()
    found: list[str] = []
    for value in hashes:
        seen[value] += 1
        found.append(f"{value:x}:{seen[value]}")
    return found


def _windows(units: array[int], starts: list[int]) -> list[int]:
    """The hash of the window from each of the starts, rolled over all units once."""
    wanted = iter([*starts, -1])
    next_start = next(wanted)
    found: list[int] = []
    value = 0
    for index in range(len(units) + WINDOW):
        if index - WINDOW == next_start:
            found.append(value)
            next_start = next(wanted)
        added = units[index] if index < len(units) else 0
        dropped = units[index - WINDOW] if index >= WINDOW else 0
        value = (value * FACTOR + added - _OLDEST * dropped) & _MASK
    return found
