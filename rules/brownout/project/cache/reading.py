"""What a reading of a project looked at, so that a later run can tell whether it would see the same.

Times and inodes are a quick look only; the truth are contents, under the names that git has for them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping

from brownout.project.place import is_version_file, unreadable_reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Mark = list[int]
"""Size, times of change in nanoseconds, inode: what is the same as long as nobody has touched a file."""
Blob = tuple[int, str]
"""The size and git's name of a content."""
RACY = 2_000_000_000
"""Nanoseconds; a file changed so shortly before it was read could change again without a new time."""
MANY = 100
"""Touched files from which on git's index is worth reading."""


def mark_of(path: str) -> Mark:
    """The mark of a file or folder; no times for one that is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return [-1, 0, 0, 0]
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def settled(mark: Mark, read: int) -> Mark:
    """The mark, without times that prove nothing: of what changed shortly before it was read, at the time given."""
    return mark if max(mark[1], mark[2]) < read - RACY else [mark[0], 0, 0, 0]


def blob_id(data: bytes) -> str:
    """git's name of a content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def content_id(path: str) -> str:
    """The name of a file's content, or why it has none."""
    reason = unreadable_reason(path)
    if reason is None:
        try:
            with open(path, "rb") as file:
                return blob_id(file.read())
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
    return f"!{reason}"


def listing_of(path: str, folder: str) -> str:
    """A name for those entries of a folder that can matter to a walk; `folder` is its path below the root."""
    try:
        with os.scandir(path) as entries:
            return listing_id(folder, ((entry.name, is_folder(entry)) for entry in entries))
    except OSError as error:
        return f"!{error.strerror}"


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def listing_id(folder: str, entries: Iterable[tuple[str, bool]]) -> str:
    """The name of a listing, given as names and whether each is a folder."""
    found: list[str] = []
    for name, holds_others in entries:
        if holds_others:
            if not name.startswith(".") and name != "__pycache__":
                found.append(f"{name}/")
        elif name.endswith(".py") or name in (".gitignore", "pyvenv.cfg") or is_version_file(f"{folder}/{name}"):
            found.append(name)
    text = "\0".join(sorted(found)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def link_of(path: str) -> str:
    """Where a link leads, and whether there is a folder."""
    return f"{os.path.realpath(path)}{'/' if os.path.isdir(path) else ''}"


class Reading:
    """Filled while a project is read; `complete` unless something was looked at that is not written down here.

    `folders` and `files` pair a mark with a name of what was there, `fixed` are small files that must be the same
    (settings, ignore files), `links` and `probes` what links led to and which files were looked for. Paths count from
    the root.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.started = time.time_ns()
        self.folders: dict[str, tuple[Mark, str]] = {}
        self.files: dict[str, tuple[Mark, str]] = {}
        self.fixed: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.probes: dict[str, bool] = {}
        self.complete = True

    def place(self, path: str) -> str:
        """A path as the operating system opens it."""
        return os.path.join(self.root, path)

    def fix(self, path: str) -> None:
        """A small file is about to be read, or found missing; `path` may lead out of the root."""
        self.fixed[os.path.relpath(self.place(path), self.root)] = content_id(self.place(path))

    def probe(self, path: str) -> None:
        """Whether there is a file was asked."""
        self.probes[path] = os.path.exists(self.place(path))

    def link(self, path: str) -> None:
        """A link was met."""
        self.links[path] = link_of(self.place(path))

    def record(self) -> Record:
        """The reading as plain data."""
        return {
            "folders": {path: [*settled(mark, self.started), name] for path, (mark, name) in self.folders.items()},
            "files": {path: [*settled(mark, self.started), name] for path, (mark, name) in self.files.items()},
            "fixed": self.fixed,
            "links": self.links,
            "probes": self.probes,
        }


Record = dict[str, dict[str, "Any"]]
"""A reading as plain data: by table and path what was found there; in `folders` and `files` a mark and a name."""


class Look:
    """A look at a project by the record of an earlier reading.

    `same` is False where the reading itself would go another way: other files, other settings. `changed` are the files
    with another content, `touched` says whether the record's marks are out of date.
    """

    def __init__(self, root: str, record: Record, index: Callable[[], Mapping[str, Blob]]):
        self._root = root
        self._index = index
        self._started = time.time_ns()
        self.record = record
        self.touched = False
        self.changed: list[str] = []
        self.same = self._way()
        if self.same:
            self._contents()

    def _way(self) -> bool:
        """Whether the same folders hold the same names, and what decides about them is the same."""
        record = self.record
        return (
            self._answers(os.path.exists, record["probes"])
            and self._answers(content_id, record["fixed"])
            and self._answers(link_of, record["links"])
            and all(self._folder(path, known) for path, known in record["folders"].items())
        )

    def _answers(self, ask: Callable[[str], object], known: Mapping[str, object]) -> bool:
        return all(ask(os.path.join(self._root, path)) == answer for path, answer in known.items())

    def _folder(self, path: str, known: list[object]) -> bool:
        place = f"{self._root}/{path}"
        mark = mark_of(place)
        if mark == known[:4]:
            return True
        self._renew(known, mark)
        return listing_of(place, path) == known[4]

    def _contents(self) -> None:
        stat, start = os.stat, f"{self._root}/"
        doubtful: list[tuple[str, list[object]]] = []
        for path, known in self.record["files"].items():
            try:
                now = stat(start + path)
            except OSError:
                doubtful.append((path, known))
                continue
            if (
                now.st_mtime_ns != known[1]
                or now.st_ctime_ns != known[2]
                or now.st_size != known[0]
                or now.st_ino != known[3]
            ):
                doubtful.append((path, known))
        blobs = self._index() if len(doubtful) > MANY else {}
        for path, known in doubtful:
            mark = mark_of(start + path)
            if blobs.get(path) != (known[0], known[4]):
                found = content_id(start + path)
                if found != known[4]:
                    self.changed.append(path)
                    known[4] = found
            self._renew(known, mark)

    def _renew(self, known: list[object], mark: Mark) -> None:
        now = settled(mark, self._started)
        if known[:4] != now:
            known[:4] = now
            self.touched = True


def tree_id(record: Record) -> str:
    """A name for all that was read, whatever the times."""
    found = hashlib.blake2b(digest_size=20)
    for table in ("folders", "files"):
        found.update("\0".join(f"{path}\0{known[4]}" for path, known in record[table].items()).encode(*_ANY))
        found.update(b"\1")
    for table in ("fixed", "links", "probes"):
        found.update("\0".join(f"{path}\0{known}" for path, known in record[table].items()).encode(*_ANY))
        found.update(b"\1")
    return found.hexdigest()


_ANY = ("utf-8", "surrogatepass")
