"""The first reading of a project in several processes, for a session that stays."""

from __future__ import annotations

import sys

from brownout.engine import Progress, Result
from brownout.model.source import Unreadable
from brownout.project import parallel
from brownout.project.checking import processes
from brownout.project.session import Session
from brownout.project.settings import Settings
from brownout.project.shares import Job, result_of
from brownout.project.state import State, Told, is_mostly_known
from brownout.project.workspace import Workspace


def begin(
    session: Session, workspace: Workspace, settings: Settings, progress: Progress, jobs: int | None = None
) -> None:
    """Give a session that is about to read `workspace` what several processes find, where that pays.

    When one of them dies the session reads alone: it tells which file it is at.
    """
    count = processes(workspace.sources, jobs) if sys.platform != "darwin" else 1  # there, threads must not fork
    known = session.restored.files if session.restored is not None else {}
    if count < 2 or session.skipped or is_mostly_known(workspace.sources, known):
        return
    try:
        state, _ = by_several(Session(session.root, settings), workspace, settings, count, progress, rescue=False)
        session.restore(state)
    except parallel.Lost:
        return


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
