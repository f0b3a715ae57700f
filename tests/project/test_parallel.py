"""Several processes say what one says, and a worker that dies costs no finding."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import check
from brownout.project import parallel
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace
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
    parallel.check(job, 3)

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
