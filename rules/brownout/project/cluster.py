"""A check on a Dask cluster (`--executor dask://HOST:PORT`): each worker reads a share, is told what the others know,
and asks its share.

The findings are those of one process, to the byte. Work of a worker that is lost is given to another by the scheduler;
where the whole cluster is lost, the check is done here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from brownout.catalog import Catalog
from brownout.core import __version__
from brownout.engine import Progress, Result, collector_paused
from brownout.model.source import SourceFile
from brownout.project.settings import ConfigError
from brownout.project.shares import Answers, Job, Known, alone, ask_share, divide, read_share, result_of
from brownout.project.tables import Tables
from brownout.rules import load

Client = Any
"""A `distributed.Client`, whose own types cannot tell its blocking use from its asynchronous one."""
SCHEME = "dask://"
PATIENCE = 30
"""Seconds to wait for the scheduler, and then for its first worker."""
RETRIES = 3
"""How often a share is given out anew when its worker is lost."""
SPEAKS = (__version__, sys.version_info[:2])
"""What both sides must agree on, since findings depend on it."""


@dataclass(frozen=True, slots=True)
class Share:
    """One worker's work as values that travel: only its own files have their text."""

    files: tuple[int, ...]
    sources: tuple[SourceFile, ...]
    rules: tuple[str, ...]
    versions: Mapping[str, str]
    calls: Sequence[Mapping[str, Any]]
    options: Mapping[str, Mapping[str, object]]
    asked: frozenset[str] | None
    speaks: tuple[str, tuple[int, int]] = SPEAKS

    def job(self) -> Job:
        """The share's job, with this machine's rules and catalog."""
        every = load()
        catalog = Catalog(self.versions, self.calls)
        return Job(self.sources, [every[name] for name in self.rules], catalog, self.options, self.asked)


def check(job: Job, calls: Sequence[Mapping[str, Any]], address: str, progress: Progress | None = None) -> Result:
    """Check on the cluster at `address` (`dask://HOST:PORT`); `calls` are the catalog's own tables of the project.

    Raises `ConfigError` where there is no such cluster, or where it runs another brownout or another Python.
    """
    with _connected(address) as client:
        _agree(client)
        count = max(1, sum(client.nthreads().values()))
        shares = [_share(job, files, calls) for files in divide(job.sources, count)]
        try:
            return _checked(client, job, shares, progress)
        except Exception as error:  # KilledWorker, CommClosedError, TimeoutError …: the work itself does not fail
            print(f"brownout: {address}: {type(error).__name__}: the check goes on here", file=sys.stderr)
    return alone(job, progress)


@contextmanager
def executor(address: str) -> Iterator[Executor]:
    """The cluster as a pool that is given functions and values; raises `ConfigError` as `check` does."""
    with _connected(address) as client:
        _agree(client)
        with client.get_executor(pure=False, retries=RETRIES) as pool:
            yield pool


def _checked(client: Client, job: Job, shares: Sequence[Share], progress: Progress | None) -> Result:
    from distributed import as_completed

    read = client.map(_read, shares, pure=False, retries=RETRIES)
    done = 0
    for future in as_completed(read, loop=client.loop):
        future.result()
        done += len(shares[read.index(future)].files)
        if progress is not None:
            progress(done, len(job.sources))
    asked = [client.submit(_ask, share, read, pure=False, retries=RETRIES) for share in shares]
    every: list[Answers] = client.gather(asked)
    known: Known = {}
    for found in client.gather(read):
        known.update(found)
    return result_of(job, known, every)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client as Dask
    except ImportError:
        raise ConfigError("--executor: Dask is not installed here: pip install 'brownout[dask]'") from None
    place = address.removeprefix(SCHEME)
    try:
        client = Dask(f"tcp://{place}", timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(f"--executor: no scheduler answers at {place}: {type(error).__name__}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ConfigError(f"--executor: the scheduler at {place} has no workers") from None
        yield client


def _agree(client: Client) -> None:
    try:
        spoken = client.run(_speaks)
    except Exception as error:
        raise ConfigError(f"--executor: the workers cannot import brownout {__version__}: {error}") from None
    for worker, (version, python) in sorted(spoken.items()):
        if (version, tuple(python)) != SPEAKS:
            theirs, ours = f"{version} on Python {_dotted(python)}", f"{__version__} on {_dotted(SPEAKS[1])}"
            raise ConfigError(f"--executor: {worker} has brownout {theirs}, here is {ours}")


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _speaks() -> tuple[str, tuple[int, int]]:
    return SPEAKS


def _share(job: Job, files: Sequence[int], calls: Sequence[Mapping[str, Any]]) -> Share:
    own = set(files)
    sources = tuple(source if place in own else replace(source, text="") for place, source in enumerate(job.sources))
    names = tuple(rule.name for rule in job.rules)
    return Share(tuple(files), sources, names, dict(job.catalog.versions), calls, job.options, job.asked)


def _read(share: Share) -> Known:
    """The first step, on a worker."""
    with collector_paused():
        return read_share(share.job(), share.files, Tables(room=0))


def _ask(share: Share, known: Sequence[Known]) -> Answers:
    """The second step, maybe on another worker: the share is read again, which costs less than to send its tables."""
    job = share.job()
    with collector_paused():
        every = {place: item for found in known for place, item in found.items()}
        return ask_share(job, share.files, Tables(room=0), every)
