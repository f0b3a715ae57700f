"""What goes wrong: a killed analysis, a file that kills it, requests that are none, clients that leave."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from server.editor import PATIENCE, editing, rules

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")]

LOOSE = "import requests\n\n\ndef get(url):\n    return requests.get(url)\n"
PROC = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="child processes are found in /proc")


@PROC
async def test_a_killed_analysis_loses_nothing(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]
        for count in range(3):
            (pid,) = editor.analysis_pids()
            os.kill(pid, signal.SIGKILL)
            editor.change("client.py", "\n" * (count + 1) + LOOSE)
            asked = [editor.pull("client.py"), editor.pull_all(), editor.actions("client.py", 4)]
            answers = await asyncio.gather(*asked)
            assert len(answers) == 3
            async with asyncio.timeout(PATIENCE):
                while True:
                    report = await editor.pull("client.py")
                    if [one.range.start.line for one in report.items] == [5 + count] and editor.analysis_pids():
                        break
        assert not editor.messages


@PROC
async def test_a_fix_is_worked_out_though_the_analysis_dies(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        await editor.pull("client.py")
        fix, _ = await editor.actions("client.py", 4)
        (pid,) = editor.analysis_pids()
        os.kill(pid, signal.SIGSTOP)
        answer = asyncio.ensure_future(editor.code_action_resolve_async(fix))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            taken = await answer
        assert "timeout=30" in editor.applied("client.py", taken.edit)


POISONED = """
import os, sys
import brownout.project.session as session
read = session.parse

def parse(source, heads=None):
    if "POISON" in source.text:
        {death}
    return read(source, heads)

session.parse = parse
from brownout.server.analysis import main
main()
"""
POISONED_SERVER = """
import sys
import brownout.server.child as child
child.COMMAND = ("-P", sys.argv.pop(1))
from brownout.cli import main
sys.exit(main())
"""


@pytest.fixture(params=["os._exit(9)", "raise RuntimeError('a bug')"], ids=["death", "bug"])
def poisoned(tmp_path, request):
    """A server whose analysis dies of, or stumbles over, files that hold a certain word."""
    (tmp_path / "analysis.py").write_text(POISONED.replace("{death}", request.param), encoding="utf-8")
    (tmp_path / "server.py").write_text(POISONED_SERVER, encoding="utf-8")
    return (sys.executable, str(tmp_path / "server.py"), str(tmp_path / "analysis.py"), "server")


async def test_a_file_that_kills_the_analysis_is_left_out_and_comes_back(desk, poisoned):
    async with editing(desk, command=poisoned) as editor:
        editor.open("client.py", LOOSE)
        await editor.settled("client.py", bool)
        editor.open("bad.py", "POISON\n")
        editor.open("app.py")
        await editor.until(lambda: bool(editor.messages))
        assert "bad.py" in editor.messages[0].message

        editor.change("client.py", "\n" + LOOSE)
        (found,) = await editor.settled("client.py", lambda rules: rules == ["missing-timeout"])
        assert found.range.start.line == 5
        assert len(editor.messages) == 1

        editor.change("bad.py", LOOSE)
        editor.save("bad.py")
        await editor.settled("bad.py", lambda rules: rules == ["missing-timeout"])


async def test_every_request_is_answered(desk):
    async with editing(desk) as editor:
        editor.open("client.py", LOOSE)
        with pytest.raises(JsonRpcException, match="Method Not Found"):
            await asyncio.wait_for(editor.protocol.send_request_async("brownout/nothing", {}), PATIENCE)
        with pytest.raises(JsonRpcException, match="Invalid Params"):
            await _sent(editor, {"id": 99, "method": "textDocument/hover", "params": {"position": 3}})
        unknown = types.TextDocumentIdentifier(editor.uri("nowhere.py"))
        assert await editor.text_document_hover_async(types.HoverParams(unknown, types.Position(3, 3))) is None
        beyond = types.HoverParams(types.TextDocumentIdentifier(editor.uri("client.py")), types.Position(999, 999))
        assert await editor.text_document_hover_async(beyond) is None
        await editor.settled("client.py", bool)
        assert not editor.messages


async def _sent(editor, message):
    """A message that no well-behaved client sends, and its answer."""
    future = Future()
    editor.protocol._request_futures[message["id"]] = future
    editor.protocol._send_data({"jsonrpc": "2.0", **message})
    async with asyncio.timeout(PATIENCE):
        return await asyncio.wrap_future(future)


async def test_a_cancelled_request_is_answered_and_the_next_one_works(desk):
    async with editing(desk, "vscode") as editor:
        editor.open("client.py", LOOSE)
        place = types.TextDocumentIdentifier(editor.uri("client.py"))
        number = 4711
        asked = types.DocumentDiagnosticParams(place)
        waiting = editor.protocol.send_request(types.TEXT_DOCUMENT_DIAGNOSTIC, asked, msg_id=number)
        editor.cancel_request(types.CancelParams(number))
        with pytest.raises(JsonRpcException, match="cancel"):
            await asyncio.wait_for(asyncio.wrap_future(waiting), PATIENCE)
        assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]


async def test_after_shutdown_requests_are_refused(desk):
    async with editing(desk) as editor:
        await editor.shutdown_async(None)
        place = types.TextDocumentIdentifier(editor.uri("client.py"))
        with pytest.raises(JsonRpcException, match="shutting down"):
            await asyncio.wait_for(
                editor.text_document_hover_async(types.HoverParams(place, types.Position(0, 0))), PATIENCE
            )
        editor.shutdown_session = _leave(editor)


def _leave(editor):
    async def leave():
        editor.exit(None)
        await editor._server.wait()

    return leave


@PROC
async def test_nothing_stays_behind_when_the_editor_dies(desk):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "brownout", "server", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    async with asyncio.timeout(PATIENCE):
        while not (found := children.read_text().split()):
            await asyncio.sleep(0.05)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        while Path(f"/proc/{found[0]}").exists():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("way", ["tcp", "ws"])
async def test_a_server_over_a_socket(desk, unused_tcp_port, way):
    from server.editor import Editor, capabilities

    if way == "ws":
        pytest.importorskip("websockets")
    command = [sys.executable, "-m", "brownout", "server", f"--{way}", "--port", str(unused_tcp_port)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    editor = Editor(desk)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if way == "tcp":
                        await editor.start_tcp("127.0.0.1", unused_tcp_port)
                    else:
                        await editor.start_ws("127.0.0.1", unused_tcp_port)
                    break
                except OSError:
                    await asyncio.sleep(0.1)
            asked = types.InitializeParams(capabilities=capabilities("vscode"), root_uri=desk.as_uri())
            await editor.initialize_session(asked)
            editor.open("client.py", LOOSE)
            assert rules((await editor.pull("client.py")).items) == ["missing-timeout"]
            await editor.shutdown_session()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
        await editor.stop()
