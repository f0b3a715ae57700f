"""A check in several processes: each reads its share of the files, is told what the others know, and asks its share.

The findings are those of one process, to the byte. A worker that dies costs time: its share is done here.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from brownout.catalog import Catalog
from brownout.core import Finding, Rule
from brownout.engine import (
    Parsed,
    Progress,
    Result,
    ask,
    collector_paused,
    parse,
    shared_heads,
    summary_of,
    wanted_calls,
)
from brownout.facts.project import Project
from brownout.facts.summary import ModuleSummary
from brownout.model.source import SourceFile, Unreadable

_TELL = 25

Known = dict[int, ModuleSummary | Unreadable]
"""What reading a file gave, by its place in the list of sources."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker is given."""

    sources: Sequence[SourceFile]
    rules: Sequence[Rule]
    catalog: Catalog
    options: Mapping[str, Mapping[str, object]]


@dataclass(slots=True)
class _Share:
    """One worker with the files that are its own; `process` is None once it is gone."""

    files: list[int]
    process: BaseProcess | None
    pipe: Connection
    parsed: dict[int, Parsed] = field(default_factory=dict[int, Parsed])
    done: int = 0


@dataclass(slots=True)
class _Answers:
    """What the rules said of a share, and where one of them failed."""

    findings: list[Finding] = field(default_factory=list[Finding])
    failed: list[Unreadable] = field(default_factory=list[Unreadable])


def check(job: Job, count: int, progress: Progress | None = None) -> Result:
    """Check with `count` processes; see `engine.check` for the result."""
    shares = [_start(job, files) for files in _shares(job.sources, count)]
    try:
        with collector_paused():
            known = _read(job, shares, progress)
            answers = _found(job, shares, known)
    finally:
        for share in shares:
            _end(share)
    answers.findings.sort(key=lambda finding: finding.order)
    answers.failed.sort(key=lambda item: (item.path, item.message))
    unreadable = [item for _, item in sorted(known.items()) if isinstance(item, Unreadable)]
    lines = sum(source.text.count("\n") for source in job.sources)
    return Result(tuple(answers.findings), (*unreadable, *answers.failed), len(job.sources), lines)


def _shares(sources: Sequence[SourceFile], count: int) -> list[list[int]]:
    """Places of files, in shares of about the same length of text."""
    shares: list[list[int]] = [[] for _ in range(count)]
    sizes = [0] * count
    for place in sorted(range(len(sources)), key=lambda place: len(sources[place].text), reverse=True):
        least = sizes.index(min(sizes))
        shares[least].append(place)
        sizes[least] += len(sources[place].text)
    return [sorted(share) for share in shares if share]


def _start(job: Job, files: list[int]) -> _Share:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(job, files, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    return _Share(files, process, ours)


def _work(job: Job, files: list[int], pipe: Connection, parents: Connection) -> None:
    """A worker's life. It ends with its parent: a pipe that nobody holds any more is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    parents.close()
    try:
        parsed: dict[int, Parsed] = {}
        mine = _summaries(job, files, parsed, pipe)
        pipe.send(mine)
        others: Known = pipe.recv()
        pipe.send(_ask(job, parsed, {**others, **mine}))
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)


def _summaries(job: Job, files: Iterable[int], parsed: dict[int, Parsed], pipe: Connection | None = None) -> Known:
    known: Known = {}
    heads, wanted = shared_heads(job.sources), wanted_calls(job.sources, job.catalog)
    for count, place in enumerate(files, 1):
        source = job.sources[place]
        found = parse(source, heads.get(source.root, {}))
        if isinstance(found, Unreadable):
            known[place] = found
        else:
            parsed[place] = found
            known[place] = summary_of(found, wanted)
        if pipe is not None and count % _TELL == 0:
            pipe.send(count)
    return known


def _ask(job: Job, parsed: Mapping[int, Parsed], known: Known) -> _Answers:
    summaries = (item for _, item in sorted(known.items()) if not isinstance(item, Unreadable))
    project = Project(summaries, job.catalog)
    answers = _Answers()
    for file in parsed.values():
        if not file.source.is_test:
            answers.findings += ask(file, project, job.rules, job.options, answers.failed)
    return answers


def _read(job: Job, shares: list[_Share], progress: Progress | None) -> Known:
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
                by_share[index] = message if isinstance(message, dict) else _summaries(job, share.files, share.parsed)
                share.done = len(share.files)
                del waiting[share.pipe]
            if progress is not None:
                progress(sum(one.done for one in shares), len(job.sources))
    for found in by_share.values():
        known.update(found)
    for index, share in enumerate(shares):
        _send(share, {place: item for place, item in known.items() if place not in by_share[index]})
    return known


def _found(job: Job, shares: list[_Share], known: Known) -> _Answers:
    answers = _Answers()
    for share in shares:
        message = _receive(share) if share.process is not None else None
        if not isinstance(message, _Answers):
            if not share.parsed:
                _summaries(job, share.files, share.parsed)
            message = _ask(job, share.parsed, known)
        answers.findings += message.findings
        answers.failed += message.failed
    return answers


def _receive(share: _Share) -> object:
    """The worker's next message; None when it is gone."""
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
