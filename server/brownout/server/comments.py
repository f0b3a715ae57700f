"""Suppression comments while they are written: what they name, and what they could name."""

from __future__ import annotations

import re
from collections.abc import Collection

from brownout.project.suppressions import read
from brownout.report.pages import parse
from brownout.rules import load
from brownout.server.lines import Encoding, Lines, points, units
from lsprotocol import types

_INSIDE = re.compile(r"#\s*brownout:\s*(?:file-)?ignore\[(?P<names>[^\]]*)$")
_BEFORE = re.compile(r"#\s*brownout:\s*(?P<word>[a-z-]*)$")
_WORD = re.compile(r"[\w-]*$")
_QUOTED = re.compile(r"'([^']*)'|: no ([\w-]+) here")
_MARK = re.compile(r"#\s*brownout\s*:.*")
WORDS = {
    "ignore": "switch rules off for this statement",
    "file-ignore": "switch rules off for the whole file",
}


def rule_at(lines: Lines, line: int, column: int) -> str | None:
    """The rule that a comment names at a place (from 0, in code points), or the only one that it names."""
    text = lines.line(line)
    if "brownout" not in text or column < text.find("#"):
        return None
    for found in read("", lines.text.removeprefix("\ufeff")):
        if found.line == line + 1 and found.names:
            for name in found.names:
                at = text.find(name)
                if at <= column <= at + len(name):
                    return name
            return found.names[0] if len(found.names) == 1 else None
    return None


def completions(
    lines: Lines, position: types.Position, encoding: Encoding, here: Collection[str]
) -> types.CompletionList | None:
    """The words that fit at a place; rules in `here`, which have a finding close by, come first."""
    line = lines.line(position.line)
    before = line[: points(line, position.character, encoding)]
    inside, start = _INSIDE.search(before), _BEFORE.search(before)
    if inside is None and start is None:
        return None
    word = _WORD.search(before)
    first = len(before) - len(word[0] if word is not None else "")
    place = types.Range(types.Position(position.line, units(line, first, encoding)), position)
    if inside is None:
        items = [
            types.CompletionItem(
                name, kind=types.CompletionItemKind.Keyword, detail=what, text_edit=types.TextEdit(place, name)
            )
            for name, what in WORDS.items()
        ]
        return types.CompletionList(False, items)
    named = {name.strip() for name in inside["names"].split(",")[:-1]}
    return types.CompletionList(
        False,
        [
            types.CompletionItem(
                name,
                kind=types.CompletionItemKind.EnumMember,
                detail=parse(rule.doc).title,
                sort_text=f"{int(name not in here)}{name}",
                filter_text=name,
                text_edit=types.TextEdit(place, name),
            )
            for name, rule in load().items()
            if name not in named
        ],
    )


def span_of(line: str, message: str) -> tuple[int, int]:
    """The columns, in code points, of what a message about a comment speaks of: a name, or the whole comment."""
    mark = _MARK.search(line)
    if mark is None:
        return 0, len(line)
    found = _QUOTED.search(message)
    name = (found[1] or found[2]) if found is not None else ""
    at = line.find(name, mark.start()) if name else -1
    return (at, at + len(name)) if at >= 0 else (mark.start(), len(line.rstrip()))
