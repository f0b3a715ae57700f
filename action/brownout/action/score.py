"""The audit's score, before and after, and its report; worked out beside the check, in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast

from brownout.action import kept
from brownout.action.log import Log
from brownout.project.auditing import audit_workspace, surroundings
from brownout.project.settings import Settings
from brownout.project.workspace import Workspace
from brownout.render.audit import render

TIME_LIMIT = 300
"""Seconds that are waited for an audit after all else is done."""
BEHIND = 10
"""By how much the check goes first where there are fewer processors than processes."""


@dataclass(frozen=True, slots=True)
class Score:
    """The scores after and before the change, None where there is nothing to score, and the report as a page."""

    value: float | None = None
    before: float | None = None
    page: str = ""

    @property
    def text(self) -> str:
        """`7.4`, or `7.1 → 7.4` where the change moved it."""
        if self.value is None:
            return ""
        moved = self.before is not None and self.before != self.value
        return f"{self.before:.1f} → {self.value:.1f}" if moved else f"{self.value:.1f}"


Answer = tuple[float | None, str]
Later = Callable[[], Answer]


@contextmanager
def audits(
    head: Workspace, base: Workspace | None, settings: Settings, environment: Mapping[str, str], log: Log
) -> Iterator[Callable[[], Score]]:
    """Starts the audits, and gives what waits for them; one that fails is a remark, and no score."""
    with ExitStack() as stack:
        after = stack.enter_context(_beside(lambda: _audit(head, settings, environment)))
        before = stack.enter_context(_beside(lambda: _base(base, settings, environment))) if base is not None else None
        yield lambda: _score(after, before, log)


def _score(after: Later, before: Later | None, log: Log) -> Score:
    try:
        value, page = after()
        return Score(value, before()[0] if before is not None else None, page)
    except Exception as error:  # whatever it is: the check is done, and a job does not fail for its score
        log.remark(f"no score: the audit did not come to an end ({type(error).__name__})")
        return Score()


def _audit(head: Workspace, settings: Settings, environment: Mapping[str, str]) -> Answer:
    others = surroundings(head, settings)
    audit = audit_workspace(head, settings, others=others)
    kept.keep_score(audit.score.value, head, settings, others, environment)
    return audit.score.value, render(audit, "html")


def _base(base: Workspace, settings: Settings, environment: Mapping[str, str]) -> Answer:
    others = surroundings(base, settings)
    known = kept.score(base, settings, others, environment)
    if known is not None:
        return known["score"], ""
    value = audit_workspace(base, settings, others=others).score.value
    kept.keep_score(value, base, settings, others, environment)
    return value, ""


@contextmanager
def _beside(work: Later) -> Iterator[Later]:
    """Do it in a process of its own, where the system can fork; elsewhere when it is asked for."""
    if "fork" not in multiprocessing.get_all_start_methods():
        yield work
        return
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(work, sender), daemon=True)
    process.start()
    sender.close()  # so that the end of the process is the end of the pipe
    try:
        yield lambda: _received(receiver)
    finally:
        process.kill()
        process.join()


def _send(work: Later, sender: Connection) -> None:
    os.nice(BEHIND)
    try:
        sender.send(work())
    except Exception as error:  # told by whoever waits; a traceback here would only stand in the log
        sender.send(error)


def _received(receiver: Connection) -> Answer:
    if not receiver.poll(TIME_LIMIT):
        raise TimeoutError
    found: object = receiver.recv()
    if isinstance(found, Exception):
        raise found
    return cast("Answer", found)
