"""Several processes say what one says, and a worker that dies costs no finding."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import check
from brownout.project import parallel
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace
from cached import in_child
from checking import RULES

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are started by fork")


@pytest.fixture(scope="module")
def job() -> parallel.Job:
    workspace = open_workspace(DOCDESK, [DOCDESK], Settings())
    return parallel.Job(workspace.sources, list(RULES.values()), Catalog(workspace.versions), {})


@pytest.fixture(scope="module")
def alone(job):
    return check(job.sources, rules=job.rules, catalog=job.catalog)


@pytest.mark.parametrize("count", [2, 5])
def test_several_processes_say_what_one_says(job, alone, count):
    assert parallel.check(job, count) == alone


@pytest.mark.parametrize("room", [0, 40_000])
def test_what_does_not_fit_is_parsed_again(job, alone, room, monkeypatch):
    monkeypatch.setattr(parallel, "ROOM", room)
    assert parallel.check(job, 2) == alone


@pytest.mark.parametrize("step", ["read_share", "ask_share"])
def test_a_worker_that_dies_costs_no_finding(job, alone, step, monkeypatch):
    here, real = os.getpid(), getattr(parallel, step)

    def dying(*arguments):
        if os.getpid() != here:
            os._exit(9)
        return real(*arguments)

    monkeypatch.setattr(parallel, step, dying)

    assert parallel.check(job, 2) == alone


def test_no_process_is_left_behind(job):
    def checks() -> int:
        parallel.check(job, 3)
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        return 7

    assert in_child(checks) == 0  # a process that has no children from other tests


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.6])
def test_an_interrupt_ends_all_processes_at_once(tmp_path, seconds):
    for number in range(60):
        (tmp_path / f"part{number}.py").write_text("import requests\n\n\ndef load(url):\n    requests.get(url)\n" * 400)
    command = [sys.executable, "-m", "brownout", "check", "--jobs", "3", "--no-cache", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, errors = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT), errors
    assert b"Traceback" not in errors or process.returncode == -signal.SIGINT
    deadline = time.monotonic() + 5
    while _alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(process.pid)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_the_same_bytes_whatever_the_number(tmp_path, form):
    def text(count: int) -> bytes:
        command = [sys.executable, "-m", "brownout", "check", "--no-cache", "--output-format", form, "-j", str(count)]
        return subprocess.run([*command, str(DOCDESK / "backend")], capture_output=True, check=False).stdout

    assert text(1) == text(3) != b""
