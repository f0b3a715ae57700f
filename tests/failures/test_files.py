"""Files under accidents: a disk that is full, a process that is killed, an exception, another request, another disk."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest
from failures.accidents import bad, fixed, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and signals")

OLD = {"done": [1, 2, 3]}
CUTS = (0, 1, 7, 20, 40)
"""Where a write of about sixty bytes is cut."""

FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
save({state!r})
"""
KILLED = """
import builtins, os, signal

class Dying:
    def __init__(self, file):
        self.file, self.left = file, {limit}
    def write(self, text):
        if len(text) > self.left:
            self.file.write(text[:self.left])
            self.file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= len(text)
        return self.file.write(text)
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.file.close()
    def __getattr__(self, name):
        return getattr(self.file, name)

def open(path, mode="r", **more):
    file = builtins.open(path, mode, **more)
    return Dying(file) if "w" in mode else file
"""
NEW = {"done": list(range(20))}
PATHS = """
import json
from pathlib import Path

STATE = Path("checkpoint.json")


def save(state):
    STATE.write_text(json.dumps(state))
"""


def state_of(folder: Path) -> object:
    """What the next start finds: the state, or None where it is damaged."""
    try:
        return json.loads((folder / "checkpoint.json").read_text(encoding="utf-8"))
    except ValueError:
        return None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checkpoint.json").write_text(json.dumps(OLD), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("source", [bad("non-atomic-state-write"), PATHS], ids=["open", "write_text"])
@pytest.mark.parametrize("limit", CUTS)
def test_a_full_disk_takes_the_state_of_bad_code_only(folder, source, limit):
    accident = FULL_DISK.format(limit=limit, state=NEW)

    kept = run(fixed("non-atomic-state-write", source), accident, folder)
    assert "OSError" in kept.stderr
    assert state_of(folder) == OLD

    lost = run(source, accident, folder)
    assert "OSError" in lost.stderr
    assert state_of(folder) is None


@pytest.mark.parametrize("limit", CUTS)
def test_a_killed_process_takes_the_state_of_bad_code_only(folder, limit):
    source = bad("non-atomic-state-write")
    before, accident = KILLED.format(limit=limit), f"save({NEW!r})"

    kept = run(fixed("non-atomic-state-write", source), accident, folder, before=before)
    assert kept.returncode == -signal.SIGKILL
    assert state_of(folder) == OLD

    lost = run(source, accident, folder, before=before)
    assert lost.returncode == -signal.SIGKILL
    assert state_of(folder) is None


@pytest.mark.parametrize("source", [bad("non-atomic-state-write"), PATHS], ids=["open", "write_text"])
def test_without_an_accident_both_store_the_same(folder, source):
    for code in (source, fixed("non-atomic-state-write", source)):
        assert run(code, f"save({NEW!r})", folder).returncode == 0
        assert state_of(folder) == NEW
        (folder / "checkpoint.json").write_text(json.dumps(OLD), encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["accident.py", "checkpoint.json"]


def test_a_fixed_write_waits_for_the_disk_before_it_replaces(folder):
    watch = """
import os
order = []
fsync, replace = os.fsync, os.replace
os.fsync = lambda number: (order.append("fsync"), fsync(number))
os.replace = lambda old, new: (order.append("replace"), replace(old, new))
"""
    source = bad("replace-without-fsync")
    call = "save_checkpoint('checkpoint.json', {}); print(*order)"

    assert run(source, call, folder, before=watch).stdout.split() == ["replace"]
    assert run(fixed("replace-without-fsync", source), call, folder, before=watch).stdout.split() == [
        "fsync",
        "replace",
    ]


def test_an_exception_leaves_the_temporary_file_of_bad_code_only(tmp_path):
    accident = f"""
import tempfile
tempfile.tempdir = {str(tmp_path / "scratch")!r}
subprocess.run = lambda *given, **more: 1 / 0
render(b"data")
"""
    (tmp_path / "scratch").mkdir()
    source = bad("leaked-temporary-file")

    assert "ZeroDivisionError" in run(fixed("leaked-temporary-file", source), accident, tmp_path).stderr
    assert list((tmp_path / "scratch").iterdir()) == []

    assert "ZeroDivisionError" in run(source, accident, tmp_path).stderr
    assert len(list((tmp_path / "scratch").iterdir())) == 1


def test_another_disk_stops_bad_code_only(tmp_path):
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev or not os.access(memory, os.W_OK):
        pytest.skip("no second file system to write to")
    target = memory / f"brownout-{os.getpid()}.json"
    accident = f"tempfile.tempdir = {str(tmp_path)!r}\nsave({str(target)!r}, [1])"
    source = bad("cross-device-replace")
    try:
        assert "Invalid cross-device link" in run(source, accident, tmp_path).stderr
        assert not target.exists()

        assert run(fixed("cross-device-replace", source), accident, tmp_path).returncode == 0
        assert json.loads(target.read_text()) == [1]
    finally:
        target.unlink(missing_ok=True)


def test_another_request_stops_bad_code_only(tmp_path):
    source = """
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


@app.delete("/documents")
def delete():
    path = Path("document.pdf")
    if path.exists():
        path.unlink()
"""
    accident = """
seen = Path.exists
def exists(path):
    found = seen(path)
    path.unlink(missing_ok=True)  # the other request
    return found
Path.exists = exists
Path("document.pdf").touch()
delete()
"""
    pytest.importorskip("fastapi")

    assert "FileNotFoundError" in run(source, accident, tmp_path).stderr
    assert run(fixed("check-then-use", source), accident, tmp_path).returncode == 0
