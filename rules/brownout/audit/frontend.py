"""The front end, searched but not analysed: where it opens a WebSocket and where it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from brownout.audit.data import Suspicion
from brownout.audit.material import Material

SUFFIXES = (".ts", ".tsx", ".js", ".jsx")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_SOCKET = re.compile(r"\bnew\s+WebSocket\s*\(")
_NEAR = 400
"""Letters behind a call in which its answer is looked at, if at all."""
_END = re.compile(r"\n\}|\bfetch\s*\(")
_FETCH = re.compile(r"(?<![\w.$])(?:(?:window|globalThis|self)\.)?fetch\s*\(")


def suspicions(material: Material) -> Iterator[Suspicion]:
    """Each place with what a person must look for there."""
    for path in sorted(material.others):
        if path.endswith(SUFFIXES):
            yield from _of_file(path, material.others[path])


def _of_file(path: str, text: str) -> Iterator[Suspicion]:
    blank = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text) if "//" in text or "/*" in text else text
    blank = _without_urls(text, blank)
    lines = text.splitlines()
    found = [("4A", match) for match in _SOCKET.finditer(blank)] + [("4C", match) for match in _FETCH.finditer(blank)]
    for section, match in sorted(found, key=lambda pair: pair[1].start()):
        line = blank.count("\n", 0, match.start()) + 1
        source = lines[line - 1].strip()
        yield Suspicion(
            section, path, line, source[:160], _socket(text) if section == "4A" else _fetch(text, match.end())
        )


def _without_urls(text: str, blank: str) -> str:
    """The text without comments; `//` in a string such as `https://` is no comment."""
    restored = list(blank)
    for match in re.finditer(r"(['\"`])(?:\\.|(?!\1).)*\1", text):
        if "//" in match[0] and "\n" not in match[0]:
            end = text.find("\n", match.end())
            restored[match.start() : end if end >= 0 else len(text)] = text[
                match.start() : end if end >= 0 else len(text)
            ]
    return "".join(restored)


def _socket(text: str) -> str:
    missing = [
        words
        for pattern, words in (
            (r"onclose|addEventListener\(\s*['\"]close", "no `onclose` in this file, so nothing connects again"),
            (r"onerror|addEventListener\(\s*['\"]error", "no `onerror`"),
            (r"ping|heartbeat", "no heartbeat"),
        )
        if not re.search(pattern, text)
    ]
    seen = "; ".join(missing) if missing else "`onclose`, `onerror` and a heartbeat are named in this file"
    return (
        f"Does it connect again with growing pauses, and ask for the state it has missed? {seen[0].upper()}{seen[1:]}."
    )


def _fetch(text: str, end: int) -> str:
    given = _arguments(text, end)
    after = text[end + len(given) : end + len(given) + _NEAR]
    after = _END.split(after, maxsplit=1)[0]
    elsewhere = re.search(r",\s*[A-Za-z_$][\w$.]*\s*$", given) is not None
    limited = re.search(r"\bsignal\b|AbortSignal", given) is not None
    looked = re.search(r"\.ok\b|\.status\b", after) is not None
    unlimited = "its options are made elsewhere" if elsewhere else "no abort signal is given"
    parts = [
        "an abort signal is given" if limited else unlimited,
        "the status is looked at" if looked else "the status is not looked at before the function ends or asks again",
    ]
    told = "; ".join(parts)
    return f"Is there a time limit, and what does the user see on 5xx? {told[0].upper()}{told[1:]}."


def _arguments(text: str, start: int) -> str:
    """What stands between the parentheses of a call, from behind the first one."""
    depth = 1
    for index in range(start, min(len(text), start + 4 * _NEAR)):
        depth += (text[index] in "([{") - (text[index] in ")]}")
        if depth == 0:
            return text[start:index]
    return text[start : start + _NEAR]
