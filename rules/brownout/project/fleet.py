"""Many repositories side by side: each is audited by itself, and told in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from brownout.audit.report import Audit
from brownout.core import Severity
from brownout.project.auditing import audit_workspace, surroundings
from brownout.project.choice import Choice, choose
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import Workspace, open_workspace, project_root
from brownout.report.fleet import Row

IN_FLIGHT = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """A repository as it travels to whoever audits it: texts and settings, no paths that are looked at again."""

    repository: str
    workspace: Workspace
    settings: Settings
    others: dict[str, str]


def survey(
    repositories: Sequence[str], choice: Choice, start: Callable[[], AbstractContextManager[Executor]]
) -> Iterator[Row]:
    """A row for each repository, as they are done; one that cannot be audited is a row, too.

    `start` gives a pool of processes, or a cluster's: what it is given are values. No more than `IN_FLIGHT` wait there,
    so that the texts of a large fleet are never in memory together. A process that dies takes its pool along: what was
    waiting there is done again, each in a pool of its own.
    """
    waiting: dict[Future[Row], str] = {}
    again: list[str] = []
    with start() as executor:
        for repository in dict.fromkeys(repositories):
            if len(waiting) >= IN_FLIGHT:
                yield from _done(waiting, again)
            parcel = pack(repository, choice)
            if isinstance(parcel, Row):
                yield parcel
                continue
            try:
                waiting[executor.submit(audited, parcel)] = repository
            except BrokenExecutor:
                again.append(repository)
        while waiting:
            yield from _done(waiting, again)
    for repository in again:
        parcel = pack(repository, choice)
        if isinstance(parcel, Row):
            yield parcel
            continue
        with start() as executor:
            yield _row(repository, executor.submit(audited, parcel))


def _done(waiting: dict[Future[Row], str], again: list[str]) -> Iterator[Row]:
    """The rows of those that are done, when at least one is; they are taken out of `waiting`."""
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        repository = waiting.pop(future)
        if isinstance(future.exception(), BrokenExecutor):
            again.append(repository)
        else:
            yield _row(repository, future)


def _row(repository: str, future: Future[Row]) -> Row:
    error = future.exception()
    if error is None:
        return future.result()
    return Row(repository, trouble=f"could not be audited: {type(error).__name__}: {error}")


def pack(repository: str, choice: Choice) -> Parcel | Row:
    """A repository, read; or the row that says why it cannot be."""
    try:
        root = project_root([Path(repository)])
        settings = choose(root, choice)
        workspace = open_workspace(root, [Path(repository)], settings)
        return Parcel(repository, workspace, settings, surroundings(workspace, settings))
    except ConfigError as error:
        return Row(repository, trouble=str(error))
    except OSError as error:
        return Row(repository, trouble=f"{error.filename or repository}: {error.strerror}")


def audited(parcel: Parcel) -> Row:
    """The row of a repository that was read."""
    audit = audit_workspace(parcel.workspace, parcel.settings, others=parcel.others)
    counts = Counter({severity.value: 0 for severity in Severity})
    counts.update(place.severity for issue in audit.issues for place in issue.places)
    limit = parcel.settings.fail_on.severity
    return Row(
        parcel.repository,
        audit.score.value,
        audit.files,
        audit.lines,
        len(audit.unreadable),
        dict(counts),
        sum(count for name, count in counts.items() if Severity(name).at_least(limit)),
        _first(audit),
    )


def _first(audit: Audit) -> str:
    worst = min(audit.issues, key=lambda issue: Severity(issue.severity).rank, default=None)
    if worst is None or not worst.places:
        return ""
    return f"{worst.rule} {worst.places[0].path}:{worst.places[0].line}"
