"""A project held open: texts change, the findings of all files follow, and only what a change touches is done again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from brownout.catalog import Catalog
from brownout.core import Finding, Rule
from brownout.engine import Parsed, Result, ask, collector_paused, parse, shared_heads, summary_of, wanted_calls
from brownout.facts.asked import Asked, Reads, closed
from brownout.facts.difference import Difference
from brownout.facts.project import Project
from brownout.facts.reach import Reach, reaches
from brownout.facts.summary import ModuleSummary
from brownout.model.source import SourceFile, Unreadable
from brownout.project import config
from brownout.project.checking import Outcome, check_options, names_of, selected, settle
from brownout.project.found import Found
from brownout.project.settings import Settings
from brownout.project.state import State, Told, named, source_id
from brownout.project.tables import STAY, Tables, again
from brownout.project.texts import Texts
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
        self.begin: Callable[[Workspace, Settings], None] | None = None
        """Called before a project is read for the first time: it may give a state to start from."""
        self.buffers: dict[str, str] = {}
        self.skipped: frozenset[str] = frozenset()
        """Files that are left out, since reading them brought the process down."""
        self.rules: Mapping[str, Rule] = load()
        self.settings = Settings()
        self.workspace: Workspace | None = None
        self.asked: dict[str, Rule] = {}
        self.catalog = Catalog()
        self.restored: State | None = None
        """What another session knew, until this one has started from it."""
        self._ids: dict[str, str] = {}
        """Names of sources that this session has not seen itself: it was told what they come to."""
        self._sources: dict[str, SourceFile] = {}
        """The last good text of each file."""
        self._parsed = Tables[str]()
        """Tables, as far as they were needed."""
        self._broken: dict[str, Unreadable] = {}
        self._summaries: dict[str, ModuleSummary] = {}
        self.found = Found()
        self._failed: dict[str, list[Unreadable]] = {}
        self._reads: dict[str, Reads] = {}
        """What the rules asked the project about each file."""
        self._project: Project | None = None
        self._before: Project | None = None
        """The project by which the findings were found, if it is not the one of now."""
        self._heads: Mapping[str, Mapping[str, str]] = {}
        self._texts = Texts()
        self._wanted = wanted_calls((), self.catalog)
        self._basis: tuple[object, ...] = ()

    def open(self) -> Outcome:
        """Read the project from the disk, again if need be; raises `ConfigError` for settings that cannot be used."""
        self.read()
        return self.outcome()

    def read(self) -> None:
        """The first half of `open`: settings that cannot be used leave everything as it was."""
        settings = self.given or config.read(self.root, names_of(self.rules))
        check_options(self.rules, settings)
        workspace = open_workspace(self.root, [self.root], settings, self.buffers)
        if self.workspace is None and self.begin is not None:
            self.begin(workspace, settings)
        self.take(workspace, settings)

    def take(self, workspace: Workspace, settings: Settings) -> None:
        """Make this workspace, which has been read, the session's; only files that changed are parsed."""
        self.prepare(workspace, settings)
        with collector_paused():
            for count, source in enumerate(workspace.sources):
                self._tell(source.path, count, len(workspace.sources))
                self._read(source)

    def prepare(self, workspace: Workspace, settings: Settings) -> None:
        """The first half of `take`: what decides about every file, and which files there are."""
        if self.workspace is None or settings != self.settings:
            self._doubt()
        self.settings, self.workspace = settings, workspace
        self.asked = selected(self.rules, settings)
        self.catalog = Catalog(workspace.versions, settings.calls)
        self._wanted = wanted_calls(workspace.sources, self.catalog)
        self._heads = shared_heads(workspace.sources)
        basis = (self._wanted.heads, dict(workspace.versions), settings.calls)
        if basis != self._basis:  # summaries hold what was wanted when they were made
            self._parsed.shrink(0)
            self._sources.clear()
            self._doubt()
        self._basis = basis
        self.found.touch(None)
        if self.restored is not None:
            self._believe(self.restored)
            self.restored = None
        present = {source.path for source in workspace.sources}
        for path in [path for path in {**self._summaries, **self._broken} if path not in present]:
            self._forget(path)

    def restore(self, state: State) -> None:
        """Start from what another session knew, as far as it is about the same; before the first `read`."""
        self.restored = state

    def _believe(self, state: State) -> None:
        if state.basis != self._basis:
            return
        for path, known in state.files.items():
            self._ids[path], self._summaries[path] = known.id, known.summary
            if state.asked == self._questions:
                told = known.told
                self._failed[path], self._reads[path] = told.failed, told.reads
                self.found.put(path, told.findings)
        self._project = Project([self._summaries[path] for path in sorted(self._summaries)], self.catalog)

    def state(self) -> State:
        """What this session knows of all files that can be parsed, after an outcome."""
        good = (path for path in self._summaries if path not in self._broken)
        told = {
            path: Told(self.found.by_file[path], self._failed.get(path, []), self._reads.get(path, {})) for path in good
        }
        return self.state_of((self._summaries[path], told[path]) for path in told)

    def state_of(self, known: Iterable[tuple[ModuleSummary, Told]]) -> State:
        """The state of a session that would know this: a summary and what the rules told of each file."""
        assert self.workspace is not None
        return State(self._basis, self._questions, named(self.workspace.sources, self._heads, known))

    @property
    def _questions(self) -> tuple[object, ...]:
        return (tuple(self.asked), {name: dict(options) for name, options in self.settings.rules.items()})

    def update(self, path: str, text: str | None) -> Outcome:
        """A buffer has a new text, or None: it is closed, and the file on the disk counts again."""
        self.change(path, text)
        return self.outcome()

    @collector_paused()
    def change(self, path: str, text: str | None) -> None:
        """The first half of `update`, for several changes at once."""
        if text is None:
            self.buffers.pop(path, None)
            text = read_texts(self.root, [path])[0].get(path)
        else:
            self.buffers[path] = text
        sources = list(self.workspace.sources) if self.workspace is not None else []
        place = next((place for place, source in enumerate(sources) if source.path == path), None)
        if self.workspace is None or text is None or place is None:
            return self.read()
        source = sources[place] = replace(sources[place], text=text)
        self.workspace = replace(self.workspace, sources=tuple(sources))
        self._tell(path, 0, 1)
        return self._read(source)

    def outcome(self, paths: Collection[str] | None = None) -> Outcome:
        """What a check of the whole project would say now; of `paths` only, if they are given."""
        assert self.workspace is not None, "open() comes first"
        self._complete()
        workspace = self.workspace if paths is None else self.workspace.part(paths)
        files = dict.fromkeys(source.path for source in workspace.sources)
        found = [one for path in files for one in self.found.by_file.get(path, ())]
        found.sort(key=lambda finding: finding.order)
        lines, marked = self._texts.look(workspace.sources)
        failed = [one for path in files for one in self._failed.get(path, ())]
        failed.sort(key=lambda one: (one.path, one.message))
        broken = (item for path, item in sorted(self._broken.items()) if path in files)
        result = Result(tuple(found), (*broken, *failed), len(workspace.sources), lines)
        return settle(result, workspace, self.settings, self.rules, self.asked, marked)

    def news(self) -> frozenset[str] | None:
        """The files of which an outcome may say something else than what `found` was told of; None: any."""
        self._complete()
        return self.found.news

    def _complete(self) -> None:
        """Ask about every file whose findings are not known."""
        with collector_paused():
            project, known = self._now(), self.found.by_file
            for count, path in enumerate(self._summaries):
                if path not in known:
                    self._tell(path, count, len(self._summaries))
                    self.found.put(path, self._ask(path, project))
        self._parsed.shrink(STAY)

    def text(self, path: str) -> str | None:
        """The text of a file as the session knows it."""
        sources: Iterable[SourceFile] = self.workspace.sources if self.workspace is not None else ()
        return next((source.text for source in sources if source.path == path), None)

    def reaches(self, path: str) -> list[Reach]:
        """The entry points of a file as the last outcome knows them, with what they depend on."""
        if path not in self._summaries or self._project is None:
            return []
        with self._parsed.use(path, lambda: self._again(path)) as file:
            return list(reaches(file.module, file.names, self._project))

    def _read(self, source: SourceFile) -> None:
        """Parse a file that changed, and forget the findings that may change with it."""
        path = source.path
        if path in self.skipped:
            self._forget(path)
            self._broken[path] = Unreadable(path, 1, "left out: reading it failed")
            return
        if self._sources.get(path) == source and path not in self._broken:
            return
        heads = self._heads.get(source.root, {})
        told = self._ids.pop(path, None)
        if told is not None and told == source_id(source, heads):
            self._sources[path] = source
            return
        found = parse(source, heads)
        if isinstance(found, Unreadable):
            if path not in self._sources:
                self._forget(path)  # there is no good text, or none that this session has seen as it is to be read now
            self._broken[path] = found
            self.found.touch(path)
            return
        self._broken.pop(path, None)
        self._sources[path] = source
        before = self._summaries.get(path)
        after = summary_of(found, self._wanted)
        self._parsed.put(path, found)
        if before is not None and before == after:  # what other files know of this one is as it was
            before.move(after)
        else:
            self._summaries[path] = after
            self._outdate()
        self.found.drop(path)

    def _again(self, path: str) -> Parsed:
        """The tables of a file's last good text, made once more."""
        source = self._sources[path]
        return again(source, self._heads.get(source.root, {}), self._wanted)

    def _doubt(self) -> None:
        """Something changed that any finding may depend on."""
        self._project = self._before = None
        self.found.clear()

    def _outdate(self) -> None:
        """What files know of each other changed: answers of the project so far have to be compared with new ones."""
        self._before, self._project = self._before or self._project, None

    def _now(self) -> Project:
        """The project as it is; findings that came from answers which are others now are forgotten."""
        if self._project is not None:
            return self._project
        assert self.workspace is not None
        paths = (source.path for source in self.workspace.sources)
        self._project = Project([self._summaries[path] for path in paths if path in self._summaries], self.catalog)
        if self._before is not None:
            kept = {path: self._reads[path] for path in self.found.by_file if path in self._reads}
            difference = Difference(self._before, self._project, kept.values())
            for path, reads in kept.items():
                if difference.touches(reads) or self._failed.get(path):
                    self.found.discard(path)
        self._before = None
        return self._project

    def _tell(self, path: str, done: int, total: int) -> None:
        if self.watch is not None:
            self.watch(path, done, total)

    def _ask(self, path: str, project: Project) -> list[Finding]:
        if self._sources[path].is_test:
            return []
        failed = self._failed[path] = []
        asked = Asked(project)
        with self._parsed.use(path, lambda: self._again(path)) as file:
            found = ask(file, asked, list(self.asked.values()), self.settings.rules, failed)
        self._reads[path] = closed(asked.reads)
        return found

    def _forget(self, path: str) -> None:
        self.found.drop(path)
        if path in self._summaries:
            self._outdate()
        self._parsed.drop(path)
        tables = (self._sources, self._summaries, self._failed, self._reads, self._broken, self._ids)
        for table in tables:
            table.pop(path, None)
