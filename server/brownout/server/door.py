"""The language server: what the client says goes to the state, what the state knows goes to the client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from brownout.core import __version__
from brownout.server import answers, documents, options, watching
from brownout.server.child import Started
from brownout.server.diagnostics import Abilities
from brownout.server.progress import Progress
from brownout.server.projects import Document, Project, Snapshot
from brownout.server.protocol import Protocol
from brownout.server.state import State
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """Speaks the protocol, and only that; the analysis is another process, which may have been started already."""

    def __init__(self, analysis: Started | None = None) -> None:
        super().__init__(
            "brownout",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=Protocol,
            max_workers=2,
        )
        self.state = State(self.news, self.problem)
        self.state.analyst.ready = analysis
        self.pulls = False
        """Whether the client asks for findings, and again when told to; otherwise they are pushed."""
        self.lenses = False
        self.watches = False
        """Whether the client tells of files that change on the disk."""
        self.over = False
        self._analysis: asyncio.Task[None] | None = None
        self._told: set[str] = set()

    def start(self, params: types.InitializeParams) -> None:
        """Learn what the client can, and start the analysis."""
        document, workspace = params.capabilities.text_document, params.capabilities.workspace
        window = params.capabilities.window
        asks_again = bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)
        self.pulls = asks_again and document is not None and document.diagnostic is not None
        self.lenses = bool(workspace and workspace.code_lens and workspace.code_lens.refresh_support)
        self.state.versioned = bool(
            workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes
        )
        published = document.publish_diagnostics if document is not None else None
        if not self.pulls:
            self.state.abilities = Abilities(
                bool(published and published.related_information),
                bool(published and published.code_description_support),
                bool(published and published.tag_support),
            )
        hover = document.hover if document is not None else None
        self.state.markdown = bool(hover and types.MarkupKind.Markdown in (hover.content_format or ()))
        self.state.encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        if window is not None and window.work_done_progress:
            self.state.busy = Progress(self)
        self.configure(options.read(params.initialization_options))
        self.state.set_folders(_folders(params))
        self._analysis = asyncio.get_running_loop().create_task(self.state.analyst.run())
        self._analysis.add_done_callback(_tell_end)
        watching.expect_settings(self)

    def stop(self) -> None:
        """End the analysis: the client is about to leave."""
        self.over = True
        self.state.analyst.stop()

    def configure(self, found: options.Options, scoped: Mapping[Path, options.Options] | None = None) -> None:
        """Take over settings of the editor: the window's, and those of workspace folders that have their own."""
        scoped = scoped or {}
        for sentence in dict.fromkeys(text for one in (found, *scoped.values()) for text in one.trouble):
            self.problem(sentence)
        if (found, scoped) != (self.state.options, self.state.scoped):
            logging.getLogger("brownout").setLevel(logging.DEBUG if found.trace else logging.INFO)
            self.state.set_options(found, scoped)
            if self.state.begun.is_set():  # before that the client has nothing that could be shown anew
                self.refresh()

    def refresh(self) -> None:
        """Show everything anew."""
        if not self.pulls:
            for document in self.state.documents.values():
                self.publish(document)
        else:
            self.protocol.send_request(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        self._refresh_lenses()

    def news(self, project: Project, names: set[str], spoken: dict[str, Snapshot], asked: set[str]) -> None:
        """A report has come on `names`, as the documents were in `spoken`; those in `asked` changed before it.

        Clients that pull ask by themselves about documents that change. What is about an old version is dropped.
        """
        if not self.pulls:
            for document in self.state.documents_of(project):
                if spoken.get(document.name) is document.now:
                    self.publish(document)
        elif names - asked:
            self.protocol.send_request(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        if names - asked:
            self._refresh_lenses()

    def _refresh_lenses(self) -> None:
        every = (self.state.options, *self.state.scoped.values())
        if self.lenses and any(one.code_lens for one in every):
            self.protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH)

    def publish(self, document: Document) -> None:
        """Push a document's findings, with the version that they are about."""
        found = self.state.diagnostics(document)
        version = document.now.version
        if document.published != (version, found):
            document.published = (version, found)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, found, version=version))

    def problem(self, message: str) -> None:
        """Tell the user something, once."""
        log.error("%s", message)
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"brownout: {message}"))

    def report_server_error(self, error: Exception, source: object) -> None:
        """Errors are for the log; what a user can do something about is told by `problem`."""
        log.error("%s: %s", type(error).__name__, error)


def make(analysis: Started | None = None) -> Server:
    """A server with all its features."""
    server = Server(analysis)

    @server.feature(types.INITIALIZE)
    def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.start(params)
        if ls.pulls:
            documents.offer_pull(ls)
        answers.offer(ls, params.capabilities)

    @server.feature(types.SHUTDOWN)
    async def shutdown(ls: Server, _: None) -> None:
        ls.stop()

    documents.offer(server)
    watching.offer(server)
    return server


def _folders(params: types.InitializeParams) -> list[Path]:
    found = [folder.uri for folder in params.workspace_folders or []]
    if not found and params.root_uri:
        found = [params.root_uri]
    places = [to_fs_path(uri) for uri in found]
    return [Path(place) for place in places if place]


def _tell_end(task: asyncio.Task[None]) -> None:
    """An analysis that ends by itself is a bug: findings would stay as they are, so the log says so."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the analysis has ended: %s: %s", type(error).__name__, error)
