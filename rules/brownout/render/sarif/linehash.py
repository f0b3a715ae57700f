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
from collections.abc import Collection

WINDOW = 100
FACTOR = 37
_END = b"\xff\xff"
"""The unit of the end of the file, in either byte order."""
_MASK = (1 << 64) - 1
_LINE_END = re.compile(r"\r\n?")
_BLANKS = {ord(" "): None, ord("\t"): None}
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(text: str, wanted: Collection[int] | None = None) -> dict[int, str]:
    """The fingerprints of lines of a file by their numbers from 1: of those wanted, else of all, the empty last too.

    Lines with the same window have the same hash; a window is worked out only where it is wanted.
    """
    lines = _LINE_END.sub("\n", text).translate(_BLANKS).split("\n")
    units = "\n".join(lines).encode(_UTF_16, "surrogatepass") + _END
    found: dict[int, str] = {}
    seen: Counter[bytes] = Counter()
    start = 0
    for number, line in enumerate(lines, 1):
        window = units[start : start + 2 * WINDOW]
        seen[window] += 1
        if wanted is None or number in wanted:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        start += 2 * (len(line) + 1 if line.isascii() else len(line.encode(_UTF_16, "surrogatepass")) // 2 + 1)
    return found


def _hash(window: bytes) -> int:
    """The polynomial over a window; past the end of the file there are zeros."""
    value = 0
    for unit in array("H", window):
        value = (value * FACTOR + unit) & _MASK
    return value * pow(FACTOR, WINDOW - len(window) // 2, 1 << 64) & _MASK
