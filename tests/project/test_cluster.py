"""A real Dask cluster says what one process says; a worker killed in the middle costs time, not findings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import check
from brownout.project import cluster
from brownout.project.settings import ConfigError, Settings
from brownout.project.shares import Job
from brownout.project.workspace import open_workspace
from checking import RULES

distributed = pytest.importorskip("distributed")
DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
OWN = {"names": ["docdesk.services.intake.receive"], "effect": "network"}


@pytest.fixture(scope="module")
def workers():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=True
    ) as found:
        yield found


@pytest.fixture
def address(workers):
    return workers.scheduler_address.replace("tcp://", cluster.SCHEME)


@pytest.fixture(scope="module")
def job():
    workspace = open_workspace(DOCDESK, [DOCDESK], Settings())
    return Job(workspace.sources, list(RULES.values()), Catalog(workspace.versions, [OWN]), {})


@pytest.fixture(scope="module")
def alone(job):
    return check(job.sources, rules=job.rules, catalog=job.catalog)


def test_a_cluster_says_what_one_process_says(job, alone, address):
    told = []

    assert cluster.check(job, [OWN], address, lambda done, of: told.append((done, of))) == alone
    assert told[-1] == (len(job.sources), len(job.sources))


def test_a_worker_that_is_killed_in_the_middle_costs_no_finding(job, alone, address, workers):
    with distributed.Client(address.replace(cluster.SCHEME, "tcp://"), set_as_default=False) as client:
        found = client.run(os.getpid)
    killed = []

    def kill_one(done, of):
        if not killed:
            killed.append(min(found.values()))
            os.kill(killed[0], signal.SIGKILL)

    assert cluster.check(job, [OWN], address, kill_one) == alone
    assert killed


def test_a_cluster_that_is_lost_leaves_the_work_to_this_process(job, alone, capsys):
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=True
    ) as lost:
        address = lost.scheduler_address.replace("tcp://", cluster.SCHEME)

        assert cluster.check(job, [OWN], address, lambda done, of: lost.close(timeout=10)) == alone
    assert "the check goes on here" in capsys.readouterr().err


def test_without_a_scheduler_one_line_says_so(job, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)

    with pytest.raises(ConfigError, match=r"no scheduler answers at 127\.0\.0\.1:9: "):
        cluster.check(job, [], "dask://127.0.0.1:9")


def test_the_command_line(address, tmp_path):
    def run(*options):
        command = [sys.executable, "-m", "brownout", "check", "--output-format", "json", "--exit-zero", *options]
        return subprocess.run([*command, str(DOCDESK)], capture_output=True, text=True, timeout=300, cwd=tmp_path)

    there, here = run("--executor", address), run()

    assert (there.stderr, there.returncode) == ("", 0)
    assert there.stdout == here.stdout
    assert "is not an executor such as dask://" in run("--executor", "ray://x").stderr


def test_many_repositories_on_the_cluster(address, tmp_path):
    (tmp_path / "list.txt").write_text(f"{DOCDESK}\n{tmp_path / 'gone'}\n")
    command = [sys.executable, "-m", "brownout", "check", "--output-format", "json", "--repos", "list.txt"]

    there = subprocess.run([*command, "--executor", address], capture_output=True, text=True, cwd=tmp_path, timeout=300)
    here = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)

    assert (there.stderr, there.returncode) == ("", 2)
    assert there.stdout == here.stdout
