"""One project as the analysis process holds it: a session, and what has been reported of it."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from brownout.core import Finding
from brownout.model.source import Unreadable
from brownout.project import config
from brownout.project.cache.store import Store
from brownout.project.checking import Outcome, check_options, check_workspace, names_of
from brownout.project.delegation import Delegation
from brownout.project.indexing import begin
from brownout.project.remembering import keep, recall
from brownout.project.session import Session
from brownout.project.settings import ConfigError, Level, Settings
from brownout.project.workspace import Workspace, sources_of
from brownout.server.frames import Answer, FileReport, Lens, Overrides, Report, Sync, Working
from brownout.server.since import Since
from brownout.server.text import split

TRIES = 4
PAUSE = 0.05
"""Seconds between two signs of life."""
SHOWN = 5
"""Dependencies that a lens names."""

Wide = tuple[tuple[tuple[str, int], str], ...]


class Held:
    """A project: `sync` brings it to what is wanted, and reports the files whose findings are not as before."""

    def __init__(
        self,
        root: str,
        send: Callable[[Answer], None],
        waits: Callable[[str], Sync | None],
        note: Callable[[str, str], None],
    ) -> None:
        self.root = Path(root)
        self.name = root
        self.send = send
        self.waits = waits
        """Gives what is wanted next, which must not be forgotten by asking."""
        self.note = note
        self._told = 0.0
        self._store = Store(str(self.root), os.environ.get("BROWNOUT_CACHE_DIR"))
        self.session = Session(self.root)
        self.session.watch = self._watch
        self.session.begin = self._begin
        self._delegation = Delegation(self.session.root)
        self._since = Since(self.session.root)
        self.buffers: dict[str, str] = {}
        """Every open file; the session has those that a check would read."""
        self.overrides = Overrides()
        self.lenses = False
        self.reported: dict[str, FileReport] | None = None
        self._good = Settings()
        self._error = ""
        self._now = ""
        self._had_lenses = False
        """Whether the last report had lenses."""
        self._looked = False
        """Whether the project is read, so that nothing need be looked at alone."""
        self._seen = 0
        self._nested: tuple[str, ...] = ()
        self._foreign: set[str] = set()
        self._failed: set[str] = set()
        self._wide: dict[str, tuple[list[Finding], dict[str, str | None], Wide]] = {}

    def sync(self, wanted: Sync) -> None:
        """Read what changed and report; a bug of ours takes the file away at which it happened, one at a time."""
        broke = ""
        reread = wanted.reread or wanted.overrides != self.overrides or self.session.workspace is None
        self.overrides, self.lenses = wanted.overrides, wanted.lenses
        self._failed -= wanted.texts.keys() | wanted.changed
        for _ in range(TRIES):
            try:
                self._bring(wanted, reread)
                self._report(wanted, broke)
                return
            except Exception as error:
                traceback.print_exc()
                broke = f"{self._now}: {type(error).__name__}: {error}"
                self._failed.add(self._now)
                reread = True
        self.send(Report(self.name, wanted.number, {}, error=self._error, broke=broke))

    def _bring(self, wanted: Sync, reread: bool) -> None:
        for path, text in wanted.texts.items():
            if text is None:
                self.buffers.pop(path, None)
            else:
                self.buffers[path] = text
        skipped = wanted.skipped | self._failed
        if reread or skipped != self.session.skipped:
            self.session.skipped = skipped
            self._looked = self.session.workspace is not None
            self._first(wanted.number, self.buffers)
            self._reread()
            return
        for path in {**wanted.texts, **dict.fromkeys(sorted(wanted.changed - self.buffers.keys()))}:
            if path not in self._foreign:
                self.session.change(path, self.buffers.get(path))
                if path in self.buffers and not self._known(path):
                    self._foreign.add(path)
            elif path not in self.buffers:
                self._foreign.remove(path)

    def _reread(self) -> None:
        """Read all; open files that a check would leave out are foreign, and stay out until the next time."""
        session = self.session
        session.given = self._settings()
        session.buffers = dict(self.buffers)
        session.read()
        self._delegation = Delegation(session.root)
        if session.workspace is not None:
            self._since.find(self.overrides, session.workspace, session.settings)
            self._error = self._error or self._since.error
        self._nested = self._with_settings()
        self._foreign = {path for path in self.buffers if not self._known(path)}

    def _begin(self, workspace: Workspace, settings: Settings) -> None:
        recall(self.session, settings, self._store)
        begin(self.session, workspace, settings, lambda done, total: self._watch("", done, total))

    def _settings(self) -> Settings:
        """The project's settings with the editor's on top; the last good ones if they cannot be used now."""
        self._error = ""
        names = names_of(self.session.rules)
        try:
            settings = self._read_settings(names)
            check_options(self.session.rules, settings)
            self._good = settings
        except ConfigError as error:
            self._error = str(error)
        return self._adjusted(self._good)

    def _read_settings(self, names: set[str]) -> Settings:
        if self.overrides.config is None:
            return config.read(self.session.root, names)
        path = self.session.root / self.overrides.config
        found = config.read_file(path, names)
        if found is None:
            raise ConfigError(f"{path}: there is no [tool.brownout] in it")
        return found

    def _adjusted(self, settings: Settings) -> Settings:
        wanted = self.overrides
        return replace(
            settings,
            select=settings.select if wanted.select is None else wanted.select,
            exclude=(*settings.exclude, *(wanted.exclude or ())),
            ignore=settings.ignore if wanted.ignore is None else (*settings.ignore, *wanted.ignore),
            min_severity=settings.min_severity if wanted.min_severity is None else Level(wanted.min_severity),
            suspected=settings.suspected if wanted.suspected is None else wanted.suspected,
        )

    def _known(self, path: str) -> bool:
        workspace = self.session.workspace
        return workspace is not None and any(source.path == path for source in workspace.sources)

    def _first(self, number: int, texts: Mapping[str, str]) -> None:
        """While a project is not read yet: open files alone, each by what it says itself."""
        if self._looked or not texts or self.overrides.only_new:  # alone it cannot be known what is new
            return
        self._seen = number
        alone = Workspace(self.session.root, sources_of(texts), (), {}, None)
        try:
            files = self._files(check_workspace(alone, self._settings()), texts.get)
        except Exception:
            traceback.print_exc()  # it will show again, with the file's name, when the project is read
            return
        self.send(Report(self.name, number, {path: files.get(path, FileReport()) for path in texts}, first=True))

    def _report(self, wanted: Sync, broke: str) -> None:
        """Tell of the files of which something else is to be said than before; only those are looked at."""
        self._looked = True
        news = None if self.overrides.only_new or self.reported is None else self.session.news()
        if news is not None:
            news |= wanted.texts.keys() | (self.buffers.keys() if self.lenses or self._had_lenses else set())
        outcome, workspace = self.session.outcome(news), self.session.workspace
        assert workspace is not None
        if self.overrides.only_new:
            outcome = self._since.left(outcome, workspace, self.session.settings)
        files = self._files(outcome, {source.path: source.text for source in workspace.sources}.get)
        whole, before = self.reported is None, self.reported or {}
        changed = {path: file for path, file in files.items() if before.get(path) != file}
        gone = [path for path in (before if news is None else news & before.keys()) if path not in files]
        changed.update(dict.fromkeys(gone, FileReport()))
        self.reported = {path: file for path, file in (before | changed).items() if path not in gone}
        self.session.found.told()
        self._had_lenses = self.lenses
        self.send(Report(self.name, wanted.number, changed, self._nested, whole, error=self._error, broke=broke))
        if whole:
            self._keep()

    def _keep(self) -> None:
        """For the next start; nobody waits for it, and nobody misses it."""
        try:
            keep(self.session, self._store)
        except Exception:
            traceback.print_exc()

    def _files(self, outcome: Outcome, text: Callable[[str], str | None]) -> dict[str, FileReport]:
        findings: dict[str, list[Finding]] = {}
        problems: dict[str, list[Unreadable]] = {}
        notices: dict[str, list[Unreadable]] = {}
        for finding in self._delegation.left(outcome.findings):
            findings.setdefault(finding.location.path, []).append(finding)
        for item in outcome.unreadable:
            problems.setdefault(item.path, []).append(item)
        for item in outcome.notices:
            notices.setdefault(item.path, []).append(item)
        lenses = {path: found for path in self.buffers if self.lenses and (found := self._lenses(path))}
        return {
            path: FileReport(
                tuple(findings.get(path, ())),
                tuple(problems.get(path, ())),
                tuple(notices.get(path, ())),
                lenses.get(path, ()),
                path in problems,
                self._wide_lines(path, findings.get(path, []), text),
            )
            for path in findings.keys() | problems.keys() | notices.keys() | lenses.keys()
        }

    def _wide_lines(self, path: str, findings: list[Finding], text: Callable[[str], str | None]) -> Wide:
        """`wide_lines` of a file; as before where neither its findings nor the texts on their way changed."""
        known = self._wide.get(path)
        if known is not None and known[0] == findings and all(text(name) is seen for name, seen in known[1].items()):
            return known[2]
        places = {place.path for one in findings for place in (one.location, *(note.location for note in one.notes))}
        found = wide_lines(findings, text)
        self._wide[path] = (findings, {name: text(name) for name in places}, found)
        return found

    def _lenses(self, path: str) -> tuple[Lens, ...]:
        """Lenses are made for open files only: nobody sees others."""
        return tuple(
            Lens(reach.line, f"{', '.join(reach.kinds)} · {_needs(reach.needs)}")
            for reach in self.session.reaches(path)
        )

    def _with_settings(self) -> tuple[str, ...]:
        """Folders of the project with settings of their own."""
        sources = self.session.workspace.sources if self.session.workspace is not None else ()
        folders = {folder for source in sources for folder in _above(source.path)}
        return tuple(sorted(folder for folder in folders if config.has_settings(self.root / folder)))

    def _watch(self, path: str, done: int, total: int) -> None:
        self._now = path
        self.note(self.name, path)
        if time.monotonic() - self._told < PAUSE:
            return
        self._told = time.monotonic()
        wanted = None if self._looked else self.waits(self.name)
        if wanted is not None and wanted.number > self._seen:
            self._first(wanted.number, {path: text for path, text in wanted.texts.items() if text is not None})
        self.send(Working(self.name, path, done, total))


def _needs(names: Sequence[str]) -> str:
    if not names:
        return "depends on nothing outside"
    return "depends on " + ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _above(path: str) -> Iterable[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def wide_lines(
    findings: Iterable[Finding], text: Callable[[str], str | None]
) -> tuple[tuple[tuple[str, int], str], ...]:
    """The lines that are not ASCII among those that the findings speak of."""
    found: dict[tuple[str, int], str] = {}
    lines: dict[str, list[str]] = {}
    for finding in findings:
        for place in (finding.location, *(note.location for note in finding.notes)):
            if place.path not in lines:
                source = text(place.path) or ""
                lines[place.path] = [] if source.isascii() else split(source)
            if place.span.line <= len(lines[place.path]):
                line = lines[place.path][place.span.line - 1]
                if not line.isascii():
                    found[place.path, place.span.line] = line
    return tuple(sorted(found.items()))
