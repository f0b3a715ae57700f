"""What the code that judges is, by its content: no answer of another version, or of code that has changed since."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator

from brownout.project.cache.reading import RACY
from brownout.project.cache.store import Store

_NAME = "stamp"
_KEPT = 8
_LIBRARIES = ("packaging-", "pathspec-", "pydantic-", "pydantic_core-", "rich-", "libcst-", "sarif_om-", "pygments-")


def stamp(store: Store) -> str:
    """A name for brownout's own sources and the libraries that take part in an answer, with the Python that runs them.

    The sources are read only if one of them has other times than when they were read last. Where they cannot be read,
    no two answers have the same author.
    """
    try:
        return "\n".join((_sources(store), sys.version, sys.platform, *_libraries()))
    except OSError:
        return os.urandom(16).hex()


def _sources(store: Store) -> str:
    started = time.time_ns()
    files = sorted(_files(), key=lambda file: file[0])
    looks = hashlib.blake2b(digest_size=20)
    newest = 0
    for path, status in files:
        looks.update(
            f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}\0{status.st_ino}\0".encode()
        )
        newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
    look = looks.hexdigest()
    known = store.load(_NAME)
    known = known if isinstance(known, dict) else {}
    found = known.get(look)
    if not isinstance(found, str):
        found = _content([path for path, _ in files])
        if newest < started - RACY:
            store.save(_NAME, {**dict(list(known.items())[1 - _KEPT :]), look: found})
    return found


def _files() -> Iterator[tuple[str, os.stat_result]]:
    import brownout

    todo = [os.path.abspath(folder) for folder in brownout.__path__]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        todo.append(entry.path)
                elif entry.name.endswith((".py", ".toml", ".json")):
                    yield entry.path, entry.stat()


def _content(paths: list[str]) -> str:
    found = hashlib.blake2b(digest_size=20)
    tops = len(os.path.commonpath(paths)) if paths else 0
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        found.update(f"{path[tops:]}\0{len(data)}\0".encode("utf-8", "surrogatepass"))
        found.update(data)
    return found.hexdigest()


def _libraries() -> list[str]:
    """The libraries' names with their versions, as their folders of metadata are called."""
    found: set[str] = set()
    for folder in sys.path:
        try:
            found.update(
                name
                for name in os.listdir(folder or ".")
                if name.endswith(".dist-info") and name.lower().startswith(_LIBRARIES)
            )
        except OSError:
            continue
    return sorted(found)
