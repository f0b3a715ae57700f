"""Syntax that only a newer Python reads: told by the line at which this one stops."""

from __future__ import annotations

import re
import sys

_NEWER: tuple[tuple[tuple[int, int], str, re.Pattern[str]], ...] = (
    (
        (3, 13),
        "a default of a type parameter",
        re.compile(r"\s*(async\s+def|def|class|type)\s+\w+\s*\[[^\]]*=[^\]]*\]"),
    ),
    ((3, 12), "a `type` statement", re.compile(r"\s*type\s+\w+\s*(\[[^\]]*\])?\s*=")),
    ((3, 12), "type parameters", re.compile(r"\s*(async\s+def|def|class)\s+\w+\s*\[")),
    ((3, 14), "a template string", re.compile(r"""(?:.*[\s(=,\[{:])?(t|tr|rt)["']""", re.IGNORECASE)),
    ((3, 14), "`except` without parentheses", re.compile(r"\s*except\*?\s+[\w.]+\s*,\s*[\w.]+(\s*,\s*[\w.]+)*\s*:")),
    ((3, 12), "quotes or backslashes inside of an f-string", re.compile(r""".*\b(f|fr|rf)["'].*\{""", re.IGNORECASE)),
)


def newer(message: str, line: str, running: tuple[int, int] = sys.version_info[:2]) -> str:
    """What the line holds and which Python reads it, as ` (a template string: Python 3.14 reads it)`, or nothing."""
    for version, what, pattern in _NEWER:
        in_string = "f-string" in what
        if version > running and pattern.match(line) and (not in_string or "f-string" in message):
            return f" ({what}: Python {version[0]}.{version[1]} reads it)"
    return ""
