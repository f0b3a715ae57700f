"""Where a project is, and which of its files matter, told by names alone: nothing heavy is imported to find out."""

from __future__ import annotations

import os
import stat

MARKERS = ("brownout.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git")
LARGEST = 20_000_000
"""Bytes; larger files are data that happens to be called Python."""
LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")


def root_of(path: str) -> str:
    """The project of a resolved file or folder: the nearest folder, upwards, with a marker; else the folder itself."""
    start = path if os.path.isdir(path) else os.path.dirname(path)
    home = os.path.expanduser("~") if "HOME" in os.environ else None
    folder = start
    while True:
        if folder == home and folder != start:
            return start
        if any(os.path.exists(os.path.join(folder, marker)) for marker in MARKERS):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return start
        folder = above


def common_root(paths: list[str]) -> str:
    """The one folder that holds every path: their common project."""
    roots = {root_of(os.path.realpath(path)) for path in paths}
    return roots.pop() if len(roots) == 1 else os.path.commonpath(sorted(roots))


def is_marked(root: str) -> bool:
    """Whether a folder is part of something that says that it is a project."""
    above = root_of(root)
    return any(os.path.exists(os.path.join(above, marker)) for marker in MARKERS)


def folders_to_read(root: str, paths: list[str]) -> tuple[str, ...]:
    """The folders of a root that are read for these paths: all of it, unless it is a project only by being above them.

    `brownout check /srv/desk /srv/intake` must not read everything that else is in `/srv`.
    """
    roots = {root_of(os.path.realpath(path)) for path in paths}
    if root in roots or is_marked(root):
        return ("",)
    return tuple(sorted(os.path.relpath(one, root).replace(os.sep, "/") for one in roots))


def shown_base(root: str) -> str:
    """What stands before a path of the project when it is printed: the way from here to the root."""
    try:
        found = os.path.relpath(root)
    except (ValueError, OSError):
        found = root
    found = found.replace(os.sep, "/")
    return "" if found == "." else f"{found}/"


def is_version_file(path: str) -> bool:
    """Whether a file may say which versions are installed."""
    name = path.rpartition("/")[2]
    return name in LOCK_FILES or (name.endswith((".txt", ".in")) and "requirement" in path) or name == "constraints.txt"


def unreadable_reason(path: str | os.PathLike[str]) -> str | None:
    """Why a file should not even be opened; None for an ordinary file."""
    try:
        status = os.stat(path)
    except OSError as error:
        return "a link that leads back to itself" if error.errno == 40 else f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    return None
