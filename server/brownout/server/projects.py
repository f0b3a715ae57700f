"""Projects and open documents as the protocol process knows them: what was asked, reported, and is so now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from brownout.core import Finding, Fix, Location, Note, Span
from brownout.model.source import Unreadable
from brownout.project.config import has_settings
from brownout.project.discovery import root_of
from brownout.server.frames import FileReport, Overrides, Report, Sync
from brownout.server.lines import Lines
from brownout.server.text import line_map

BOM = "\ufeff"


@dataclass(slots=True)
class Snapshot:
    """One version of a document."""

    version: int
    text: str


@dataclass(slots=True)
class Document:
    """An open file: its text now, and the text that its last good report speaks of."""

    uri: str
    path: Path
    root: str
    name: str
    """The path relative to the project's root."""
    now: Snapshot
    judged: Snapshot | None = None
    report: FileReport = field(default_factory=FileReport)
    trouble: tuple[Unreadable, ...] = ()
    """Why the text does not parse, if it does not; then the report is the one on the last text that did."""
    seen: Snapshot | None = None
    """The version that the last report spoke of."""
    published: object = None
    _lines: Lines | None = None
    _current: tuple[object, object, FileReport] | None = None

    @property
    def lines(self) -> Lines:
        """The lines of the text now."""
        if self._lines is None or self._lines.text is not self.now.text:
            self._lines = Lines(self.now.text)
        return self._lines

    @property
    def current(self) -> FileReport:
        """The last good report, moved to where its lines are now."""
        known = self._current
        if known is None or known[0] is not self.now or known[1] is not self.report:
            found = self.report
            if self.judged is not None and self.judged.text != self.now.text:
                found = moved(found, self.name, self.judged.text, self.now.text)
            known = self._current = (self.now, self.report, found)
        found = known[2]
        return replace(found, problems=self.trouble, broken=True) if self.trouble else found

    def take(self, report: FileReport, snapshot: Snapshot) -> None:
        """Note a report on a version of this document; of a text that does not parse only that it does not."""
        self.seen = snapshot
        if report.broken:
            self.trouble = report.problems
        else:
            self.report, self.judged, self.trouble = report, snapshot, ()

    def move(self, root: str, name: str) -> None:
        """The file belongs to another project from now on."""
        self.root, self.name = root, name
        self.report, self.judged, self.seen, self.trouble = FileReport(), None, None, ()


class Project:
    """One root: what has been asked of the analysis, and the newest report on each file."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.number = 0
        self.done = -1
        self.read = False
        self.error = ""
        self.nested: tuple[str, ...] = ()
        self.files: dict[str, FileReport] = {}
        self.skipped: frozenset[str] = frozenset()
        self.reread = False
        self.changed: set[str] = set()
        self.closed: set[str] = set()
        self.sent: dict[int, dict[str, Snapshot]] = {}
        self.told: dict[str, Snapshot] = {}
        """What the analysis process has of each open document."""
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def sync(
        self, documents: Iterable[Document], overrides: Overrides, lenses: bool, *, all_over: bool = False
    ) -> Sync:
        """The message that brings the analysis to what is open now; with `all_over` to one that knows nothing yet."""
        self.number += 1
        opened = {document.name: document.now for document in documents}
        if all_over:
            self.told.clear()
            self.closed.clear()
        texts: dict[str, str | None] = {name: None for name in self.told if name not in opened}
        texts.update(
            (name, now.text.removeprefix(BOM)) for name, now in opened.items() if self.told.get(name) is not now
        )
        self.told = opened
        self.sent[self.number] = opened
        wanted = Sync(self.root, self.number, overrides, texts, self.changed, self.reread, lenses, self.skipped)
        self.changed, self.reread = set(), False
        return wanted

    def take(self, report: Report) -> dict[str, Snapshot]:
        """Note a report; returns the documents' versions that it speaks of."""
        if report.whole:
            self.files.clear()
        self.files.update(report.files)
        for path in [path for path, file in report.files.items() if file == FileReport()]:
            del self.files[path]
        if not report.first:
            self.read, self.error, self.nested = True, report.error, report.nested
        spoken = self.sent.get(report.number, {})
        if report.first:
            self.release(upto=report.number)
        else:
            self.done = max(self.done, report.number)
            for number in [number for number in self.sent if number <= report.number]:
                del self.sent[number]
            self.release()
        return spoken

    def release(self, *, upto: int = 0, everybody: bool = False) -> None:
        """Let those go on who wait for a report that has come, or, after a death, everybody."""
        for number, waiter in self._waiting:
            if (everybody or number <= max(self.done, upto)) and not waiter.done():
                waiter.set_result(None)
        self._waiting = [(number, waiter) for number, waiter in self._waiting if not waiter.done()]

    async def settled(self) -> None:
        """Wait until everything asked so far has been reported."""
        if self.done < self.number:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((self.number, waiter))
            await waiter


class Layout:
    """Which project a file belongs to: the nearest folder with settings in its workspace folder, else that folder's.

    That is what `brownout check` says in the folder. A file outside of all folders belongs to the nearest marker.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = sorted(folders, key=lambda folder: len(folder.parts), reverse=True)

    @cached_property
    def roots(self) -> dict[Path, Path]:
        """The project of each workspace folder."""
        return {folder: root_of(folder) for folder in self.folders}

    def root_of(self, path: Path) -> Path:
        """The root of the project of a file."""
        folder = self.folder_of(path)
        if folder is None:
            return root_of(path)
        for parent in path.parents:
            if parent == folder:
                break
            if has_settings(parent):
                return parent
        return self.roots[folder]

    def folder_of(self, path: Path) -> Path | None:
        """The innermost workspace folder that holds a file."""
        return next((folder for folder in self.folders if path.is_relative_to(folder)), None)


def moved(report: FileReport, name: str, before: str, after: str) -> FileReport:
    """A report with everything in its own file moved from one text to another; what stands on gone lines goes."""
    lines = line_map(before.removeprefix(BOM), after.removeprefix(BOM))

    def line(number: int) -> int | None:
        found = lines[number - 1] if 0 < number <= len(lines) else None
        return None if found is None else found + 1

    def span(old: Span) -> Span | None:
        first, last = line(old.line), line(old.end_line)
        return None if first is None or last is None else replace(old, line=first, end_line=last)

    def location(old: Location) -> Location | None:
        if old.path != name:
            return old
        found = span(old.span)
        return None if found is None else Location(name, found)

    findings: list[Finding] = []
    for finding in report.findings:
        place = location(finding.location)
        if place is not None:
            fixes = _fixes(finding.fixes, span)
            notes = _notes(finding.notes, location)
            findings.append(replace(finding, location=place, notes=tuple(notes), fixes=tuple(fixes)))
    notices = [Unreadable(item.path, at, item.message) for item in report.notices if (at := line(item.line))]
    wide = tuple(((path, (line(at) or at) if path == name else at), text) for (path, at), text in report.wide)
    lenses = tuple(replace(lens, line=line(lens.line) or lens.line) for lens in report.lenses)
    return FileReport(tuple(findings), report.problems, tuple(notices), lenses, report.broken, wide)


def _fixes(fixes: Iterable[Fix], span: object) -> Iterator[Fix]:
    for fix in fixes:
        target = span(fix.target)  # type: ignore[operator]
        if target is not None:
            yield replace(fix, target=target)


def _notes(notes: Iterable[Note], location: object) -> Iterator[Note]:
    for note in notes:
        place = location(note.location)  # type: ignore[operator]
        if place is not None:
            yield Note(place, note.message)
