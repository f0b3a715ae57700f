"""A check that starts from what the last one knew: what changed since, and what depends on it, is done again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from brownout.engine import Progress
from brownout.project.cache.stamp import stamp
from brownout.project.cache.store import Store
from brownout.project.checking import Outcome, check_options, check_workspace, processes, selected, settle
from brownout.project.session import Session
from brownout.project.settings import Settings
from brownout.project.state import State, is_mostly_known, pack, unpack
from brownout.project.workspace import Workspace
from brownout.rules import load


def check_remembering(
    workspace: Workspace,
    settings: Settings,
    store: Store | None,
    progress: Progress | None,
    jobs: int | None,
    executor: str | None = None,
) -> Outcome:
    """What `check_workspace` says of the same; `store` holds what was known, and then what is.

    Nothing is kept of a check that does not ask about every file.
    """
    if store is None or executor is not None or workspace.wanted is not None:
        return check_workspace(workspace, settings, progress, jobs, executor)
    check_options(load(), settings)
    state = _load(workspace.root, settings, store)
    known = state.files if state is not None else {}
    if processes(workspace.sources, jobs) > 1 and not is_mostly_known(workspace.sources, known):
        return _from_scratch(workspace, settings, store, progress, jobs)
    session = Session(workspace.root, settings)
    if state is not None:
        session.restore(state)
    if progress is not None:
        session.watch = lambda _path, done, total: progress(done, total)
    session.take(workspace, settings)
    outcome = session.outcome()
    keep(session, store)
    return outcome


def recall(session: Session, settings: Settings, store: Store) -> None:
    """Let a session that has read nothing yet start from what was known when it is asked by these settings."""
    state = _load(session.root, settings, store)
    if state is not None:
        session.restore(state)


def keep(session: Session, store: Store) -> None:
    """Keep what a session knows, after an outcome."""
    store.save_bytes(_name(session.root, session.settings, store), pack(session.state()))


def _load(root: Path, settings: Settings, store: Store) -> State | None:
    data = store.load_bytes(_name(root, settings, store))
    return unpack(data) if data is not None else None


def _from_scratch(
    workspace: Workspace, settings: Settings, store: Store, progress: Progress | None, jobs: int | None
) -> Outcome:
    from brownout.project.indexing import by_several

    session, count = Session(workspace.root, settings), processes(workspace.sources, jobs)
    state, result = by_several(session, workspace, settings, count, progress, rescue=True)
    store.save_bytes(_name(session.root, settings, store), pack(state))
    return settle(result, workspace, settings, session.rules, session.asked)


def _name(root: Path, settings: Settings, store: Store) -> str:
    words = [stamp(store), str(root), list(selected(load(), settings)), asdict(settings)["rules"]]
    text = json.dumps(words, sort_keys=True, default=str)
    return f"state-{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=20).hexdigest()}"
