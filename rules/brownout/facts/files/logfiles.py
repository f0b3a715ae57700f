"""Log files of a service: which handler writes them, and whether anything makes them smaller again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.databases import sqlite
from brownout.facts.paths import shape

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_ROTATED = re.compile(r"logrotate|rotate|newsyslog|WatchedFileHandler|copytruncate", re.IGNORECASE)
HANDLER = "logging.FileHandler"
_SINKS = ("/dev/stdout", "/dev/stderr", "/dev/null", "/proc/", "nul")


def unbounded(code: Code) -> Iterator[Call]:
    """The calls of a file that make the service log into one file for ever."""
    if "logging" not in code.module.imported:
        return
    for call in code.index.to(("logging.basicConfig", HANDLER)):
        if call.target not in ("logging.basicConfig", HANDLER) or call.unpacks:
            continue
        if not code.judged(call.function) or not sqlite.is_concurrent(code.project):
            continue
        position = 0 if call.target == HANDLER else None
        path = call.argument("filename", position)
        if path is None or _ROTATED.search(code.module.text):
            continue
        mode = call.argument("filemode" if position is None else "mode", None if position is None else 1)
        found = shape(path, call.function, code)
        text = "".join(found.literals).lower()
        if found.unique or found.temporary or text.startswith(_SINKS):
            continue
        if mode is None or code.constant(mode, call.function) == "a":
            yield call
