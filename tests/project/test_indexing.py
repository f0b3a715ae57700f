"""A session that was read in several processes is like any other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from brownout.project import indexing, parallel
from brownout.project.checking import check_workspace
from brownout.project.session import Session
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are started by fork")


def read(progress):
    session = Session(DOCDESK)
    session.begin = lambda workspace, settings: indexing.begin(session, workspace, settings, progress, 3)
    return session, session.open()


def test_a_session_read_in_several_processes_says_what_a_check_says(monkeypatch):
    monkeypatch.setattr("brownout.project.session.parse", None)  # nothing is left to be read here
    told: list[tuple[int, int]] = []
    session, outcome = read(lambda done, total: told.append((done, total)))
    workspace = open_workspace(DOCDESK, [DOCDESK], Settings())
    assert outcome == check_workspace(workspace, session.settings)
    assert told[-1] == (len(workspace.sources), len(workspace.sources))


@pytest.mark.parametrize("step", ["read_share", "ask_share"])
def test_a_worker_that_dies_costs_no_finding(step, monkeypatch):
    def dying(*_):
        os._exit(9)

    monkeypatch.setattr(parallel, step, dying)  # here nobody does it either
    session, outcome = read(lambda done, total: None)
    assert outcome == check_workspace(open_workspace(DOCDESK, [DOCDESK], Settings()), session.settings)
