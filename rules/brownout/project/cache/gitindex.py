"""git's index: which content a file of the work tree had when git last looked, told by the file's times alone."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator

_HEAD = struct.Struct(">4sII")
_ENTRY = struct.Struct(">10I20sH")
_REGULAR = 0o100000
_EXTENDED = 0x4000


def blobs(root: str) -> dict[str, tuple[int, str]]:
    """Size and name of the content of each file below `root` that has not been touched since git looked at it.

    Nothing where there is no index, or one that cannot be read to its end.
    """
    try:
        place = _index(root)
        if place is None:
            return {}
        path, prefix = place
        with open(path, "rb") as file:
            written = os.fstat(file.fileno()).st_mtime_ns
            data = file.read()
        return dict(_untouched(root, data, prefix, written))
    except (OSError, struct.error, ValueError, IndexError):
        return {}


def _index(root: str) -> tuple[str, str] | None:
    """The index of the repository around a folder, and the way from its top to the folder."""
    top = root
    while not os.path.exists(os.path.join(top, ".git")):
        above = os.path.dirname(top)
        if above == top:
            return None
        top = above
    folder = os.path.join(top, ".git")
    if os.path.isfile(folder):
        with open(folder, encoding="utf-8") as file:
            folder = os.path.join(top, file.read().removeprefix("gitdir:").strip())
    prefix = os.path.relpath(root, top).replace(os.sep, "/")
    return os.path.join(folder, "index"), "" if prefix == "." else f"{prefix}/"


def _untouched(root: str, data: bytes, prefix: str, written: int) -> Iterator[tuple[str, tuple[int, str]]]:
    if hashlib.sha1(data[:-20], usedforsecurity=False).digest() != data[-20:]:
        return  # half written, or a repository whose names are not SHA-1
    for path, fields, name in _entries(data):
        if not path.startswith(prefix) or fields[6] & 0o170000 != _REGULAR:
            continue
        changed, modified = fields[0] * 10**9 + fields[1], fields[2] * 10**9 + fields[3]
        if modified >= written or changed >= written:
            continue  # it may have changed after git looked, within the same tick of the clock
        path = path[len(prefix) :]
        try:
            now = os.stat(f"{root}/{path}", follow_symlinks=False)
        except OSError:
            continue
        if (now.st_mtime_ns, now.st_ctime_ns) == (modified, changed) and (
            now.st_size & 0xFFFFFFFF,
            now.st_ino & 0xFFFFFFFF,
        ) == (fields[9], fields[5]):
            yield path, (now.st_size, name)


def _entries(data: bytes) -> Iterator[tuple[str, tuple[int, ...], str]]:
    signature, version, count = _HEAD.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index that this reader knows")
    place, before = _HEAD.size, b""
    for _ in range(count):
        *fields, name, flags = _ENTRY.unpack_from(data, place)
        start = place + _ENTRY.size + (2 if version > 2 and flags & _EXTENDED else 0)
        if version == 4:
            dropped, start = _number(data, start)
            end = data.index(b"\0", start)
            path = before[: len(before) - dropped] + data[start:end]
            place = end + 1
        else:
            end = data.index(b"\0", start)
            path = data[start:end]
            place += (end - place + 8) // 8 * 8
        before = path
        yield os.fsdecode(path), tuple(fields), name.hex()


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number in git's variable width, and where it ends."""
    byte = data[place]
    value = byte & 127
    while byte & 128:
        place += 1
        byte = data[place]
        value = (value + 1) << 7 | byte & 127
    return value, place + 1
