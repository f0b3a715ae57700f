"""What a fix claims to prevent, made to happen: the Bad code of a rule's page loses, the same code fixed keeps."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from brownout.fixes.apply import apply
from brownout.report.pages import parse
from checking import RULES, findings
from literate import MARK


def bad(rule: str) -> str:
    """The code that the page of a rule reports."""
    text = parse(RULES[rule].doc).code("Bad")[0]
    return "".join(MARK.sub("", line) + "\n" for line in text.splitlines())


def fixed(rule: str) -> str:
    """The same code after the rule's own fixes."""
    found = findings({"app.py": bad(rule)}, rule)
    return apply(bad(rule), [finding.fixes[0] for finding in found]).source


def run(code: str) -> dict[str, Any]:
    """The names that a piece of code defines."""
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, "app.py", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("code", "restored"), [(bad, False), (fixed, True)])
def test_a_failure_inside_is_cleaned_up_after(code, restored, folder):
    inside = run(code("cleanup-not-in-finally"))["inside"]
    (folder / "other").mkdir()

    with pytest.raises(ZeroDivisionError), inside(folder / "other"):
        _ = 1 / 0

    assert (Path.cwd() == folder) is restored
    os.chdir(folder)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
@pytest.mark.parametrize(("code", "left"), [(bad, 20), (fixed, 0)])
def test_descriptors_are_given_back(code, left, folder):
    store = run(code("mkstemp-fd-leak"))["store"]

    names = {str(Path(store(b"data")).resolve()) for _ in range(20)}

    mine = [entry for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink() and str(entry.resolve()) in names]
    for entry in mine:
        os.close(int(entry.name))
    assert len(mine) == left


@pytest.mark.parametrize(("code", "error"), [(bad, FileExistsError), (fixed, None)])
def test_somebody_else_makes_the_directory_first(code, error, monkeypatch):
    pytest.importorskip("fastapi")
    add = run(code("makedirs-race"))["add"]
    Path("users/7").mkdir(parents=True)
    monkeypatch.setattr(os.path, "exists", lambda path: False)  # it was not there a moment ago

    if error is None:
        assert add(7) == {"folder": "users/7"}
    else:
        with pytest.raises(error):
            add(7)


ENDLESS = """
import resource, sys
sys.path[:0] = {path!r}
resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))
names = {{"__name__": "app"}}
exec(compile(open("code.py").read(), "code.py", "exec"), names)
names["MAX_UPLOAD_BYTES"] = 2 << 20
class Zeros:
    def read(self, size=-1):
        return bytes(1 << 20)
class Upload:
    file = Zeros()
try:
    names["upload"](1, Upload())
except Exception as error:
    print(type(error).__name__, getattr(error, "status_code", ""))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
@pytest.mark.parametrize(("code", "answer"), [(bad, "OSError"), (fixed, "HTTPException 413")])
def test_an_upload_without_end_is_refused_before_the_disk_is_full(code, answer, folder):
    pytest.importorskip("fastapi")
    pytest.importorskip("python_multipart")
    (folder / "uploads").mkdir()
    (folder / "code.py").write_text(code("upload-unbounded-copy"), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", ENDLESS.format(path=sys.path)], capture_output=True, text=True, timeout=120
    )

    assert done.stdout.strip() == answer, done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the filter is the default there")
@pytest.mark.parametrize(("code", "escapes"), [(bad, True), (fixed, False)])
def test_an_archive_stays_inside(code, escapes, folder):
    pytest.importorskip("fastapi")
    pytest.importorskip("python_multipart")
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        member = tarfile.TarInfo("../escaped.txt")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"out"))
    data.seek(0)
    load = run(code("archive-unbounded"))["load"]
    (folder / "imported").mkdir()

    class Upload:
        file = data
        filename = "x.tar"

    if escapes:
        load(Upload())
    else:
        with pytest.raises(tarfile.FilterError):
            load(Upload())

    assert (folder / "escaped.txt").exists() is escapes


def bomb() -> bytes:
    """A PNG of a few hundred bytes that asks for 30,000 by 30,000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("code", "refused"), [(bad, False), (fixed, True)])
def test_a_picture_bomb_is_refused(code, refused, monkeypatch):
    pytest.importorskip("fastapi")
    pytest.importorskip("python_multipart")
    image = pytest.importorskip("PIL.Image")
    monkeypatch.setattr(image, "MAX_IMAGE_PIXELS", image.MAX_IMAGE_PIXELS)
    scan = run(code("image-bomb-guard-off"))["scan"]

    class Upload:
        file = io.BytesIO(bomb())

    if refused:
        with pytest.raises(image.DecompressionBombError):
            scan(Upload())
    else:
        assert scan(Upload()) == {"size": (30_000, 30_000)}


def test_a_file_has_the_same_hash_piece_by_piece(folder):
    pytest.importorskip("fastapi")
    (folder / "big.bin").write_bytes(os.urandom(3 << 20))

    assert run(bad("whole-file-read"))["checksum"]("big.bin") == run(fixed("whole-file-read"))["checksum"]("big.bin")
