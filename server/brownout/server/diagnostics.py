"""Findings as the protocol's diagnostics."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from brownout.core import Certainty, Finding, Location, Severity, Span
from brownout.model.source import Unreadable
from brownout.render.report import UNREADABLE
from brownout.report.pages import link
from brownout.server.comments import span_of
from brownout.server.frames import FileReport
from brownout.server.lines import Encoding, Lines, units
from brownout.server.options import Options
from lsprotocol import types

SEVERITIES = {
    Severity.CRITICAL: types.DiagnosticSeverity.Error,
    Severity.HIGH: types.DiagnosticSeverity.Error,
    Severity.MEDIUM: types.DiagnosticSeverity.Warning,
    Severity.MONITOR: types.DiagnosticSeverity.Information,
}
SOURCE = "brownout"
SUPPRESSION = "suppression"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a client shows: related places, links, and words that can go greyed out."""

    related: bool = True
    links: bool = True
    tags: bool = True


@dataclass(frozen=True, slots=True)
class Translator:
    """What it takes to tell a client of findings: its units, the addresses of files, the editor's settings."""

    encoding: Encoding
    uri: Callable[[str], str]
    """The address of a path of the project."""
    options: Options
    abilities: Abilities

    def diagnostics(self, report: FileReport, lines: Lines | None = None, shift: int = 0) -> list[types.Diagnostic]:
        """A file's diagnostics. `lines` are its text, where it is at hand.

        `shift` is 1 where a byte order mark stands before the first line.
        """
        wide = dict(report.wide)
        found = [self._finding(finding, wide, shift) for finding in report.findings]
        found += [self._problem(item) for item in report.problems]
        return found + [self._notice(item, lines) for item in report.notices]

    def range(self, place: Location, wide: Mapping[tuple[str, int], str], shift: int = 0) -> types.Range:
        """A location in the client's units."""
        span = place.span
        return types.Range(
            self._position(place.path, span.line, span.column, wide, shift),
            self._position(place.path, span.end_line, span.end_column, wide, shift),
        )

    def _position(
        self, path: str, line: int, column: int, wide: Mapping[tuple[str, int], str], shift: int
    ) -> types.Position:
        found = units(wide.get((path, line), ""), column, self.encoding)
        return types.Position(line - 1, found + (shift * len_of_mark(self.encoding) if line == 1 else 0))

    def _finding(self, finding: Finding, wide: Mapping[tuple[str, int], str], shift: int) -> types.Diagnostic:
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self.uri(note.location.path), self.range(note.location, wide)), note.message
            )
            for note in finding.notes
        ]
        return types.Diagnostic(
            range=self.range(finding.location, wide, shift),
            message=finding.message,
            severity=self._severity(finding),
            code=finding.rule,
            code_description=types.CodeDescription(link(finding.rule)) if self.abilities.links else None,
            source=SOURCE,
            related_information=related if related and self.abilities.related else None,
        )

    def _severity(self, finding: Finding) -> types.DiagnosticSeverity:
        chosen = self.options.severity
        given = chosen.get(finding.rule) or chosen.get(finding.severity.value.lower())
        if given is not None:
            return given
        return (
            types.DiagnosticSeverity.Hint if finding.certainty is Certainty.SUSPECTED else SEVERITIES[finding.severity]
        )

    def _problem(self, item: Unreadable) -> types.Diagnostic:
        return types.Diagnostic(
            range=_whole(item.line),
            message=item.message,
            severity=self.options.severity.get(UNREADABLE, types.DiagnosticSeverity.Warning),
            code=UNREADABLE,
            source=SOURCE,
        )

    def _notice(self, item: Unreadable, lines: Lines | None) -> types.Diagnostic:
        """A mistake in a comment; one that switches nothing off is shown as what can go."""
        place = _whole(item.line)
        if lines is not None:
            line = lines.line(item.line - 1)
            start, end = span_of(line, item.message)
            place.start = types.Position(item.line - 1, units(line, start, self.encoding))
            place.end = types.Position(item.line - 1, units(line, end, self.encoding))
        unused = item.message.startswith("unused")
        return types.Diagnostic(
            range=place,
            message=item.message,
            severity=types.DiagnosticSeverity.Hint if unused else types.DiagnosticSeverity.Warning,
            code=SUPPRESSION,
            source=SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if unused and self.abilities.tags else None,
        )


def _whole(line: int) -> types.Range:
    first = max(line - 1, 0)
    return types.Range(types.Position(first, 0), types.Position(first + 1, 0))


class Made:
    """Diagnostics that have been made already, with their names, by what they were made of."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], list[types.Diagnostic], str]] = {}

    def of(
        self, uri: str, parts: tuple[object, ...], make: Callable[[], list[types.Diagnostic]]
    ) -> tuple[list[types.Diagnostic], str]:
        """The diagnostics of a file and their name; made again when one of the parts is another object."""
        known = self._known.get(uri)
        if known is None or any(one is not other for one, other in zip(known[0], parts, strict=False)):
            found = make()
            known = self._known[uri] = (parts, found, result_id(found))
        return known[1], known[2]


def len_of_mark(encoding: Encoding) -> int:
    """The units that a byte order mark takes."""
    return units("\ufeff", 1, encoding)


def result_id(diagnostics: Iterable[types.Diagnostic]) -> str:
    """A name for exactly these diagnostics."""
    return hashlib.sha256(repr(list(diagnostics)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def overlaps(span: Span, first: int, last: int) -> bool:
    """Whether a span touches the lines `first` to `last`, both from 0 and inclusive."""
    return span.line - 1 <= last and first <= span.end_line - 1
