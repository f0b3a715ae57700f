"""A large project is read in several processes, which nobody notices but by the time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from server.editor import PATIENCE, Editor, editing
from server.test_soak import checked

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="child processes are found in /proc"),
]

ANALYSIS = """
import time
import brownout.project.indexing as indexing
import brownout.project.shares as shares

parse = shares.parse

def slow(source, heads=None):
    time.sleep(0.05)
    return parse(source, heads)

shares.parse = slow
indexing.processes = lambda sources, jobs: 2
from brownout.server.analysis import main
main()
"""
SERVER = """
import sys
import brownout.server.child as child
child.COMMAND = ("-P", sys.argv.pop(1))
from brownout.cli import main
sys.exit(main())
"""


@pytest.fixture
def pooled(tmp_path):
    """A server that reads every project in two processes, slowly."""
    (tmp_path / "analysis.py").write_text(ANALYSIS, encoding="utf-8")
    (tmp_path / "server.py").write_text(SERVER, encoding="utf-8")
    return (sys.executable, str(tmp_path / "server.py"), str(tmp_path / "analysis.py"), "server")


def children(pid: int) -> list[int]:
    """The processes below one."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(word) for thread in threads for word in (thread / "children").read_text().split()]
    except OSError:
        return []


async def workers(editor: Editor) -> list[int]:
    """The two that read, once they do."""
    async with asyncio.timeout(PATIENCE):
        while len(found := [one for pid in editor.analysis_pids() for one in children(pid)]) < 2:
            await asyncio.sleep(0.02)
    return found


async def gone(pids: list[int]) -> None:
    """Wait until none of these processes is there; one that nobody has asked for its end counts as gone."""
    async with asyncio.timeout(PATIENCE):
        while any(running(pid) for pid in pids):
            await asyncio.sleep(0.02)


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def says_what_a_check_says(editor: Editor) -> None:
    """The server's findings become those of a check."""
    expected = checked(editor.root)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [
                (item.uri.removeprefix(editor.root.as_uri() + "/"), one.range.start.line + 1, one.code, one.message)
                for item in await editor.pull_all()
                for one in item.items
                if one.code != "suppression"
            ]
            if sorted(found, key=str) == expected:
                return
            await asyncio.sleep(0.05)


async def test_a_project_read_in_several_processes_says_what_a_check_says(docdesk, pooled):
    async with editing(docdesk, "vscode", encodings=["utf-32"], command=pooled) as editor:
        found = await workers(editor)
        await says_what_a_check_says(editor)
        await gone(found)


async def test_a_killed_worker_costs_time_and_no_finding(docdesk, pooled):
    async with editing(docdesk, "vscode", encodings=["utf-32"], command=pooled) as editor:
        found = await workers(editor)
        os.kill(found[0], signal.SIGKILL)
        await says_what_a_check_says(editor)
        await gone(found)


async def test_the_open_file_does_not_wait_for_the_workers(docdesk, pooled):
    async with editing(docdesk, command=pooled) as editor:
        found = await workers(editor)
        editor.open("backend/docdesk/api/search.py", "import requests\n\n\ndef get(url):\n    requests.get(url)\n")
        await editor.settled("backend/docdesk/api/search.py", bool)
        assert any(running(pid) for pid in found)


async def test_a_killed_analysis_leaves_no_worker(docdesk, pooled):
    async with editing(docdesk, "vscode", encodings=["utf-32"], command=pooled) as editor:
        found = await workers(editor)
        os.kill(editor.analysis_pids()[0], signal.SIGKILL)
        await gone(found)
        await says_what_a_check_says(editor)


async def test_leaving_while_workers_read_leaves_none(docdesk, pooled):
    async with editing(docdesk, command=pooled) as editor:
        found = await workers(editor)
    await gone(found)
