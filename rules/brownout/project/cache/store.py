"""Entries on the disk: signed, written in one step, bounded; whatever is wrong with one, it is as if it were not there.

Answers are JSON: reading one runs no code, whoever wrote it. The signature (keyed BLAKE2) is there since a project may
come with a folder of entries that claim that all is well. For a folder inside the project the key is the user's own,
kept outside of any project; a folder that the user named elsewhere holds its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time

FOLDER = ".brownout_cache"
LIMIT = 256_000_000
"""Bytes that all entries may take."""
OLDEST = 90 * 86_400
"""Seconds after which an entry that nobody asked for goes."""
_MAGIC = b"brownout cache 1\n"
_KEY = 32
_SIGNATURE = 32
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by brownout; see https://bford.info/cachedir/\n"
_ENTRIES = "entries"
_OWN = ("CACHEDIR.TAG", ".gitignore", "key")
_LEFT_BEHIND = 3600


class Store:
    """The entries of one folder. No method raises for a folder that cannot be used: it then holds nothing."""

    def __init__(self, root: str, folder: str | None = None) -> None:
        self.folder = os.path.abspath(folder) if folder else os.path.join(root, FOLDER)
        self._entries = os.path.join(self.folder, _ENTRIES)
        top = os.path.join(os.path.realpath(root), "")
        self._inside = os.path.join(os.path.realpath(self.folder), "").startswith(top) or not folder
        self._secret: bytes | None = None

    def load(self, name: str) -> object | None:
        """The entry of a name, or None."""
        data = self.load_bytes(name)
        if data is None:
            return None
        try:
            found: object = json.loads(bytes(data))
        except (ValueError, RecursionError):
            return None
        return found

    def save(self, name: str, value: object) -> bool:
        """Replace an entry; whether that worked."""
        return self.save_bytes(name, json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass"))

    def load_bytes(self, name: str) -> memoryview | None:
        """The bytes of an entry, or None."""
        data = _read(os.path.join(self._entries, name))
        if data is None or not data.startswith(_MAGIC) or not self._plain():
            return None
        start = len(_MAGIC) + _SIGNATURE
        secret = self._key(make=False)
        if secret is None:
            return None
        body = memoryview(data)[start:]
        return body if data[len(_MAGIC) : start] == _signature(secret, name, body) else None

    def save_bytes(self, name: str, body: bytes) -> bool:
        """Replace an entry by its bytes; whether that worked."""
        try:
            if not self._made():
                return False
            secret = self._key(make=True)
            if secret is None:
                return False
            head = _MAGIC + _signature(secret, name, body)
            return len(body) < LIMIT // 2 and _write(os.path.join(self._entries, name), head, body)
        except (OSError, ValueError):
            return False

    def used(self, name: str) -> None:
        """An entry was of use: it is the last to go."""
        with contextlib.suppress(OSError):
            os.utime(os.path.join(self._entries, name))

    def tidy(self) -> None:
        """Remove what a killed process left, what is old, and the oldest until the rest is small enough."""
        now, total = time.time(), 0
        if not self._plain():
            return
        try:
            with os.scandir(self._entries) as entries:
                found = [(entry.path, entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError:
            return
        for path, name, status in sorted(found, key=lambda one: one[2].st_mtime, reverse=True):
            age = now - status.st_mtime
            total += status.st_size
            if total > LIMIT or age > (_LEFT_BEHIND if name.endswith(".tmp") else OLDEST):
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def clean(self) -> bool:
        """Remove all entries, and the folder unless it holds something else; whether there was anything."""
        if not os.path.isdir(self.folder) or not self._plain():
            return False
        left = [name for name in _names(self.folder) if name.endswith(".tmp")]
        for folder, names in ((self._entries, _names(self._entries)), (self.folder, [*_OWN, *left])):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(folder, name))
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        return True

    def _plain(self) -> bool:
        """Whether the folders are folders: a link in a project could lead anywhere."""
        for folder in (self.folder, self._entries):
            try:
                if not stat.S_ISDIR(os.lstat(folder).st_mode) and (self._inside or folder == self._entries):
                    return False
            except OSError:
                return folder == self._entries
        return True

    def _made(self) -> bool:
        own = os.path.basename(self.folder) == FOLDER or not os.path.lexists(self.folder)
        os.makedirs(self.folder, exist_ok=True)
        if not self._plain():
            return False
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)) if own else ():
            if not os.path.lexists(os.path.join(self.folder, name)):
                _write(os.path.join(self.folder, name), text.encode())
        os.makedirs(self._entries, exist_ok=True)
        return True

    def _key(self, *, make: bool) -> bytes | None:
        if self._secret is None:
            path = os.path.join(_state(), "key") if self._inside else os.path.join(self.folder, "key")
            self._secret = _key_in(path, make=make)
        return self._secret


def _state() -> str:
    """Where programs keep what is a user's own on this machine."""
    home = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or home, "brownout")


def _key_in(path: str, *, make: bool) -> bytes | None:
    found = _read(path)
    if found is not None and len(found) == _KEY:
        return found
    if not make:
        return None
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    _write(path, os.urandom(_KEY))
    found = _read(path)  # of two processes that made one at once, the last counts for both
    return found if found is not None and len(found) == _KEY else None


def _signature(secret: bytes, name: str, body: bytes | memoryview) -> bytes:
    found = hashlib.blake2b(name.encode() + b"\0", key=secret, digest_size=_SIGNATURE)
    found.update(body)
    return found.digest()


def _read(path: str) -> bytes | None:
    """The content of an ordinary file; a link is not followed, a pipe not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(handle).st_mode) else None
    except OSError:
        return None


def _write(path: str, *data: bytes) -> bool:
    """Replace a file in one step; what a power cut leaves of it has no valid signature, so nothing is waited for."""
    temporary = f"{path}.{os.getpid()}.{time.time_ns():x}.tmp"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(handle, "wb") as file:
            for part in data:
                file.write(part)
        os.replace(temporary, path)
        return True
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
