"""A project held open: texts change, the findings of all files follow, and only what a change touches is done again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from brownout.catalog import Catalog
from brownout.core import Finding, Rule
from brownout.engine import Parsed, Result, ask, collector_paused, parse, shared_heads, summary_of, wanted_calls
from brownout.facts.project import Project
from brownout.facts.reach import Reach, reaches
from brownout.facts.summary import ModuleSummary
from brownout.model.source import SourceFile, Unreadable
from brownout.project import config
from brownout.project.checking import Outcome, check_options, names_of, selected, settle
from brownout.project.settings import Settings
from brownout.project.workspace import Workspace, open_workspace, read_texts
from brownout.rules import load


class Session:
    """One project. `buffers` are texts that stand for files, by path relative to the root: what an editor has open.

    A file that does not parse keeps the findings of its last good text; `Outcome.unreadable` says that it does not.
    """

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        self.root = root.resolve()
        self.given = settings
        self.watch: Callable[[str, int, int], None] | None = None
        """Told of each file before it is read or asked about, with how many are done of how many."""
        self.buffers: dict[str, str] = {}
        self.skipped: frozenset[str] = frozenset()
        """Files that are left out, since reading them brought the process down."""
        self.rules: Mapping[str, Rule] = load()
        self.settings = Settings()
        self.workspace: Workspace | None = None
        self._parsed: dict[str, Parsed] = {}
        self._broken: dict[str, Unreadable] = {}
        self._summaries: dict[str, ModuleSummary] = {}
        self._findings: dict[str, list[Finding]] = {}
        self._failed: dict[str, list[Unreadable]] = {}
        self._project: Project | None = None
        self._catalog = Catalog()
        self._wanted = wanted_calls((), self._catalog)
        self._basis: tuple[object, ...] = ()
        self._asked: dict[str, Rule] = {}

    def open(self) -> Outcome:
        """Read the project from the disk, again if need be; raises `ConfigError` for settings that cannot be used."""
        self.read()
        return self.outcome()

    def read(self) -> None:
        """The first half of `open`: settings that cannot be used leave everything as it was."""
        settings = self.given or config.read(self.root, names_of(self.rules))
        check_options(self.rules, settings)
        workspace = open_workspace(self.root, [self.root], settings, self.buffers)
        present = {source.path: source for source in workspace.sources}
        if self.workspace is None or settings != self.settings:
            self._doubt()
        catalog = Catalog(workspace.versions, settings.calls)
        wanted = wanted_calls(workspace.sources, catalog)
        basis = (wanted.heads, workspace.versions, settings.calls)
        if basis != self._basis:  # summaries hold what was wanted when they were made
            self._parsed.clear()
            self._doubt()
        for path in [path for path in {**self._parsed, **self._broken} if path not in present]:
            self._forget(path)
            self._doubt()
        self.settings, self.workspace = settings, workspace
        self._asked = selected(self.rules, settings)
        self._catalog, self._wanted, self._basis = catalog, wanted, basis
        with collector_paused():
            heads = shared_heads(present.values())
            for count, source in enumerate(present.values()):
                self._tell(source.path, count, len(present))
                self._read(source, heads.get(source.root, {}))

    def update(self, path: str, text: str | None) -> Outcome:
        """A buffer has a new text, or None: it is closed, and the file on the disk counts again."""
        self.change(path, text)
        return self.outcome()

    def change(self, path: str, text: str | None) -> None:
        """The first half of `update`, for several changes at once."""
        if text is None:
            self.buffers.pop(path, None)
            text = read_texts(self.root, [path])[0].get(path)
        else:
            self.buffers[path] = text
        if self.workspace is None or text is None or path not in {s.path for s in self.workspace.sources}:
            return self.read()
        sources = tuple(
            replace(source, text=text) if source.path == path else source for source in self.workspace.sources
        )
        self.workspace = replace(self.workspace, sources=sources)
        source = next(source for source in sources if source.path == path)
        self._tell(path, 0, 1)
        with collector_paused():
            self._read(source, shared_heads(sources).get(source.root, {}))
        return None

    def outcome(self) -> Outcome:
        """What a check of the whole project would say now."""
        assert self.workspace is not None, "open() comes first"
        with collector_paused():
            if self._project is None:
                # in a check's order, whatever came and went: it decides which of two equally short chains is told
                ordered = [self._summaries[path] for path in sorted(self._summaries)]
                self._project = Project(ordered, self._catalog)
            for count, (path, file) in enumerate(self._parsed.items()):
                if path not in self._findings:
                    self._tell(path, count, len(self._parsed))
                    self._findings[path] = self._ask(file, self._project)
        found = sorted((one for many in self._findings.values() for one in many), key=lambda finding: finding.order)
        lines = sum(source.text.count("\n") for source in self.workspace.sources)
        failed = (item for path in sorted(self._failed) for item in self._failed[path])
        result = Result(tuple(found), (*self._broken.values(), *failed), len(self.workspace.sources), lines)
        return settle(result, self.workspace, self.settings, self.rules, self._asked)

    def text(self, path: str) -> str | None:
        """The text of a file as the session knows it."""
        sources: Iterable[SourceFile] = self.workspace.sources if self.workspace is not None else ()
        return next((source.text for source in sources if source.path == path), None)

    def reaches(self, path: str) -> list[Reach]:
        """The entry points of a file as the last outcome knows them, with what they depend on."""
        file = self._parsed.get(path)
        return [] if file is None or self._project is None else list(reaches(file.module, file.names, self._project))

    def _read(self, source: SourceFile, heads: Mapping[str, str]) -> None:
        """Parse a file that changed, and forget the findings that may change with it."""
        path = source.path
        if path in self.skipped:
            if path in self._parsed:
                self._forget(path)
                self._doubt()
            self._broken[path] = Unreadable(path, 1, "left out: reading it failed")
            return None
        known = self._parsed.get(path)
        if known is not None and known.source == source and path not in self._broken:
            return None
        found = parse(source, heads)
        if isinstance(found, Unreadable):
            self._broken[path] = found
            return None
        self._broken.pop(path, None)
        self._parsed[path] = found
        before = self._summaries.get(path)
        after = self._summaries[path] = summary_of(found, self._wanted)
        if before != after or self._project is None:
            return self._doubt()
        assert before is not None  # what other files know of this one is as it was
        before.move(after)
        self._summaries[path] = before
        for other in [other for other, findings in self._findings.items() if _speaks_of(findings, path)]:
            del self._findings[other]
        self._findings.pop(path, None)
        return None

    def _doubt(self) -> None:
        """Something changed that any finding may depend on."""
        self._project = None
        self._findings.clear()

    def _tell(self, path: str, done: int, total: int) -> None:
        if self.watch is not None:
            self.watch(path, done, total)

    def _ask(self, file: Parsed, project: Project) -> list[Finding]:
        if file.source.is_test:
            return []
        failed = self._failed[file.source.path] = []
        return ask(file, project, list(self._asked.values()), self.settings.rules, failed)

    def _forget(self, path: str) -> None:
        for table in (self._parsed, self._summaries, self._findings, self._failed):
            table.pop(path, None)
        self._broken.pop(path, None)


def _speaks_of(findings: Iterable[Finding], path: str) -> bool:
    """Whether a finding leads over a file."""
    return any(note.location.path == path for finding in findings for note in finding.notes)
