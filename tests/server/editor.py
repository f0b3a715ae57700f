"""An editor for tests: a real client of the protocol, which remembers what it is told, and waits for it."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from brownout.rules import load
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features

PATIENCE = 60.0
"""Seconds after which a test that waits has failed; nothing is measured with it."""
ASKED = frozenset({"missing-timeout", "blocking-call-in-async", "failure-swallowed"})
CLIENTS = ("neovim@v0.7.0", "neovim@v0.11.0", "emacs@v29.1", "visual_studio_code@v1.65.2")


def settings(*ignored: str, more: str = "") -> str:
    """A `brownout.toml` under which only the rules of these tests speak, whatever rules there will be."""
    names = sorted({*load()} - ASKED | {*ignored})
    return f"ignore = {json.dumps(names)}\n{more}\n"


def capabilities(name: str) -> types.ClientCapabilities:
    """What a client can; `vscode` is a present one, which pulls."""
    if name != "vscode":
        return client_capabilities(name)
    found = copy.deepcopy(client_capabilities("visual_studio_code"))
    assert found.text_document is not None and found.workspace is not None
    found.text_document.diagnostic = types.DiagnosticClientCapabilities(dynamic_registration=True)
    found.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return found


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a client was told when it asked: `full` with diagnostics, or `unchanged`."""

    uri: str
    kind: str
    items: list[types.Diagnostic]
    result_id: str


def _pulled(uri: str, report: object) -> Pulled:
    items: list[types.Diagnostic] = list(getattr(report, "items", ()))
    return Pulled(uri, str(getattr(report, "kind", "")), items, str(getattr(report, "result_id", "")))


class Editor(LanguageClient):
    """A client with the words that tests need."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.pushed: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.registered: list[types.Registration] = []
        self.lens_refreshes = 0
        self.answers_after = 0.0
        """Seconds before the client tells its settings."""
        self.configured = False
        """Whether it has told them."""
        self.happened = asyncio.Event()
        self.offered = types.ServerCapabilities()
        """What the server can do, as it says."""
        self.encoding: str = "utf-16"

    def uri(self, name: str) -> str:
        """The address of a file of the project."""
        return (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Open a file, with the text on the disk or another one."""
        if text is None:
            text = (self.root / name).read_bytes().decode("utf-8")
        self.versions[name], self.texts[name] = 1, text
        item = types.TextDocumentItem(self.uri(name), "python", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return text

    def change(self, name: str, text: str) -> None:
        """Type."""
        self.versions[name] += 1
        self.texts[name] = text
        place = types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name))
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(place, [types.TextDocumentContentChangeWholeDocument(text)])
        )

    def save(self, name: str) -> None:
        """Write the file, and say so."""
        (self.root / name).write_bytes(self.texts[name].encode("utf-8", "surrogatepass"))
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(self.uri(name))))

    def close(self, name: str) -> None:
        """Close the file, and forget what was not saved."""
        del self.versions[name], self.texts[name]
        self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri(name))))

    def touched(self, name: str, kind: types.FileChangeType = types.FileChangeType.Changed) -> None:
        """Say that a file changed on the disk."""
        self.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(self.uri(name), kind)])
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server says makes a condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.happened.clear()
                await self.happened.wait()

    def latest(self, name: str) -> types.PublishDiagnosticsParams | None:
        """What was pushed last about a file."""
        found = self.pushed.get(self.uri(name))
        return found[-1] if found else None

    async def settled(self, name: str, expect: Callable[[list[str]], bool] = lambda _: True) -> list[types.Diagnostic]:
        """The diagnostics pushed for the current version, once the rules among them are as expected."""

        def fits() -> bool:
            last = self.latest(name)
            return last is not None and last.version == self.versions[name] and expect(rules(last.diagnostics))

        await self.until(fits)
        last = self.latest(name)
        assert last is not None
        return list(last.diagnostics)

    async def pull(self, name: str, previous: str | None = None) -> Pulled:
        """Ask for a file's diagnostics."""
        place = types.TextDocumentIdentifier(self.uri(name))
        async with asyncio.timeout(PATIENCE):
            found = await self.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(place, identifier="brownout", previous_result_id=previous)
            )
        return _pulled(self.uri(name), found)

    async def pull_all(self, previous: dict[str, str] | None = None) -> list[Pulled]:
        """Ask for the diagnostics of all files."""
        known = [types.PreviousResultId(uri, value) for uri, value in (previous or {}).items()]
        async with asyncio.timeout(PATIENCE):
            found = await self.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
        return [_pulled(item.uri, item) for item in found.items]

    async def actions(
        self, name: str, line: int, only: list[str] | None = None, end: int | None = None
    ) -> list[types.CodeAction]:
        """The actions offered on a line, from 0."""
        place = types.Range(types.Position(line, 0), types.Position(line if end is None else end, 0))
        context = types.CodeActionContext([], only=only)  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE):
            found = await self.text_document_code_action_async(
                types.CodeActionParams(types.TextDocumentIdentifier(self.uri(name)), place, context)
            )
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def hover(self, name: str, line: int, column: int) -> str:
        """What a hover says."""
        place = types.TextDocumentIdentifier(self.uri(name))
        found = await self.text_document_hover_async(types.HoverParams(place, types.Position(line, column)))
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    def applied(self, name: str, edit: types.WorkspaceEdit | None) -> str:
        """A file's text after an edit."""
        assert edit is not None
        edits: list[types.TextEdit] = list((edit.changes or {}).get(self.uri(name), ()))
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.uri == self.uri(name)
            assert change.text_document.version in (None, self.versions[name])
            edits += [one for one in change.edits if isinstance(one, types.TextEdit)]
        text = self.texts[name]
        for one in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            start, end = self.offset(text, one.range.start), self.offset(text, one.range.end)
            text = text[:start] + one.new_text + text[end:]
        return text

    def offset(self, text: str, position: types.Position) -> int:
        """The code point at a position, counted in the agreed units, the way the protocol says."""
        lines = re.split(r"(\r\n|\r|\n)", text)
        before = "".join(lines[: 2 * position.line])
        line = lines[2 * position.line] if 2 * position.line < len(lines) else ""
        codec, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[self.encoding]
        return len(before) + len(line.encode(codec)[: position.character * width].decode(codec))

    def covered(self, name: str, place: types.Range) -> str:
        """The text in a range."""
        text = self.texts[name]
        return text[self.offset(text, place.start) : self.offset(text, place.end)]

    @property
    def server_pid(self) -> int:
        """The process of the server."""
        assert self._server is not None
        return self._server.pid

    def analysis_pids(self) -> list[int]:
        """The server's child processes."""
        path = Path(f"/proc/{self.server_pid}/task/{self.server_pid}/children")
        threads = Path(f"/proc/{self.server_pid}/task").iterdir() if path.exists() else ()
        return [int(word) for thread in threads for word in (thread / "children").read_text().split()]


def rules(diagnostics: object) -> list[str]:
    """The rules of diagnostics, in their order."""
    return [str(one.code) for one in diagnostics]  # type: ignore[attr-defined]


def _listen(editor: Editor) -> None:
    register_lsp_features(editor)
    features = editor.protocol.fm.features
    for method in list(features):
        features[method] = _noisy(editor, features[method])
    del features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]

    @editor.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params: types.PublishDiagnosticsParams) -> None:
        editor.pushed.setdefault(params.uri, []).append(params)
        editor.happened.set()

    del features[types.WORKSPACE_CONFIGURATION]

    @editor.feature(types.WORKSPACE_CONFIGURATION)
    async def configuration(params: types.ConfigurationParams) -> list[object]:
        await asyncio.sleep(editor.answers_after)
        editor.configured = True
        editor.happened.set()
        return [editor.get_configuration(section=one.section, scope_uri=one.scope_uri) for one in params.items]

    @editor.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        editor.registered += params.registrations
        editor.happened.set()

    @editor.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def lenses(params: None) -> None:
        editor.lens_refreshes += 1
        editor.happened.set()


def _noisy(editor: Editor, feature: Callable[..., object]) -> Callable[..., object]:
    def called(*arguments: object) -> object:
        try:
            return feature(*arguments)
        finally:
            editor.happened.set()

    return called


COMMAND = (sys.executable, "-m", "brownout", "server")


@asynccontextmanager
async def editing(
    root: Path,
    client: str = "neovim@v0.11.0",
    *,
    options: object = None,
    configuration: dict[str, object] | None = None,
    answers_after: float = 0.0,
    encodings: list[str] | None = None,
    folders: list[Path] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> AsyncIterator[Editor]:
    """A server with an editor on it, in a project; at the end it must leave politely, with exit code 0."""
    editor = Editor(root)
    _listen(editor)
    editor.answers_after = answers_after
    if configuration is not None:
        editor.set_configuration({"brownout": configuration})
    await editor.start_io(*command, env={**os.environ, "PYTHONWARNINGS": "ignore"}, cwd=str(root))
    able = capabilities(client)
    if encodings is not None:
        able.general = types.GeneralClientCapabilities(position_encodings=encodings)
    found = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders or [root]]
    async with asyncio.timeout(PATIENCE):
        result = await editor.initialize_session(
            types.InitializeParams(
                capabilities=able, root_uri=root.as_uri(), workspace_folders=found, initialization_options=options
            )
        )
    editor.offered = result.capabilities
    agreed = editor.offered.position_encoding or "utf-16"
    editor.encoding = str(getattr(agreed, "value", agreed))
    try:
        yield editor
    finally:
        async with asyncio.timeout(PATIENCE):
            await editor.shutdown_session()
        code = editor._server.returncode if editor._server is not None else None
        await editor.stop()
    assert code == 0
