"""The first reading of a project in several processes, for a session that stays."""

from __future__ import annotations

import sys

from brownout.engine import Progress, Result, shared_heads
from brownout.model.source import Unreadable
from brownout.project import parallel
from brownout.project.checking import processes
from brownout.project.session import Session
from brownout.project.settings import Settings
from brownout.project.shares import Job, result_of
from brownout.project.state import State, Told, source_id
from brownout.project.workspace import Workspace

MOST = 0.2
"""The share of files that may be unknown for it to pay to read them in this process alone."""


def begin(
    session: Session, workspace: Workspace, settings: Settings, progress: Progress, jobs: int | None = None
) -> None:
    """Give a session that is about to read `workspace` what several processes find, where that pays.

    When one of them dies the session reads alone: it tells which file it is at.
    """
    count = processes(workspace.sources, jobs) if sys.platform != "darwin" else 1  # there, threads must not fork
    if count < 2 or session.skipped or _unread(session, workspace) <= MOST * len(workspace.sources):
        return
    try:
        state, _ = by_several(Session(session.root, settings), workspace, settings, count, progress, rescue=False)
        session.restore(state)
    except parallel.Lost:
        return


def _unread(session: Session, workspace: Workspace) -> int:
    """How many files the state to start from does not know as they are."""
    known = session.restored.files if session.restored is not None else {}
    heads = shared_heads(workspace.sources) if known else {}
    return sum(
        1
        for source in workspace.sources
        if source.path not in known or known[source.path].id != source_id(source, heads.get(source.root, {}))
    )


def by_several(
    session: Session, workspace: Workspace, settings: Settings, count: int, progress: Progress | None, *, rescue: bool
) -> tuple[State, Result]:
    """What `count` processes know and say of a workspace; `session` has read nothing, and is left without it.

    Raises `Lost` where a process dies, unless its share is to be done here, as a `rescue`.
    """
    session.prepare(workspace, settings)
    job = Job(workspace.sources, list(session.asked.values()), session.catalog, settings.rules, traced=True)
    known, every = parallel.examine(job, count, progress, rescue=rescue)
    told = {place: one for answers in every for place, one in answers.told.items()}
    good = ((item, told.get(place, Told())) for place, item in known.items() if not isinstance(item, Unreadable))
    return session.state_of(good), result_of(job, known, every)
