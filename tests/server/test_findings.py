"""Findings in the editor: which, where, of which version, pushed or pulled."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys

import pytest
from lsprotocol import types
from server.editor import CLIENTS, editing, rules, settings
from wild.fetch import fetch, packages

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")]

WILD = ("chromadb", "sanic", "scrapy")
OTHER = ("suppression", "unreadable-file")
"""Codes of what is no finding: the command line tells of it in other words."""
LOOSE = "import requests\n\n\ndef get(url):\n    return requests.get(url)\n"


@pytest.mark.parametrize("client", CLIENTS)
async def test_each_client_sees_the_finding_where_it_is(desk, client):
    async with editing(desk, client) as editor:
        editor.open("client.py", LOOSE)
        (found,) = await editor.settled("client.py", lambda rules: "missing-timeout" in rules)

        assert editor.covered("client.py", found.range) == "requests.get"
        assert found.source == "brownout"
        assert found.severity == types.DiagnosticSeverity.Error
        assert editor.offered.diagnostic_provider is None


async def test_a_client_that_pulls_is_never_pushed_to(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        report = await editor.pull("client.py")

        assert rules(report.items) == ["missing-timeout"]
        link, offered = report.items[0].code_description, editor.offered.diagnostic_provider
        assert link is not None and link.href.endswith("rules/README.md#missing-timeout")
        assert offered is not None and offered.inter_file_dependencies
        await editor.pull_all()
        assert not editor.pushed


async def test_what_a_client_has_already_is_not_sent_again(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        first = await editor.pull("client.py")
        again = await editor.pull("client.py", first.result_id)
        assert again.kind == "unchanged"
        assert again.result_id == first.result_id

        editor.change("client.py", "\n" + LOOSE)
        moved = await editor.pull("client.py", first.result_id)
        assert moved.kind == "full"
        assert moved.items[0].range.start.line == first.items[0].range.start.line + 1


async def test_files_that_are_not_open_are_in_the_workspace_report(desk):
    async with editing(desk, "vscode") as editor:
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        items = {item.uri: item for item in await editor.pull_all()}
        assert rules(items[editor.uri("app.py")].items) == ["blocking-call-in-async"]

        again = await editor.pull_all({uri: item.result_id for uri, item in items.items()})
        assert {item.kind for item in again} == {"unchanged"}

        (desk / "app.py").write_text("", encoding="utf-8")
        count = editor.diagnostic_refresh_count
        editor.touched("app.py")
        await editor.until(lambda: editor.diagnostic_refresh_count > count)
        last = await editor.pull_all({uri: item.result_id for uri, item in items.items()})
        assert [(item.uri, item.kind, list(item.items)) for item in last] == [(editor.uri("app.py"), "full", [])]


async def test_every_step_of_a_chain_is_related_information(desk):
    async with editing(desk) as editor:
        editor.open("app.py")
        (found,) = await editor.settled("app.py", lambda rules: bool(rules))

        steps = [(one.location.uri, one.location.range.start.line) for one in found.related_information or ()]
        assert (editor.uri("client.py"), 4) in steps


async def test_a_change_in_one_file_shows_in_another(desk):
    async with editing(desk) as editor:
        editor.open("app.py")
        editor.open("client.py")
        await editor.settled("app.py", lambda rules: rules == ["blocking-call-in-async"])

        editor.change("client.py", "def push(url):\n    return url\n")
        editor.save("client.py")
        await editor.settled("app.py", lambda rules: rules == [])


async def test_a_change_in_one_file_makes_a_client_pull_another(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("app.py")
        editor.open("client.py")
        assert rules((await editor.pull("app.py")).items) == ["blocking-call-in-async"]
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        count = editor.diagnostic_refresh_count

        editor.change("client.py", "def push(url):\n    return url\n")
        await editor.until(lambda: editor.diagnostic_refresh_count > count)
        assert rules((await editor.pull("app.py")).items) == []


async def test_quick_typing_is_published_once(desk):
    async with editing(desk) as editor:
        editor.open("client.py")
        await editor.settled("client.py")
        last = editor.latest("client.py")
        assert last is not None

        for count in range(200):
            editor.change("client.py", LOOSE + "#" * count)
        await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])

        published = editor.pushed[editor.uri("client.py")]
        (one,) = published[published.index(last) + 1 :]
        assert one.version == 201


async def test_a_file_that_does_not_parse_keeps_its_findings_in_their_places(desk):
    async with editing(desk) as editor:
        editor.open("client.py", LOOSE)
        (found,) = await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])

        editor.change("client.py", "\n\ndef (:\n" + LOOSE)
        last = await editor.settled("client.py", lambda rules: len(rules) == 2)
        assert rules(last) == ["missing-timeout", "unreadable-file"]
        assert last[0].range.start.line == found.range.start.line + 3
        assert editor.covered("client.py", last[0].range) == "requests.get"
        assert last[1].range.start.line == 2

        editor.change("client.py", "\n" + LOOSE)
        last = await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])
        assert last[0].range.start.line == found.range.start.line + 1


STRANGE = {
    "form feed": "\f\nimport requests\n\f\ndef get(url):\n    s = '\f'; requests.get(url)\n",
    "line separator": "import requests\ns = '\u2028\u0085\x1c'; requests.get(s)\nrequests.get(s)\n",
    "carriage returns": "import requests\r\n\r\ndef get(url):\r\n    s = '😊'; requests.get(url)\r\n",
    "old Mac": "import requests\r\rdef get(url):\r    requests.get(url)\r",
    "byte order mark": "\ufeffimport requests; requests.get('😊')\nrequests.get('x')\n",
    "emoji": "import requests\ns = '😊é'; requests.get(s)\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_columns_are_counted_in_the_units_that_were_agreed(desk, encoding):
    async with editing(desk, encodings=[encoding]) as editor:
        assert editor.encoding == encoding
        for kind, text in STRANGE.items():
            editor.open(f"{kind}.py", text)
        for kind, text in STRANGE.items():
            found = await editor.settled(f"{kind}.py", lambda rules: "missing-timeout" in rules)
            assert {editor.covered(f"{kind}.py", one.range) for one in found} == {"requests.get"}, kind
            assert len(found) == text.count("requests.get("), kind


async def test_half_a_character_is_no_reason_to_stop(desk):
    async with editing(desk) as editor:
        editor.open("client.py", LOOSE + "# \ud83d\n")
        assert rules(await editor.settled("client.py", lambda rules: bool(rules))) == ["unreadable-file"]
        editor.change("client.py", LOOSE)
        await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])


async def test_a_file_that_a_check_leaves_out_is_left_out(desk):
    (desk / "brownout.toml").write_text(settings(more='exclude = ["vendored/"]'), encoding="utf-8")
    (desk / "vendored").mkdir()
    (desk / "vendored" / "old.py").write_text(LOOSE, encoding="utf-8")
    async with editing(desk) as editor:
        editor.open("vendored/old.py")
        editor.open("new.py", LOOSE)
        await editor.settled("new.py", lambda rules: rules == ["missing-timeout"])
        editor.open("vendored/new.py", LOOSE)
        editor.change("vendored/old.py", LOOSE + "\n")
        assert rules(await editor.settled("vendored/old.py")) == []


async def test_only_python_files_on_the_disk_are_looked_at(desk):
    async with editing(desk) as editor:
        for uri in ("untitled:Untitled-1", editor.uri("notes.txt")):
            item = types.TextDocumentItem(uri, "python", 1, LOOSE)
            editor.text_document_did_open(types.DidOpenTextDocumentParams(item))
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", lambda rules: bool(rules))
        assert set(editor.pushed) == {editor.uri("client.py")}


async def test_the_command_line_says_the_same(docdesk):
    await say_the_same(docdesk)


@pytest.mark.wild
@pytest.mark.parametrize("name", WILD)
async def test_the_command_line_says_the_same_of_published_code(tmp_path, name):
    (package,) = [one for one in packages() if one.name == name]
    try:
        folder = fetch(package)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"{name} cannot be fetched: {type(error).__name__}")
    root = tmp_path / name
    shutil.copytree(folder, root, symlinks=True)
    (root / "brownout.toml").write_text('min-severity = "monitor"\nsuspected = true\n', encoding="utf-8")
    await say_the_same(root)


async def say_the_same(root):
    """The command line and a server say the same of a project: rules, places, steps and messages."""
    command = [sys.executable, "-m", "brownout", "check", "--exit-zero", "--output-format", "json", "."]
    told = json.loads(subprocess.run(command, capture_output=True, cwd=root, check=True).stdout)
    expected = sorted(
        (
            editor_place(one),
            [(*editor_place(note), note["message"]) for note in one["notes"]],
            one["rule"],
            one["message"],
        )
        for one in told["findings"]
    )
    assert expected
    async with editing(root, "vscode", encodings=["utf-32"]) as editor:
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        found: list[object] = []
        for item in await editor.pull_all():
            for one in (one for one in item.items if one.code not in OTHER):
                notes = [
                    (*place(editor, note.location.uri, note.location.range), note.message)
                    for note in one.related_information or ()
                ]
                found.append((place(editor, item.uri, one.range), notes, one.code, one.message))
        assert sorted(found, key=str) == sorted(expected, key=str)

        for name in {one["path"] for one in told["findings"]}:
            editor.open(name)
        opened = await asyncio.gather(*(editor.pull(name) for name in editor.versions))
        assert sum(one.code not in OTHER for report in opened for one in report.items) == len(expected)


def editor_place(found):
    """A place of the command line's."""
    return (found["path"], found["line"], found["column"], found["end_line"], found["end_column"])


def place(editor, uri, found):
    """A place of the server's, as the command line writes it."""
    name = uri.removeprefix(editor.root.as_uri() + "/")
    return (name, found.start.line + 1, found.start.character + 1, found.end.line + 1, found.end.character + 1)
