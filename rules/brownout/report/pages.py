"""A rule's page: its docstring, cut into the audit's headings, with the slots filled from a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

SECTIONS = (
    "The Problem",
    "Failure Scenario",
    "Current Behavior",
    "How to Verify",
    "The Fix",
    "Trade-off Consideration",
)
"""The headings of every page, in their order; `Bad` and `Good` follow."""

ANYONE = {
    "breaks": "Make the other side hang or fail.",
    "call": "the call",
    "display": "the other side",
    "limit": "timeout",
    "path": "directly, or through functions that it calls",
}
"""How the words that most pages share read when a page speaks of no finding."""

BOOK = "https://github.com/brownout-dev/brownout/blob/main/rules/README.md"
"""Where people read the pages."""

Words = Mapping[str, str] | Iterable[tuple[str, str]]

_CODE = re.compile(r"^[ \t]*```python[ \t]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"[ \t]*# expect\b.*$", re.MULTILINE)
_SLOT = re.compile(r"(?<!\{)\{([a-z_]+)(?:\|([^{}]*))?\}(?!\})")
_QUOTED = re.compile(rf"`(?P<quoted>{_SLOT.pattern})`")
_FULL_STOP = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)[.!?](?=[\"')*]*(?:\s+[\"'(*]*[A-Z`{]|\s*$))")


@dataclass(frozen=True, slots=True)
class Page:
    """The title, and the text under each heading, in the order of the page.

    A slot is `{word}`, or `{word|how it reads where no finding gives the word}`.
    """

    title: str
    sections: Mapping[str, str]

    def code(self, section: str) -> list[str]:
        """The Python blocks of a section, with the `# expect` marks that make them tests."""
        return [_dedented(block) for block in _CODE.findall(self.sections.get(section, ""))]

    def slots(self, section: str) -> frozenset[str]:
        """The words that a finding must have for the section to speak of it alone."""
        return frozenset(match[1] for match in self._slots(section))

    def tell(self, section: str, words: Words = ()) -> str:
        """A section's text, filled from a finding's words; never fails, and leaves no brace behind.

        A word that is not given reads as the page, `ANYONE` or at last the word itself has it. Examples stay as they
        are, without their `# expect` marks; a section that the page does not have is the empty string.
        """
        text = self.sections.get(section, "")
        return _filled(text, dict(words)) if section in SECTIONS else _MARK.sub("", text)

    def sentence(self, section: str, words: Words = ()) -> str:
        """The first sentence of a section, on one line; cut before it is filled, since a word may hold full stops."""
        text = " ".join(self.sections.get(section, "").split())
        match = _FULL_STOP.search(text)
        return " ".join(_filled(text[: match.end()] if match else text, dict(words)).split())

    def _slots(self, section: str) -> Iterable[re.Match[str]]:
        return _SLOT.finditer(self.sections.get(section, "")) if section in SECTIONS else ()


@cache
def parse(doc: str) -> Page:
    """The page that a docstring holds; text without headings is a title and nothing else."""
    title: list[str] = []
    sections: dict[str, list[str]] = {}
    lines, fenced = title, False
    for line in doc.strip().splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if line.startswith("## ") and not fenced:
            lines = sections.setdefault(line[3:].strip(), [])
        else:
            lines.append(line)
    return Page("\n".join(title).strip(), {name: "\n".join(text).strip() + "\n" for name, text in sections.items()})


def link(rule: str) -> str:
    """The address of a rule's page."""
    return f"{BOOK}#{rule}"


def _filled(text: str, words: Mapping[str, str]) -> str:
    def read(match: re.Match[str]) -> str:
        word, otherwise = match[1], match[2]
        if word in words:
            return words[word]
        found = _generic(word, otherwise)
        opens = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in ".!?"
        return found[0].upper() + found[1:] if opens else found

    def unquoted(match: re.Match[str]) -> str:
        """The slot without its back quotes, where what fills it is plain words and not code."""
        plain = match[2] not in words and " " in _generic(match[2], match[3])
        return match["quoted"] if plain else match[0]

    text = _QUOTED.sub(unquoted, text)
    return _SLOT.sub(read, text)


def _generic(word: str, otherwise: str | None) -> str:
    return otherwise or ANYONE.get(word) or word.replace("_", " ")


def _dedented(block: str) -> str:
    lines = block.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)
