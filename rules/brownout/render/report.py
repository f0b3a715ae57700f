"""What the formats are given: findings and counts as values, and a way to look at source lines when wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.core import Certainty, Finding, Location, Rule, Severity, Span
from brownout.model.source import Unreadable

if TYPE_CHECKING:
    from brownout.fixes.edits import Edit

UNREADABLE = "unreadable-file"
"""The name under which files that could not be read stand among the findings."""


def no_source(path: str) -> Sequence[str]:
    """No lines at all, for reports whose files are not at hand."""
    return ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a format may tell.

    `files` and `lines` count what was read, `hidden` the findings below the wanted severity, `suppressed` those that
    comments switch off. `base` stands before a path when it is shown: the way from the working directory to the
    project's root, empty or ending in a slash. `source` gives a file's lines, with or without their ends, or none.
    `edits` may hold, for a finding, the lines that its first fix changes.
    Where findings were compared with earlier ones, `against` names those; `known` counts the findings that are not
    new and not shown, `gone` the earlier ones that are no more. `states` may call a finding `new` or `unchanged`.
    `category` tells uploads of several reports about one commit apart; it ends in a slash.
    """

    findings: tuple[Finding, ...]
    unreadable: tuple[Unreadable, ...]
    rules: Mapping[str, Rule]
    files: int
    lines: int
    base: str = ""
    source: Callable[[str], Sequence[str]] = no_source
    seconds: float = 0.0
    hidden: int = 0
    suppressed: int = 0
    edits: Mapping[Finding, Sequence[Edit]] = field(default_factory=dict["Finding", "Sequence[Edit]"])
    against: str = ""
    known: int = 0
    gone: int = 0
    states: Mapping[Finding, str] = field(default_factory=dict[Finding, str])
    category: str = ""

    def shown(self, path: str) -> str:
        """A path as people here can open it: relative to the working directory."""
        return self.base + path

    def within(self, path: str) -> str:
        """A path for services, which want it below the repository's root: never absolute, never upwards."""
        outside = self.base.startswith("/") or ".." in self.base.split("/") or ":" in self.base
        return path if outside else self.base.removeprefix("./") + path

    def line(self, path: str, number: int) -> str | None:
        """Line `number` (from 1) without its end; None where the file or the line is not at hand."""
        lines = self.source(path)
        return lines[number - 1].rstrip("\r\n") if 0 < number <= len(lines) else None

    def stretch(self, location: Location) -> tuple[int, int]:
        """The columns (from 0, the end exclusive) that a location takes of its first line, whatever lines follow."""
        span = location.span
        if span.end_line == span.line:
            return span.column, max(span.end_column, span.column)
        line = self.line(location.path, span.line)
        return span.column, max(len(line) if line is not None else span.column + 1, span.column)

    def replacement(self, path: str, edit: Edit) -> tuple[Span, str]:
        """An edit as a span and the text that takes its place; the span ends in front of the line that stays.

        Where no line follows, the span ends with the last line and the text without a line end.
        """
        last = self.line(path, edit.end - 1)
        if edit.end == edit.start or last is None or self.line(path, edit.end) is not None:
            return Span(edit.start, 0, edit.end, 0), edit.text
        return Span(edit.start, 0, edit.end - 1, len(last)), edit.text.removesuffix("\n").removesuffix("\r")


def level(finding: Finding) -> str:
    """`error`, `warning` or `note`: the three levels that annotations and SARIF know."""
    if finding.certainty is Certainty.SUSPECTED:
        return "note"
    if finding.severity.at_least(Severity.HIGH):
        return "error"
    return "warning" if finding.severity is Severity.MEDIUM else "note"


def plain(text: str) -> str:
    """Text on one line and without control characters, which could move a terminal's cursor or hide code."""
    return "".join(map(_visible, text)) if any(map(_is_control, text)) else text


def _is_control(character: str) -> bool:
    code = ord(character)
    return code < 32 or 127 <= code < 160 or 0x2028 <= code <= 0x202E or 0x2066 <= code <= 0x2069


def _visible(character: str) -> str:
    if not _is_control(character):
        return character
    if character in "\n\r\t":
        return " "
    code = ord(character)
    return chr(0x2400 + code) if code < 32 else f"<U+{code:04X}>"
