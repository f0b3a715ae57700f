"""A real Dask cluster says what one process says; a worker killed in the middle costs time, not findings.

Each case is a process of its own (`on_cluster.py`): a cluster starts threads, and other tests fork.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed")
SCRIPT = Path(__file__).with_name("on_cluster.py")


@pytest.mark.parametrize(
    "case", ["says_the_same", "worker_killed", "cluster_lost", "command_line", "many_repositories"]
)
def test_on_a_real_cluster(case, tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, case], capture_output=True, text=True, timeout=600, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_scheduler_one_line_says_so():
    code = (
        "from brownout.project import cluster; from brownout.catalog import Catalog; "
        "from brownout.project.shares import Job; cluster.PATIENCE = 1; "
        "cluster.check(Job((), (), Catalog(), {}), [], 'dask://127.0.0.1:9')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    assert "ConfigError: --executor: no scheduler answers at 127.0.0.1:9: " in done.stderr
