"""What the editor offers at a place: fixes, comments, pages, completions, lenses."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from server.editor import PATIENCE, editing, rules

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")]

LOOSE = "import requests\n\n\ndef get(url):\n    return requests.get(url)\n"
SWALLOWED = """import requests


def get(url):
    try:
        return requests.get(url, timeout=3)
    except Exception:
        pass


def post(url):
    try:
        return requests.post(url, timeout=3)
    except Exception:
        pass
"""


async def test_a_fix_is_worked_out_when_it_is_taken(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        await editor.pull("client.py")
        fix, ignore = await editor.actions("client.py", 4)

        assert fix.title.startswith("Add timeout=30 (unsafe: ")
        assert fix.edit is None
        assert not fix.is_preferred
        assert rules(fix.diagnostics) == ["missing-timeout"]
        taken = await editor.code_action_resolve_async(fix)
        assert editor.applied("client.py", taken.edit) == LOOSE.replace("(url)\n", "(url, timeout=30)\n")
        assert ignore.title == "Ignore missing-timeout here, with a reason"


async def test_a_client_that_cannot_wait_gets_its_edits_at_once(desk):
    async with editing(desk, "emacs@v29.1") as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", bool)
        fix, _ = await editor.actions("client.py", 4)
        assert "timeout=30" in editor.applied("client.py", fix.edit)


async def test_fixes_are_made_on_the_text_that_is_there_now(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        await editor.pull("client.py")
        fix, _ = await editor.actions("client.py", 4)
        editor.change("client.py", "# one line more\n" + LOOSE)
        (moved, _) = await editor.actions("client.py", 5)

        late = await editor.code_action_resolve_async(fix)
        assert late.edit is None
        assert late.disabled is not None and late.disabled.reason == "the code has changed"
        taken = await editor.code_action_resolve_async(moved)
        assert editor.applied("client.py", taken.edit).endswith("requests.get(url, timeout=30)\n")


async def test_safe_fixes_are_preferred_and_go_together(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", SWALLOWED)
        assert rules((await editor.pull("client.py")).items) == ["failure-swallowed"] * 2
        first, *_ = await editor.actions("client.py", 6)
        assert first.is_preferred

        (everything,) = await editor.actions("client.py", 0, only=["source.fixAll"])
        assert everything.kind == "source.fixAll.brownout"
        taken = await editor.code_action_resolve_async(everything)
        text = editor.applied("client.py", taken.edit)
        editor.change("client.py", text)
        assert rules((await editor.pull("client.py")).items) == []
        assert await editor.actions("client.py", 0, only=["source.organizeImports"]) == []


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("requests.get(url)", 3),
        ("requests.get(\n        url,\n    )", 3),
        ("requests.get(url)  # seen", 3),
        ("requests.get(url)  # brownout: ignore[constant-health-check] no", 3),
        ("print('''\n''', requests.get('😊'))", 4),
        ("if requests.get(url):\n        pass", 3),
        ("x = 1; requests.get(url)", 3),
    ],
)
async def test_the_comment_that_ignores_ends_the_finding(tmp_path, statement, line, ends):
    from brownout.server.actions import ignore_edit
    from brownout.server.lines import Lines

    (tmp_path / "brownout.toml").touch()
    text = f"import requests\n\ndef get(url):\n    {statement}\n\n\nget('x')\n".replace("\n", ends)
    edit = ignore_edit(Lines(text), line, "missing-timeout", "utf-16")
    assert edit is not None
    found, before = _suppressed(tmp_path, _applied(text, edit)), _suppressed(tmp_path, text)
    assert (before, found) == (0, 1)


async def test_no_comment_where_none_can_stand():
    from brownout.server.actions import ignore_edit
    from brownout.server.lines import Lines

    assert ignore_edit(Lines("x = (\n"), 0, "missing-timeout", "utf-16") is None


def _applied(text, edit):
    from brownout.server.lines import Lines

    lines = Lines(text)
    start, end = lines.offset(edit.range.start, "utf-16"), lines.offset(edit.range.end, "utf-16")
    return text[:start] + edit.new_text + text[end:]


def _suppressed(root, text):
    from brownout.project.session import Session

    session = Session(root)
    session.buffers["client.py"] = text
    return len(session.open().suppressed)


async def test_hover_shows_the_page(desk):
    text = LOOSE + "    # nothing\nX = 1  # brownout: ignore[missing-timeout] no call here\n"
    async with editing(desk) as editor:
        editor.open("client.py", text)
        await editor.settled("client.py", lambda rules: "missing-timeout" in rules)

        page = await editor.hover("client.py", 4, 15)
        assert page.startswith("**missing-timeout** · HIGH · Network")
        assert "`requests.get` has no time limit" in page
        assert "rules/README.md#missing-timeout" in page
        general = await editor.hover("client.py", 6, 30)
        assert "The call has no time limit" in general
        assert await editor.hover("client.py", 0, 0) == ""


async def test_a_comment_that_names_a_rule_that_is_not_there_is_told(desk):
    text = "import requests\n\nx = 1  # brownout: ignore[missing-timeuot, failure-swallowed] why\n"
    async with editing(desk) as editor:
        editor.open("client.py", text)
        unknown, unused = sorted(await editor.settled("client.py", bool), key=lambda one: one.message)

        assert unknown.message.startswith("suppression of an unknown rule 'missing-timeuot'; did you mean")
        assert editor.covered("client.py", unknown.range) == "missing-timeuot"
        assert editor.covered("client.py", unused.range) == "failure-swallowed"
        assert list(unused.tags or ()) == [types.DiagnosticTag.Unnecessary]


async def test_names_are_completed_in_a_comment(desk):
    text = LOOSE.replace("(url)\n", "(url)  # brownout: ignore[missing\n")
    async with editing(desk) as editor:
        editor.open("client.py", text)
        await editor.settled("client.py")
        found = await _completed(editor, "client.py", 4, len(text.split("\n")[4]))
        assert min(found, key=lambda one: one.sort_text).label == "missing-timeout"
        assert found[0].text_edit.range.start.character == text.split("\n")[4].index("missing")

        editor.change("client.py", "x = 1  # brownout: ig")
        assert {one.label for one in await _completed(editor, "client.py", 0, 21)} == {"ignore", "file-ignore"}
        assert await _completed(editor, "client.py", 0, 3) == []


async def _completed(editor, name, line, column):
    place = types.TextDocumentIdentifier(editor.uri(name))
    async with asyncio.timeout(PATIENCE):
        found = await editor.text_document_completion_async(types.CompletionParams(place, types.Position(line, column)))
    return list(found.items) if found is not None else []


async def test_lenses_sum_up_entry_points_when_they_are_wanted(docdesk):
    name = "backend/docdesk/routes/exports.py"
    async with editing(docdesk, "vscode") as editor:
        editor.open(name)
        assert await _lenses(editor, name) == []
    async with editing(docdesk, "vscode", options={"codeLens": True}) as editor:
        editor.open(name)
        found = await _lenses(editor, name)
        text = editor.texts[name].split("\n")
        assert found
        assert all(text[one.range.start.line].startswith("@router.") for one in found)
        assert any("route · depends on SQLite, Label Studio" in one.command.title for one in found)


async def _lenses(editor, name):
    async with asyncio.timeout(PATIENCE):
        await editor.pull(name)
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        place = types.TextDocumentIdentifier(editor.uri(name))
        return list(await editor.text_document_code_lens_async(types.CodeLensParams(place)) or ())
