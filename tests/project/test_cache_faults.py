"""Whatever happens to what is kept: it is made again, never believed, and a check says what it always says."""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import signal
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest
from brownout import cli
from brownout.project.cache import store as stores
from brownout.project.cache.store import Store
from cached import BAD, GOOD, Desk, in_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="accidents happen to processes started by fork")


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch) -> Desk:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("BROWNOUT_CACHE_DIR", raising=False)
    desk = Desk(tmp_path / "desk", capsys, monkeypatch)
    desk.write("pyproject.toml", "")
    desk.write("app.py", BAD)
    return desk


def places(size: int) -> list[int]:
    """Every byte of the head of an entry, and some of the rest."""
    return sorted({*range(0, min(60, size), 7), *range(60, size, max(1, size // 12)), size - 1})


def test_killed_at_any_byte_that_is_written(desk):
    truth = desk.check()
    size = max(entry.stat().st_size for entry in desk.entries)
    for limit in places(size):
        shutil.rmtree(desk.root / ".brownout_cache")

        def killed(limit=limit):
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            return desk.check().code

        ended = in_child(killed)
        assert os.WIFSIGNALED(ended), limit
        assert desk.check().said == truth.said
        again = desk.check()
        assert (again.said, again.worked) == (truth.said, False)


@pytest.mark.parametrize("step", ["open", "replace", "makedirs", "unlink"])
def test_killed_between_two_steps(desk, monkeypatch, step):
    truth = desk.fresh()

    def killed(count):
        real, calls = getattr(os, step), []

        def dying(*arguments, **keywords):
            calls.append(1)
            if len(calls) == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **keywords)

        monkeypatch.setattr(stores.os, step, dying)
        return desk.check().code

    for count in range(1, 6):
        in_child(partial(killed, count))
        assert desk.check().said == truth.said
        assert (desk.root / ".brownout_cache" / ".gitignore").read_text() == "*\n"
        assert desk.check().said == truth.said


def test_what_a_killed_process_left_is_removed_in_time(desk):
    desk.check()
    left = desk.root / ".brownout_cache" / "entries" / "tree-x.1.2.tmp"
    left.write_bytes(b"half")
    desk.write("app.py", GOOD)
    desk.check()
    assert left.exists()
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    desk.write("app.py", BAD + "\n")
    desk.check()
    assert not left.exists()


def test_a_full_disk(desk):
    truth = desk.fresh()

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))
        return 0 if desk.check().said == desk.check().said == truth.said else 7

    assert in_child(full) == 0
    assert not [entry for entry in desk.entries if entry.suffix == ".tmp"]
    assert desk.check().said == truth.said


@pytest.mark.parametrize("mode", [0o500, 0o400, 0o000])
def test_a_folder_that_cannot_be_written(capsys, monkeypatch, mode):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("XDG_STATE_HOME", folder)
        desk = Desk(Path(folder) / "desk", capsys, monkeypatch)
        desk.write("app.py", BAD)
        truth = desk.fresh()
        (desk.root / ".brownout_cache").mkdir(mode=mode)
        (desk.root / ".brownout_cache").chmod(mode)
        (desk.root).chmod(0o555)

        def stranger():
            if os.geteuid() == 0:
                os.setuid(65534)
            return 0 if desk.check().said == desk.check().said == truth.said else 7

        assert in_child(stranger) == 0
        assert not desk.entries
        (desk.root).chmod(0o755)
        (desk.root / ".brownout_cache").chmod(0o755)


def test_no_folder_can_be_made(desk):
    (desk.root / ".brownout_cache").write_text("not a folder")
    truth = desk.fresh()
    for _ in range(2):
        again = desk.check()
        assert (again.said, again.worked) == (truth.said, True)
    assert (desk.root / ".brownout_cache").read_text() == "not a folder"


def test_no_place_for_a_key(desk, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.root / "app.py" / "nowhere"))
    truth = desk.fresh()
    assert [desk.check().said, desk.check().said] == [truth.said] * 2


@pytest.mark.parametrize("kind", ["tree", "answer", "stamp"])
def test_corrupted(desk, kind):
    truth = desk.check()
    store = Store(str(desk.root))
    store.save("stamp", {})
    (entry,) = [entry for entry in desk.entries if entry.name.startswith(kind)]
    good = entry.read_bytes()
    for place in places(len(good)):
        for bad in (good[:place], good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]):
            entry.write_bytes(bad)
            assert store.load(entry.name) is None
    for bad in (b"", good + b" ", good[:-2], b"\0" * len(good)):
        entry.write_bytes(bad)
        again = desk.check()
        assert again.said == truth.said
        assert again.worked or kind == "stamp"
        assert desk.check().said == truth.said


def test_what_was_known_of_each_file_is_corrupted(desk):
    desk.write("inner/part.py", GOOD)
    desk.check()
    (entry,) = [entry for entry in desk.entries if entry.name.startswith("state")]
    good = entry.read_bytes()
    for count, place in enumerate(places(len(good))):
        entry.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        desk.write("app.py", BAD + f"# {count}\n")
        assert desk.check().said == desk.fresh().said
        assert Store(str(desk.root)).load_bytes(entry.name) is not None


def test_of_another_version(desk, monkeypatch):
    truth = desk.check()
    monkeypatch.setattr(stores, "_MAGIC", b"brownout cache 2\n")
    assert desk.check().worked
    assert not desk.check().worked
    monkeypatch.setattr(stores, "_MAGIC", b"brownout cache 1\n")
    again = desk.check()
    assert (again.said, again.worked) == (truth.said, True)


def test_what_a_project_brings_along_is_not_believed(desk, monkeypatch, tmp_path):
    desk.write("app.py", GOOD)
    desk.check()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "attacker"))
    desk.write("app.py", BAD)
    truth = desk.fresh()
    desk.check()
    for entry in desk.entries:
        if entry.name.startswith("answer"):
            Store(str(desk.root)).save(entry.name, {"parts": ["nothing found\n"], "errors": "", "failing": False})
    assert desk.check().text == "nothing found\n"  # whoever has the key can lie
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "victim"))
    again = desk.check()
    assert (again.said, again.worked) == (truth.said, True)


def test_an_entry_under_another_name_is_not_believed(desk):
    desk.check()
    (bad,) = [entry for entry in desk.entries if entry.name.startswith("answer")]
    desk.write("app.py", GOOD)
    truth = desk.check()
    (good,) = [entry for entry in desk.entries if entry.name.startswith("answer") and entry != bad]
    shutil.copy(bad, good)
    assert desk.check().said == truth.said


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return (os.system, (f"touch {self.place}",))


def test_an_entry_runs_no_code(desk, tmp_path):
    desk.check()
    for entry in desk.entries:
        head = entry.read_bytes()[:17]
        for start in (b"", head, head + b"\0" * 32):
            entry.write_bytes(start + pickle.dumps(Bomb(tmp_path / "SPRUNG")))
            desk.check()
    key = (tmp_path / "state" / "brownout" / "key").read_bytes()
    body = pickle.dumps(Bomb(tmp_path / "SPRUNG"))
    for entry in desk.entries:  # even for one who knows the key
        entry.write_bytes(stores._MAGIC + stores._signature(key, entry.name, body) + body)
        desk.check()
    assert not (tmp_path / "SPRUNG").exists()


def test_a_link_is_not_followed(desk, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (desk.root / ".brownout_cache").symlink_to(outside)
    truth = desk.fresh()
    assert [desk.check().said, desk.check().said] == [truth.said] * 2
    cli.main(["clean", str(desk.root)])
    assert not list(outside.iterdir())
    (desk.root / ".brownout_cache").unlink()
    (desk.root / ".brownout_cache").mkdir()
    (desk.root / ".brownout_cache" / "entries").symlink_to(outside)
    assert [desk.check().said, desk.check().said] == [truth.said] * 2
    assert not list(outside.iterdir())


def test_a_pipe_is_not_waited_for(desk):
    truth = desk.check()
    for entry in desk.entries:
        entry.unlink()
        os.mkfifo(entry)
    assert desk.check().said == truth.said


def test_several_processes_at_once(desk):
    truth = desk.fresh()
    concise = desk.fresh("--select", "network")

    def checks():
        for _ in range(12):
            if desk.check().said != truth.said or desk.check("--select", "network").said != concise.said:
                return 7
        return 0

    def cleans():
        for _ in range(40):
            cli.main(["clean", str(desk.root)])
            time.sleep(0.005)
        return 0

    children = []
    for work in (checks, checks, checks, cleans):
        child = os.fork()
        if child == 0:
            os._exit(7 if in_child(work) else 0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert desk.check().said == truth.said


def test_what_is_kept_is_bounded(desk, monkeypatch):
    again = desk.check()
    size = sum(entry.stat().st_size for entry in desk.entries)
    monkeypatch.setattr(stores, "LIMIT", 4 * size)
    for count in range(12):
        desk.write("app.py", BAD + f"# {count}\n")
        again = desk.check()
        assert sum(entry.stat().st_size for entry in desk.entries) <= 4 * size
    assert desk.check().said == again.said
    assert not desk.check().worked
    for entry in desk.entries:
        os.utime(entry, (1_000_000_000, 1_000_000_000))
    Store(str(desk.root)).tidy()
    assert not desk.entries


def test_clean(desk, capsys):
    desk.check()
    assert cli.main(["clean", str(desk.root)]) == 0
    assert not (desk.root / ".brownout_cache").exists()
    assert cli.main(["clean", str(desk.root)]) == 0
    desk.check()
    (desk.root / ".brownout_cache" / "mine").write_text("")
    cli.main(["clean", str(desk.root)])
    assert [entry.name for entry in (desk.root / ".brownout_cache").iterdir()] == ["mine"]
