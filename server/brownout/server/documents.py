"""Open documents: text that comes, findings that go, pushed or pulled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from brownout.server.diagnostics import result_id
from brownout.server.projects import Document
from brownout.server.state import State
from lsprotocol import types

if TYPE_CHECKING:
    from brownout.server.door import Server

Item = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


def offer(server: Server) -> None:
    """Register the features that follow documents."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        ls.state.open(item.uri, item.version, item.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        if params.content_changes:
            ls.state.change(params.text_document.uri, params.text_document.version, params.content_changes[-1].text)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        ls.state.save(params.text_document.uri, watched=ls.watches)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.state.close(params.text_document.uri)
        if not ls.pulls:
            ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


def offer_pull(server: Server) -> None:
    """Pull diagnostics, only for clients that have them: others would show every finding twice."""
    how = types.DiagnosticOptions(identifier="brownout", inter_file_dependencies=True, workspace_diagnostics=True)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, how)
    async def pull(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        document = ls.state.documents.get(params.text_document.uri)
        if document is None:
            return types.RelatedFullDocumentDiagnosticReport([], result_id=result_id([]))
        await ls.state.settle(ls.state.project(document.root))
        found, mark = _document(ls.state, document)
        if mark == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(mark)
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=mark)

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(ls: Server, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        return types.WorkspaceDiagnosticReport(everything(ls.state, params.previous_result_ids))


def everything(state: State, previous: Sequence[types.PreviousResultId]) -> list[Item]:
    """What is known of every file of the workspace, open or not; what the client has already is not repeated.

    Clients ask every two seconds, so that what has not changed is not made again.
    """
    before = {item.uri: item.value for item in previous}
    found: list[Item] = []
    for uri, version, diagnostics, mark in _files(state):
        if before.pop(uri, None) == mark:
            found.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, mark, version))
        else:
            found.append(types.WorkspaceFullDocumentDiagnosticReport(uri, diagnostics, version, result_id=mark))
    nothing = result_id([])
    for uri, mark in before.items():
        if mark == nothing:
            found.append(types.WorkspaceUnchangedDocumentDiagnosticReport(uri, mark))
        else:
            found.append(types.WorkspaceFullDocumentDiagnosticReport(uri, [], result_id=nothing))
    return found


def _files(state: State) -> Iterator[tuple[str, int | None, list[types.Diagnostic], str]]:
    for project in state.projects.values():
        translator = state.translator(project)
        opened = {document.name: document for document in state.documents_of(project)}
        for name in sorted({*project.files, *opened}):
            if name in opened:
                document = opened[name]
                yield document.uri, document.now.version, *_document(state, document)
            elif state.shows(project, name):
                report = project.files[name]
                uri = state.uri_of(project, name)
                parts = (report, translator.options)
                made = state.made.of(uri, parts, lambda: translator.diagnostics(report))  # noqa: B023
                yield uri, None, *made


def _document(state: State, document: Document) -> tuple[list[types.Diagnostic], str]:
    parts = (document.now, document.report, document.trouble, state.options_of(document.root))
    return state.made.of(document.uri, parts, lambda: state.diagnostics(document))
