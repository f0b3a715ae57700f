"""Which files belong to a project: a walk that respects .gitignore and never hangs, loops or gives up."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from brownout.model.source import Unreadable
from brownout.project.ignores import Ignores
from brownout.project.versions import is_version_file

MARKERS = ("brownout.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git")
_SKIPPED = frozenset(
    "__pycache__ node_modules site-packages __pypackages__ venv env virtualenv _build buck-out".split()
)
_BUILT = frozenset({"build", "dist"})
LARGEST = 20_000_000
"""Bytes; larger files are data that happens to be called Python."""


@dataclass(slots=True)
class Found:
    """Paths relative to the root, with forward slashes: Python files, version files, and what cannot be read."""

    python: list[str] = field(default_factory=list[str])
    versions: list[str] = field(default_factory=list[str])
    others: list[str] = field(default_factory=list[str])
    """What `also` accepts."""
    unreadable: list[Unreadable] = field(default_factory=list[Unreadable])


def root_of(path: Path) -> Path:
    """The project of a file or folder: the nearest folder, upwards, with a project's marker; else the folder itself."""
    start = path if path.is_dir() else path.parent
    home = Path.home() if "HOME" in os.environ else None
    for folder in (start, *start.parents):
        if folder == home and folder != start:
            break
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return start


def walk(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    respect_gitignore: bool = True,
    also: Callable[[str], bool] | None = None,
) -> Found:
    """All files of the project at `root`, in the order of their paths; `also` says by its path what else is wanted."""
    found = Found()
    seen = {os.path.realpath(root)}
    ignores = Ignores(root, exclude, respect_gitignore)
    todo = [""]
    while todo:
        folder = todo.pop()
        if respect_gitignore:
            ignores.enter(folder)
        for entry in _entries(root, folder, found):
            path = f"{folder}/{entry.name}" if folder else entry.name
            _sort(entry, path, root, found, todo, seen, ignores)
            if also is not None and also(path) and not entry.is_dir() and not ignores.match(path, is_folder=False):
                found.others.append(path)
    found.python.sort()
    found.versions.sort()
    found.others.sort()
    found.unreadable.sort(key=lambda item: item.path)
    return found


def _entries(root: Path, folder: str, found: Found) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.unreadable.append(Unreadable(folder or ".", 1, f"folder cannot be read: {error.strerror}"))


def _sort(
    entry: os.DirEntry[str], path: str, root: Path, found: Found, todo: list[str], seen: set[str], ignores: Ignores
) -> None:
    is_python = entry.name.endswith(".py")
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    if is_folder:
        if is_skipped(entry.name, lambda name: Path(entry.path, name).exists()) or ignores.match(path, is_folder=True):
            return
        if entry.is_symlink() and not _leads_out(entry, root, path, found, seen):
            return
        todo.append(path)
    elif (is_python or is_version_file(path)) and not ignores.match(path, is_folder=False):
        reason = unreadable_reason(root / path)
        if reason is not None:
            if is_python:
                found.unreadable.append(Unreadable(path, 1, reason))
        else:
            (found.python if is_python else found.versions).append(path)


def unreadable_reason(path: Path) -> str | None:
    """Why a file should not even be opened; None for an ordinary file."""
    try:
        status = path.stat()
    except OSError as error:
        return "a link that leads back to itself" if error.errno == 40 else f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    return None


def is_skipped(name: str, holds: Callable[[str], bool]) -> bool:
    """Whether a folder is not looked into, by its name and by what it `holds`: caches, builds, environments."""
    if name.startswith(".") or name.endswith(".egg-info") or name in _SKIPPED:
        return name.startswith(".") or not holds("__init__.py")
    if name in _BUILT:
        return not holds("__init__.py")
    return holds("pyvenv.cfg")


def _leads_out(entry: os.DirEntry[str], root: Path, path: str, found: Found, seen: set[str]) -> bool:
    """Whether a linked folder holds files that the walk would not see otherwise."""
    target = os.path.realpath(entry.path)
    top = os.path.realpath(root)
    if os.path.commonpath([target, top]) == target:
        found.unreadable.append(Unreadable(path, 1, "a link to a folder above itself: not followed"))
        return False
    if os.path.commonpath([target, top]) == top or target in seen:
        return False
    seen.add(target)
    return True
