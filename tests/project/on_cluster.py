"""What `test_cluster.py` asks of a real cluster, a case at a time: `python on_cluster.py CASE`, in an empty folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from brownout.catalog import Catalog
from brownout.engine import check
from brownout.project import cluster
from brownout.project.settings import Settings
from brownout.project.shares import Job
from brownout.project.workspace import open_workspace
from brownout.rules import load
from distributed import Client as Dask
from distributed import LocalCluster as Local

Client: Any = Dask
LocalCluster: Any = Local

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
OWN = {"names": ["docdesk.services.intake.receive"], "effect": "network"}


@contextmanager
def running(workers: int = 2) -> Iterator[tuple[Any, str]]:
    """A cluster of processes, and its address as the command line takes it."""
    with LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0") as found:
        yield found, found.scheduler_address.replace("tcp://", cluster.SCHEME)


def job() -> Job:
    """All rules on the demo, with a call of its own in the catalog."""
    workspace = open_workspace(DOCDESK, [DOCDESK], Settings())
    return Job(workspace.sources, list(load().values()), Catalog(workspace.versions, [OWN]), {})


def alone() -> object:
    """What one process says."""
    given = job()
    return check(given.sources, rules=given.rules, catalog=given.catalog)


def says_the_same() -> None:
    """The findings are those of one process, and progress is told to the end."""
    told: list[tuple[int, int]] = []
    with running() as (_, address):
        given = job()
        assert cluster.check(given, [OWN], address, lambda done, of: told.append((done, of))) == alone()
    assert told[-1] == (len(given.sources), len(given.sources))


def worker_killed() -> None:
    """A worker is killed when the first share has been read."""
    with running() as (_, address):
        with Client(address.replace(cluster.SCHEME, "tcp://"), set_as_default=False) as client:
            found = client.run(os.getpid)
        killed: list[int] = []

        def kill_one(done: int, of: int) -> None:
            if not killed:
                killed.append(min(found.values()))
                os.kill(killed[0], signal.SIGKILL)

        assert cluster.check(job(), [OWN], address, kill_one) == alone()
        assert killed


def cluster_lost() -> None:
    """The whole cluster is gone in the middle: the work is done here, and one line says so."""
    told: list[str] = []
    write = sys.stderr.write
    sys.stderr.write = lambda text: told.append(text) or write(text)  # type: ignore[method-assign]
    with running(1) as (lost, address):

        def lose(done: int, of: int) -> None:
            lost.close(timeout=10)

        assert cluster.check(job(), [OWN], address, lose) == alone()
    assert "the check goes on here" in "".join(told)


def brownout(*options: str) -> tuple[str, str, int]:
    """What a check as a process of its own prints, and how it ends."""
    command = [sys.executable, "-m", "brownout", "check", "--output-format", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stdout, done.stderr, done.returncode


def command_line() -> None:
    """`check --executor` prints what `check` prints."""
    with running() as (_, address):
        there = brownout("--no-cache", "--executor", address, "--exit-zero", str(DOCDESK))
    assert there == (brownout("--no-cache", "--exit-zero", str(DOCDESK))[0], "", 0)
    assert "is not an executor such as dask://" in brownout("--executor", "ray://x")[1]


def many_repositories() -> None:
    """`check --repos --executor` tells what `check --repos` tells."""
    Path("list.txt").write_text(f"{DOCDESK}\n{Path('gone').absolute()}\n", encoding="utf-8")
    with running() as (_, address):
        there = brownout("--repos", "list.txt", "--executor", address)
    assert there == (brownout("--repos", "list.txt")[0], "", 2)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
