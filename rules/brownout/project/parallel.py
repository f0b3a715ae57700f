"""A check in several processes: each reads its share of the files, is told what the others know, and asks its share.

The findings are those of one process, to the byte. A worker that dies costs time: its share is done here.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from brownout.engine import Progress, Result, collector_paused
from brownout.project.pickling import quicken
from brownout.project.shares import Answers, Job, Known, ask_share, divide, read_share, result_of
from brownout.project.tables import ROOM, Tables

__all__ = ["Job", "Lost", "check", "examine"]

_TELL = 25
_LOOK = 0.2
"""Seconds between two looks of a worker at whether its parent is there."""


class Lost(Exception):
    """A worker died, and nobody does its share."""


@dataclass(slots=True)
class _Share:
    """One worker with the files that are its own; `process` is None once it is gone."""

    files: list[int]
    process: BaseProcess | None
    pipe: Connection
    parsed: Tables[int]
    done: int = 0


def check(job: Job, count: int, progress: Progress | None = None) -> Result:
    """Check with `count` processes; see `engine.check` for the result."""
    return result_of(job, *examine(job, count, progress))


def examine(
    job: Job, count: int, progress: Progress | None = None, *, rescue: bool = True
) -> tuple[Known, list[Answers]]:
    """What is known of each file, and what the rules said of each share.

    The share of a worker that dies is done here; without `rescue`, `Lost` is raised instead.
    """
    quicken()
    shares = [_start(job, files, ROOM // count) for files in divide(job.sources, count)]
    try:
        with collector_paused():
            known = _read(job, shares, progress, rescue)
            answers = _found(job, shares, known, progress, rescue)
    finally:
        for share in shares:
            _end(share)
    return known, answers


def _start(job: Job, files: list[int], room: int) -> _Share:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(job, files, room, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    return _Share(files, process, ours, Tables(room))


def _work(job: Job, files: list[int], room: int, pipe: Connection, parents: Connection) -> None:
    """A worker's life. It ends with its parent: a pipe that nobody holds any more is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    parents.close()
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()

    def tell(count: int) -> None:
        if not count % _TELL:
            pipe.send(count)

    try:
        parsed = Tables[int](room)
        mine = read_share(job, files, parsed, tell)
        pipe.send(mine)
        others: Known = pipe.recv()
        pipe.send(ask_share(job, files, parsed, {**others, **mine}, tell))
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)


def _follow(parent: int) -> None:
    """End when the parent has died: other workers may hold its end of the pipe."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(0)


def _read(job: Job, shares: list[_Share], progress: Progress | None, rescue: bool) -> Known:
    """What reading all files gave; each worker is sent what the others found."""
    known: Known = {}
    by_share: dict[int, Known] = {}
    waiting = {share.pipe: index for index, share in enumerate(shares)}
    while waiting:
        for pipe in wait(list(waiting)):
            index = waiting[pipe]  # type: ignore[index]
            share = shares[index]
            message = _receive(share)
            if isinstance(message, int):
                share.done = message
            else:
                if message is None and not rescue:
                    raise Lost
                by_share[index] = message if isinstance(message, dict) else read_share(job, share.files, share.parsed)
                share.done = len(share.files)
                del waiting[share.pipe]
            if progress is not None:
                progress(sum(one.done for one in shares), len(job.sources))
    for found in by_share.values():
        known.update(found)
    for index, share in enumerate(shares):
        _send(share, {place: item for place, item in known.items() if place not in by_share[index]})
    return known


def _found(job: Job, shares: list[_Share], known: Known, progress: Progress | None, rescue: bool) -> list[Answers]:
    every: list[Answers] = []
    for share in shares:
        message = _receive(share)
        while isinstance(message, int):
            if progress is not None:  # a sign of life
                progress(len(job.sources), len(job.sources))
            message = _receive(share)
        if message is None and not rescue:
            raise Lost
        if not isinstance(message, Answers):
            message = ask_share(job, share.files, share.parsed, known)
        every.append(message)
    return every


def _receive(share: _Share) -> object:
    """The worker's next message; None when it is gone."""
    if share.process is None:
        return None
    try:
        return share.pipe.recv()
    except (EOFError, OSError):
        _end(share)
        return None


def _send(share: _Share, message: Known) -> None:
    if share.process is not None:
        try:
            share.pipe.send(message)
        except OSError:
            _end(share)


def _end(share: _Share) -> None:
    if share.process is not None:
        share.process.kill()
        share.process.join()
        share.process = None
        share.pipe.close()
