"""What a client asks about a place: fixes, pages, completions, lenses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from brownout.core import Finding
from brownout.server import actions, comments, pages
from brownout.server.diagnostics import overlaps
from brownout.server.lines import points
from brownout.server.projects import Document
from brownout.server.state import State
from lsprotocol import types

if TYPE_CHECKING:
    from brownout.server.door import Server

ALL = -1


class Offer(TypedDict):
    """What an action carries until it is taken: the finding by rule and place, and which of its fixes."""

    uri: str
    rule: str
    line: int
    column: int
    fix: int


def offer(server: Server, capabilities: types.ClientCapabilities) -> None:
    """Register the features that answer questions."""
    _offer_actions(server, capabilities)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        document = ls.state.documents.get(params.text_document.uri)
        return None if document is None else hovered(ls.state, document, params.position)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["[", ",", ":", "-"]))
    async def completion(ls: Server, params: types.CompletionParams) -> types.CompletionList | None:
        document = ls.state.documents.get(params.text_document.uri)
        if document is None:
            return None
        here = {
            finding.rule
            for finding in document.current.findings
            if abs(finding.location.span.line - 1 - params.position.line) <= 1
        }
        return comments.completions(document.lines, params.position, ls.state.encoding, here)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
        document = ls.state.documents.get(params.text_document.uri)
        if document is None or not ls.state.options_of(document.root).code_lens:
            return []
        await ls.state.settle(ls.state.project(document.root))
        return [_lens(lens.line - 1, lens.title) for lens in document.current.lenses]


def _lens(line: int, title: str) -> types.CodeLens:
    place = types.Position(line, 0)
    return types.CodeLens(types.Range(place, place), types.Command(title, ""))


def _offer_actions(server: Server, capabilities: types.ClientCapabilities) -> None:
    document = capabilities.text_document
    known = document.code_action if document is not None else None
    lazy = bool(known and known.resolve_support and "edit" in known.resolve_support.properties)
    kinds = [types.CodeActionKind.QuickFix, actions.FIX_ALL]
    how = types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, how)
    async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        found = ls.state.documents.get(params.text_document.uri)
        if found is None:
            return []
        offered = list(offers(ls.state, found, params))
        if not lazy:
            offered = [await resolved(ls.state, one) for one in offered]
        return [one for one in offered if one.disabled is None]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
        return await resolved(ls.state, action)


def offers(state: State, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """The actions for a range: fixes, the safe ones first; then comments that ignore; then all safe fixes at once."""
    only = params.context.only
    report = state.report(document)
    place = params.range
    here = [one for one in report.findings if overlaps(one.location.span, place.start.line, place.end.line)]
    if actions.wanted(types.CodeActionKind.QuickFix.value, only):
        offered = [(finding, number) for finding in here for number in range(len(finding.fixes))]
        offered.sort(key=lambda one: not one[0].fixes[one[1]].safe)
        for finding, number in offered:
            yield _quick_fix(state, document, finding, number)
        for finding in here:
            line = finding.location.span.line - 1
            edit = actions.ignore_edit(document.lines, line, finding.rule, state.encoding)
            if edit is not None:
                yield types.CodeAction(
                    f"Ignore {finding.rule} here, with a reason",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[state.diagnostic(document, finding)],
                    edit=_edit(state, document, [edit]),
                )
    if actions.wanted(actions.FIX_ALL, only) and actions.safe_fixes(report.findings):
        data = Offer(uri=document.uri, rule="", line=0, column=0, fix=ALL)
        yield types.CodeAction("Fix all that is safe to fix (brownout)", kind=actions.FIX_ALL, data=data)


def _quick_fix(state: State, document: Document, finding: Finding, number: int) -> types.CodeAction:
    span, fix = finding.location.span, finding.fixes[number]
    return types.CodeAction(
        actions.title(finding, fix),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[state.diagnostic(document, finding)],
        is_preferred=True if fix.safe else None,
        data=Offer(uri=document.uri, rule=finding.rule, line=span.line, column=span.column, fix=number),
    )


async def resolved(state: State, action: types.CodeAction) -> types.CodeAction:
    """An action with its edit; disabled, with the reason, if the code is no longer as it was."""
    if action.edit is not None or not isinstance(action.data, dict):
        return action
    data = cast("Offer", action.data)
    document = state.documents.get(data["uri"])
    if document is None:
        return _refused(action, "the file is not open any more")
    findings = document.current.findings
    if data["fix"] == ALL:
        fixes = actions.safe_fixes(findings)
    else:
        place = (data["rule"], data["line"], data["column"])
        found = (one for one in findings if (one.rule, one.location.span.line, one.location.span.column) == place)
        fixes = next((one.fixes[data["fix"] : data["fix"] + 1] for one in found), ())
    if not fixes:
        return _refused(action, "the code has changed")
    snapshot = document.now
    repaired = await state.repairs.repair(snapshot.text, fixes)
    if repaired.text is None:
        return _refused(action, repaired.reason)
    if document.now is not snapshot:
        return _refused(action, "the code has changed")
    action.edit = _edit(state, document, actions.text_edits(snapshot.text, repaired.text))
    return action


def _refused(action: types.CodeAction, reason: str) -> types.CodeAction:
    action.disabled = types.CodeActionDisabled(reason)
    return action


def _edit(state: State, document: Document, edits: Sequence[types.TextEdit]) -> types.WorkspaceEdit:
    if not state.versioned:
        return types.WorkspaceEdit(changes={document.uri: list(edits)})
    place = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.now.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(place, list(edits))])


def hovered(state: State, document: Document, position: types.Position) -> types.Hover | None:
    """The page of each finding at a place, or of the rule that a suppression comment names there."""
    lines = document.lines
    column = points(lines.line(position.line), position.character, state.encoding)
    texts: list[str] = []
    for finding in state.report(document).findings:
        span = finding.location.span
        if (span.line - 1, span.column) <= (position.line, column) <= (span.end_line - 1, span.end_column):
            texts.append(pages.page(finding.rule, finding))
    if not texts and (rule := comments.rule_at(lines, position.line, column)) is not None:
        texts.append(pages.page(rule))
    text = "\n\n---\n\n".join(text for text in texts if text)
    if not state.markdown:
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text.replace("**", ""))) if text else None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None
