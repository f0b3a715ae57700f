"""Settings of the editor and of the project, and files that change on the disk."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from lsprotocol import types
from repositories import commit, git
from server.editor import PATIENCE, editing, rules, settings

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")]

LOOSE = "import requests\n\n\ndef get(url):\n    return requests.get(url)\n"


async def test_options_come_with_the_first_message(desk):
    options = {"ignore": ["missing-timeout"], "severity": {"high": "hint"}}
    async with editing(desk, options=options) as editor:
        editor.open("app.py")
        (found,) = await editor.settled("app.py", bool)
        assert found.severity == types.DiagnosticSeverity.Hint
        editor.open("client.py", LOOSE)
        assert await editor.settled("client.py") == []


async def test_a_project_is_ignored_when_switched_off(desk):
    async with editing(desk, "vscode", options={"enable": False}) as editor:
        editor.open("client.py", LOOSE)
        assert list((await editor.pull("client.py")).items) == []
        assert await editor.pull_all() == [] or all(not item.items for item in await editor.pull_all())
        editor.set_configuration({"brownout": {"enable": True}})
        editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]


async def test_the_client_is_asked_for_its_settings(desk):
    async with editing(desk, "emacs@v29.1", configuration={"select": ["database"]}) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", lambda rules: rules == [])

        editor.set_configuration({"brownout": {"severity": {"missing-timeout": "information"}}})
        editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))

        def is_mild() -> bool:  # what was found before the first settings came may still be on its way
            last = editor.latest("client.py")
            severities = [one.severity for one in last.diagnostics] if last is not None else []
            return severities == [types.DiagnosticSeverity.Information]

        await editor.until(is_mild)


async def test_suspected_findings_are_hints_and_only_there_when_wanted(docdesk):
    hints: list[set[object]] = []
    for suspected in (False, True):
        async with editing(docdesk, "vscode", options={"suspected": suspected}) as editor:
            await editor.until(lambda: editor.diagnostic_refresh_count > 0)
            found = [one for item in await editor.pull_all() for one in item.items]
            hints.append({one.code for one in found if one.severity == types.DiagnosticSeverity.Hint})
    assert hints[0] == set()
    assert "database-without-backup" in hints[1]


async def test_a_setting_that_cannot_be_used_is_told_and_left_out(desk):
    options = {"select": ["misssing-timeout"], "minSeverity": "loud", "severity": {"high": "pink"}, "enable": 1}
    async with editing(desk, options=options) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])
        told = [one.message for one in editor.messages]
        assert len(told) == 4
        assert any("did you mean 'missing-timeout'?" in one for one in told)


async def test_files_on_the_disk_are_watched(desk):
    async with editing(desk, "visual_studio_code@v1.65.2") as editor:
        await editor.until(lambda: bool(editor.registered))
        methods = {one.method for one in editor.registered}
        assert methods == {types.WORKSPACE_DID_CHANGE_WATCHED_FILES, types.WORKSPACE_DID_CHANGE_CONFIGURATION}
        editor.open("app.py")
        await editor.settled("app.py", bool)

        (desk / "client.py").write_text("def push(url):\n    return url\n", encoding="utf-8")
        editor.touched("client.py")
        await editor.settled("app.py", lambda rules: rules == [])

        (desk / "client.py").unlink()
        (desk / "other.py").write_text("import time\n\n\ndef push(url):\n    time.sleep(9)\n", encoding="utf-8")
        editor.touched("client.py", types.FileChangeType.Deleted)
        editor.touched("other.py", types.FileChangeType.Created)
        editor.change("app.py", editor.texts["app.py"].replace("client", "other"))
        await editor.settled("app.py", lambda rules: rules == ["blocking-call-in-async"])


async def test_a_client_that_does_not_watch_is_helped_by_saving(desk):
    async with editing(desk, "neovim@v0.7.0") as editor:
        editor.open("app.py")
        await editor.settled("app.py", bool)
        (desk / "client.py").write_text("def push(url):\n    return url\n", encoding="utf-8")
        editor.save("app.py")
        await editor.settled("app.py", lambda rules: rules == [])


async def test_settings_of_the_project_are_read_again(desk):
    async with editing(desk) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", bool)

        (desk / "brownout.toml").write_text(settings("missing-timeout"), encoding="utf-8")
        editor.touched("brownout.toml")
        await editor.settled("client.py", lambda rules: rules == [])


async def test_broken_settings_are_told_once_and_the_last_good_ones_kept(desk):
    (desk / "brownout.toml").write_text(settings(), encoding="utf-8")
    async with editing(desk) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", bool)

        (desk / "brownout.toml").write_text('ignroe = ["missing-timeout"]\n', encoding="utf-8")
        for _ in range(3):
            editor.touched("brownout.toml")
            editor.change("client.py", editor.texts["client.py"] + "\n")
            await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])
        (message,) = editor.messages
        assert "unknown key 'ignroe'; did you mean 'ignore'?" in message.message

        (desk / "brownout.toml").write_text(settings("missing-timeout"), encoding="utf-8")
        editor.touched("brownout.toml")
        await editor.settled("client.py", lambda rules: rules == [])


async def test_the_nearest_settings_count(tmp_path):
    for name, ignored in (("one", "missing-timeout"), ("two", "sqlite-without-wal"), ("two/inner", "missing-timeout")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "brownout.toml").write_text(settings(ignored), encoding="utf-8")
        (tmp_path / name / "client.py").write_text(LOOSE, encoding="utf-8")
    async with editing(tmp_path, "vscode", folders=[tmp_path / "one", tmp_path / "two"]) as editor:
        for name in ("one", "two", "two/inner"):
            editor.open(f"{name}/client.py")
        assert rules((await editor.pull("one/client.py")).items) == []
        assert rules((await editor.pull("two/client.py")).items) == ["missing-timeout"]
        assert rules((await editor.pull("two/inner/client.py")).items) == []

        (tmp_path / "two" / "inner" / "brownout.toml").unlink()
        editor.touched("two/inner/brownout.toml", types.FileChangeType.Deleted)
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        assert rules((await editor.pull("two/inner/client.py")).items) == ["missing-timeout"]


async def test_folders_come_and_go(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "brownout.toml").write_text(settings(), encoding="utf-8")
        (tmp_path / name / "client.py").write_text(LOOSE, encoding="utf-8")
    async with editing(tmp_path, "vscode", folders=[tmp_path / "one"]) as editor:
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        assert {item.uri for item in await editor.pull_all()} == {editor.uri("one/client.py")}

        one, two = (types.WorkspaceFolder((tmp_path / name).as_uri(), name) for name in ("one", "two"))
        count = editor.diagnostic_refresh_count
        event = types.WorkspaceFoldersChangeEvent(added=[two], removed=[one])
        editor.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.until(lambda: editor.diagnostic_refresh_count > count + 1)
        assert {item.uri for item in await editor.pull_all()} == {editor.uri("two/client.py")}


async def test_progress_is_shown_while_a_large_project_is_read(tmp_path):
    (tmp_path / "brownout.toml").write_text(settings(), encoding="utf-8")
    for number in range(600):
        body = "".join(f"def f{count}(x):\n    return [x, {count}]\n\n\n" for count in range(60))
        (tmp_path / f"module{number}.py").write_text(body, encoding="utf-8")
    async with editing(tmp_path) as editor:
        done = lambda: any(  # noqa: E731
            isinstance(one, types.WorkDoneProgressEnd) for found in editor.progress_reports.values() for one in found
        )
        editor.open("module1.py", LOOSE)
        await editor.settled("module1.py", bool)
        assert not done(), "the open file comes first"
        await editor.until(done)
        first = next(iter(editor.progress_reports.values()))[0]
        assert isinstance(first, types.WorkDoneProgressBegin)
        assert first.title.startswith("brownout reads ")


async def test_what_ruff_shows_already_is_left_to_ruff(desk):
    (desk / "brownout.toml").write_text('select = ["insecure-mktemp"]\n', encoding="utf-8")
    async with editing(desk) as editor:
        editor.open("client.py", "import tempfile\n\nNAME = tempfile.mktemp()\n")
        await editor.settled("client.py", lambda rules: rules == ["insecure-mktemp"])

        (desk / "ruff.toml").write_text('lint.select = ["S306"]\n', encoding="utf-8")
        editor.touched("ruff.toml", types.FileChangeType.Created)
        await editor.settled("client.py", lambda rules: rules == [])

        (desk / "ruff.toml").unlink()
        editor.touched("ruff.toml", types.FileChangeType.Deleted)
        await editor.settled("client.py", lambda rules: rules == ["insecure-mktemp"])


async def test_findings_follow_what_is_saved_when_that_is_wanted(desk):
    async with editing(desk, "vscode", options={"run": "onSave"}) as editor:
        editor.open("client.py", "import requests\n")
        assert (await editor.pull("client.py")).items == []
        editor.change("client.py", LOOSE)
        assert (await editor.pull("client.py")).items == []
        editor.save("client.py")
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]
        editor.change("client.py", "# one more\n" + LOOSE)
        (found,) = (await editor.pull("client.py")).items
        assert found.range.start.line == 5


async def test_only_open_files_are_reported_when_that_is_wanted(desk):
    async with editing(desk, "vscode", options={"reportingScope": "file"}) as editor:
        editor.open("client.py", LOOSE)
        await editor.until(lambda: editor.diagnostic_refresh_count > 0)
        assert {item.uri for item in await editor.pull_all()} == {editor.uri("client.py")}


async def test_what_the_editor_excludes_is_left_out(desk):
    async with editing(desk, "vscode", options={"exclude": ["app.py"]}) as editor:
        editor.open("client.py", LOOSE)
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]
        assert all(item.uri != editor.uri("app.py") for item in await editor.pull_all())


async def test_settings_come_from_the_file_that_the_editor_names(desk):
    (desk / "mine.toml").write_text(settings("missing-timeout"), encoding="utf-8")
    async with editing(desk, options={"configuration": "mine.toml"}) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", lambda rules: rules == [])
    async with editing(desk, options={"configuration": "gone.toml"}) as editor:
        editor.open("client.py", LOOSE)
        await editor.until(lambda: bool(editor.messages))
        assert "gone.toml: cannot be read" in editor.messages[0].message


async def test_each_folder_has_its_own_settings(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "brownout.toml").write_text(settings(), encoding="utf-8")
        (tmp_path / name / "client.py").write_text(LOOSE, encoding="utf-8")
    folders = [tmp_path / "one", tmp_path / "two"]
    async with editing(
        tmp_path, "emacs@v29.1", folders=folders, configuration={"severity": {"high": "hint"}}
    ) as editor:
        two = {"brownout": {"ignore": ["missing-timeout"]}}
        editor.set_configuration(two, scope_uri=(tmp_path / "two").as_uri())
        editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        editor.open("one/client.py")
        editor.open("two/client.py")
        (found,) = await editor.settled("one/client.py", bool)
        assert found.severity == types.DiagnosticSeverity.Hint
        await editor.settled("two/client.py", lambda rules: rules == [])


async def test_what_a_baseline_lists_is_not_shown(desk):
    (desk / "client.py").write_text(LOOSE, encoding="utf-8")
    command = [sys.executable, "-m", "brownout", "baseline", "-o", "brownout-baseline.json"]
    subprocess.run(command, cwd=desk, check=True, capture_output=True)
    async with editing(desk, options={"baseline": "brownout-baseline.json"}) as editor:
        editor.open("client.py")
        assert await editor.settled("client.py") == []
        editor.change("client.py", "# moved\n" + LOOSE + "\n\ndef more(url):\n    return requests.put(url)\n")
        (found,) = await editor.settled("client.py", bool)
        assert editor.covered("client.py", found.range) == "requests.put"


async def test_only_what_is_new_since_a_commit_is_shown(desk):
    (desk / "client.py").write_text(LOOSE, encoding="utf-8")
    git(desk, "init", "-q", "-b", "main")
    commit(desk)
    async with editing(desk, options={"diffBase": "HEAD"}) as editor:
        editor.open("client.py")
        assert await editor.settled("client.py") == []
        editor.change("client.py", LOOSE + "\n\ndef more(url):\n    return requests.put(url)\n")
        (found,) = await editor.settled("client.py", bool)
        assert editor.covered("client.py", found.range) == "requests.put"
    async with editing(desk, options={"diffBase": "nowhere"}) as editor:
        editor.open("client.py")
        await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])
        assert "brownout.diffBase: there is no commit 'nowhere' here" in editor.messages[0].message


@pytest.mark.parametrize("client", ["emacs@v29.1", "vscode"])
async def test_nothing_is_shown_before_the_settings_are_known(desk, client):
    (desk / "client.py").write_text(LOOSE, encoding="utf-8")
    wanted: dict[str, object] = {"ignore": ["missing-timeout"]}
    async with editing(desk, client, configuration=wanted, answers_after=0.7) as editor:
        editor.open("client.py")
        if client == "vscode":
            assert (await editor.pull("client.py")).items == []
            assert editor.configured, "nothing is said before"
            assert all(item.items == [] for item in await editor.pull_all())
        else:
            await editor.settled("client.py")
            assert editor.configured, "nothing is said before"
            editor.change("client.py", LOOSE + "\n")
            await editor.settled("client.py")
            assert not any(one.diagnostics for one in editor.pushed[editor.uri("client.py")])


async def test_a_client_that_tells_its_settings_late_is_not_waited_for(desk, capfd):
    async with editing(desk, "vscode", configuration={"ignore": ["missing-timeout"]}, answers_after=3) as editor:
        editor.open("client.py", LOOSE)
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]
        assert not editor.configured
        assert "the client has not told its settings within 1.5 s" in capfd.readouterr().err
        await editor.until(lambda: editor.configured)
        async with asyncio.timeout(PATIENCE):
            while (await editor.pull("client.py")).items:
                await asyncio.sleep(0.05)
