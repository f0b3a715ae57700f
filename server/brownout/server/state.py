"""What the server knows: projects, open documents, options; and when the analysis is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Protocol

from brownout.core import Finding
from brownout.server.analyst import Analyst
from brownout.server.diagnostics import Abilities, Made, Translator
from brownout.server.frames import Answer, FileReport, Forget, Question, Repaired, Report, Working
from brownout.server.options import Options
from brownout.server.projects import BOM, Document, Layout, Project, Snapshot
from brownout.server.repairs import Repairs
from brownout.server.timers import Timers
from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

log = logging.getLogger(__name__)

DEBOUNCE = 0.15
LATER = 1.0
"""Seconds after a save before the disk is read again, for clients that do not tell of changes on it."""


class Listener(Protocol):
    """Shows how far reading has come."""

    def hear(self, working: Working) -> None:
        """The analysis looks at a file."""

    def end(self) -> None:
        """It has finished, or died."""


class State:
    """Documents and projects, and the conversation with the analysis."""

    def __init__(
        self, news: Callable[[Project, set[str], dict[str, Snapshot], set[str]], None], problem: Callable[[str], None]
    ) -> None:
        self.news = news
        self.problem = problem
        self.busy: Listener | None = None
        self.begun = asyncio.Event()
        """Set once the client's settings are known, or it took too long to tell them; nothing is asked before."""
        self.options = Options()
        self.scoped: dict[Path, Options] = {}
        """The options of workspace folders, for clients that have some for each."""
        self.encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16
        self.abilities = Abilities()
        self.markdown = True
        self.versioned = True
        """Whether the client takes edits of a version of a document."""
        self.made = Made()
        self.layout = Layout([])
        self.documents: dict[str, Document] = {}
        self.projects: dict[str, Project] = {}
        self.analyst = Analyst(self._deliver, self._replay, self._died)
        self.repairs = Repairs(self.analyst.ask)
        self._pauses = Timers(self._due)
        self._disk = Timers(self._reread)

    def begin(self) -> None:
        """Ask about all projects: from now on there are findings."""
        if not self.begun.is_set():
            self.begun.set()
            for project in self.projects.values():
                self.sync(project)

    def open(self, uri: str, version: int, text: str) -> None:
        """A file is open from now on; others than Python files on the disk are none of our business."""
        place = to_fs_path(uri)
        if place is None or not place.endswith(".py"):
            return
        path = Path(place)
        root = self.layout.root_of(path)
        name = path.relative_to(root).as_posix()
        self.documents[uri] = Document(uri, path, str(root), name, Snapshot(version, text))
        self.project(root, anew=True)

    def change(self, uri: str, version: int, text: str) -> None:
        """A document has a new text: asked about once typing pauses."""
        document = self.documents.get(uri)
        if document is not None:
            document.now = Snapshot(version, text)
            if self.options_of(document.root).on_type:
                self.later(document.root)

    def save(self, uri: str, *, watched: bool) -> None:
        """A document was saved: asked about at once, and what had failed with it gets another chance."""
        document = self.documents.get(uri)
        if document is not None:
            project = self.projects[document.root]
            project.skipped -= {document.name}
            self.sync(project)
            if not watched:
                self._disk.start(project.root, LATER)

    def close(self, uri: str) -> None:
        """A document is closed: the file on the disk counts."""
        document = self.documents.pop(uri, None)
        if document is not None:
            self.sync(self.projects[document.root])
            self._tidy()

    def documents_of(self, project: Project) -> Iterator[Document]:
        """The open documents of a project."""
        return (document for document in self.documents.values() if document.root == project.root)

    def project(self, root: Path | str, *, anew: bool = False) -> Project:
        """The project at a root; a new one is read at once, `anew` asks about a known one again."""
        name = str(root)
        known = name in self.projects
        project = self.projects.setdefault(name, Project(name))
        if anew or not known:
            self.sync(project)
        return project

    def sync(self, project: Project, *, all_over: bool = False) -> None:
        """Ask the analysis about a project as it is now; `all_over` by a process that knows nothing yet."""
        self._pauses.cancel(project.root)
        options = self.options_of(project.root)
        if options.enable and self.begun.is_set():
            opened = list(self.documents_of(project))
            wanted = project.sync(opened, options.overrides, options.code_lens, all_over=all_over)
            self.analyst.ask(wanted)

    def later(self, root: str) -> None:
        """Ask about a project when nothing more has changed for a moment."""
        self._pauses.start(root, DEBOUNCE)

    async def settle(self, project: Project) -> None:
        """Wait for the report on every open text as it is now."""
        await self.begun.wait()
        options = self.options_of(project.root)
        if not options.enable:
            return
        while options.on_type and any(
            project.told.get(document.name) is not document.now for document in self.documents_of(project)
        ):
            await asyncio.sleep(DEBOUNCE / 3)
        await project.settled()

    def options_of(self, root: str) -> Options:
        """The options of a project: of the workspace folder that it belongs to, or of the window."""
        if not self.scoped:
            return self.options
        folder = next((one for one, found in self.layout.roots.items() if str(found) == root), None)
        folder = folder or self.layout.folder_of(Path(root))
        return self.scoped.get(folder, self.options) if folder is not None else self.options

    def set_options(self, options: Options, scoped: Mapping[Path, Options]) -> None:
        """Use other options: every project is asked about again."""
        self.options, self.scoped = options, dict(scoped)
        for project in self.projects.values():
            self.sync(project)

    def set_folders(self, folders: Iterable[Path]) -> None:
        """Other workspace folders: their projects are read, and open documents find theirs anew."""
        self.layout = Layout(list(folders))
        self.arrange()

    def arrange(self) -> None:
        """Settings came or went: each document goes to the project that it belongs to now."""
        self.layout = Layout(self.layout.folders)
        for document in self.documents.values():
            root = self.layout.root_of(document.path)
            if str(root) != document.root:
                self.later(document.root)
                name = document.path.relative_to(root).as_posix()
                document.move(str(root), name)
                self.project(root)
                self.later(str(root))
        for root in self.layout.roots.values():
            self.project(root)
        self._tidy()

    def translator(self, project: Project) -> Translator:
        """What it takes to tell the client of a project's findings."""
        options = self.options_of(project.root)
        return Translator(self.encoding, cache(partial(self.uri_of, project)), options, self.abilities)

    def diagnostics(self, document: Document) -> list[types.Diagnostic]:
        """The findings of an open document as it is now."""
        if not self.options_of(document.root).enable:
            return []
        shift = int(document.now.text.startswith(BOM))
        return self.translator(self.projects[document.root]).diagnostics(document.current, document.lines, shift)

    def diagnostic(self, document: Document, finding: Finding) -> types.Diagnostic:
        """One of the findings of an open document."""
        report = FileReport((finding,), wide=document.current.wide)
        shift = int(document.now.text.startswith(BOM))
        return self.translator(self.projects[document.root]).diagnostics(report, document.lines, shift)[0]

    def report(self, document: Document) -> FileReport:
        """What is known of an open document now."""
        return document.current if self.options_of(document.root).enable else FileReport()

    def uri_of(self, project: Project, name: str) -> str:
        """The address of a file: as the client wrote it, if it has it open."""
        path = Path(project.root, name)
        known = next((document.uri for document in self.documents.values() if document.path == path), None)
        return known or from_fs_path(str(path)) or ""

    def shows(self, project: Project, name: str) -> bool:
        """Whether a file that is not open is shown: it lies in a workspace folder, and in no project within."""
        options = self.options_of(project.root)
        if options.open_files or not options.enable:
            return False
        inner = any(name.startswith(f"{folder}/") for folder in project.nested)
        return not inner and self.layout.folder_of(Path(project.root, name)) is not None

    def _due(self, root: str) -> None:
        if root in self.projects:
            self.sync(self.projects[root])

    def _reread(self, root: str) -> None:
        if root in self.projects:
            self.projects[root].reread = True
            self.sync(self.projects[root])

    def _tidy(self) -> None:
        """Forget projects that neither a workspace folder nor an open document needs."""
        needed = {str(root) for root in self.layout.roots.values()} | {one.root for one in self.documents.values()}
        nested = {
            str(Path(root, folder)) for root in needed if root in self.projects for folder in self.projects[root].nested
        }
        for root in [root for root in self.projects if root not in needed | nested]:
            self.projects.pop(root).release(everybody=True)
            self.analyst.ask(Forget(root))

    def _deliver(self, answer: Answer) -> None:
        if isinstance(answer, Working):
            if self.busy is not None:
                self.busy.hear(answer)
        elif isinstance(answer, Repaired):
            self.repairs.take(answer)
        elif answer.root in self.projects:
            self._take(self.projects[answer.root], answer)

    def _take(self, project: Project, report: Report) -> None:
        if report.error and report.error != project.error:
            self.problem(f"{report.error}; the last good settings are kept")
        if report.broke:
            self.problem(
                f"internal error at {report.broke} (a bug in brownout, please report it); the file is left out"
            )
        if report.first and project.read:  # a new process: what is known is better
            project.release(upto=report.number)
            return
        spoken = project.take(report)
        asked: set[str] = set()
        for document in self.documents_of(project):
            if document.name in spoken:
                if document.seen is not spoken[document.name]:
                    asked.add(document.name)
                document.take(project.files.get(document.name, FileReport()), spoken[document.name])
        if not report.first:
            if self.busy is not None:
                self.busy.end()
            for folder in report.nested:
                self.project(Path(project.root, folder))
        log.debug("%s: report %s, %s files", project.root, report.number, len(report.files))
        self.news(project, set(report.files), spoken, asked)

    def _replay(self) -> Iterator[Question]:
        for project in self.projects.values():
            project.reread = True
            self.sync(project, all_over=True)
        yield from self.repairs.again()

    def _died(self, root: str, path: str, fatal: bool) -> None:
        self.repairs.died()
        if self.busy is not None:
            self.busy.end()
        if fatal and root in self.projects:
            self.projects[root].skipped |= {path}
            self.problem(f"the analysis died twice over {path}, which is left out until it is saved")
        for project in self.projects.values():
            project.release(everybody=True)
