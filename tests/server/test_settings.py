"""Settings of the editor and of the project, and files that change on the disk."""

from __future__ import annotations

import pytest
from lsprotocol import types
from server.editor import editing, rules, settings

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
        (found,) = await editor.settled("client.py", bool)
        assert found.severity == types.DiagnosticSeverity.Information


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
        editor.open("module1.py", LOOSE)
        await editor.settled("module1.py", bool)
        done = lambda: any(  # noqa: E731
            isinstance(one, types.WorkDoneProgressEnd) for found in editor.progress_reports.values() for one in found
        )
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
