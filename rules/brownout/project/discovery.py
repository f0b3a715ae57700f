"""Which files belong to a project: a walk that respects .gitignore and never hangs, loops or gives up."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from brownout.model.source import Unreadable
from brownout.project import place
from brownout.project.cache.reading import Reading, is_folder, listing_id, mark_of
from brownout.project.ignores import Ignores
from brownout.project.place import is_version_file, unreadable_reason

_SKIPPED = frozenset("node_modules site-packages __pypackages__ venv env virtualenv _build buck-out".split())
_BUILT = frozenset({"build", "dist"})


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
    return Path(place.root_of(str(path)))


def walk(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    respect_gitignore: bool = True,
    also: Callable[[str], bool] | None = None,
    reading: Reading | None = None,
    folders: Sequence[str] = ("",),
    deep: bool = True,
) -> Found:
    """All files of the project at `root`, in the order of their paths; `also` says by its path what else is wanted.

    `reading` is told of everything that decides what is found; `folders` are those to look into, with all that is in
    them, if the look is to be `deep`.
    """
    found = Found()
    seen = {os.path.realpath(root)}
    ignores = Ignores(root, exclude, respect_gitignore, reading)
    todo = [*folders]
    below = todo if deep else []
    while todo:
        folder = todo.pop()
        if respect_gitignore:
            ignores.enter(folder)
        for entry in _entries(root, folder, found, reading):
            path = f"{folder}/{entry.name}" if folder else entry.name
            _sort(entry, path, root, found, below, seen, ignores)
            if reading is not None:
                _note(entry, path, reading, entered=bool(todo) and todo[-1] == path)
            if also is not None and also(path) and not entry.is_dir() and not ignores.match(path, is_folder=False):
                found.others.append(path)
    found.python.sort()
    found.versions.sort()
    found.others.sort()
    found.unreadable.sort(key=lambda item: item.path)
    return found


def _entries(root: Path, folder: str, found: Found, reading: Reading | None) -> list[os.DirEntry[str]]:
    where = root / folder
    mark = mark_of(str(where))
    try:
        with os.scandir(where) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.unreadable.append(Unreadable(folder or ".", 1, f"folder cannot be read: {error.strerror}"))
        if reading is not None:
            reading.folders[folder] = (mark, f"!{error.strerror}")
        return []
    if reading is not None:
        reading.folders[folder] = (mark, listing_id(folder, ((entry.name, is_folder(entry)) for entry in listed)))
    return listed


def _note(entry: os.DirEntry[str], path: str, reading: Reading, *, entered: bool) -> None:
    """Write down what the verdict on an entry came from, besides its name and the ignore files."""
    if entry.is_symlink():
        reading.link(path)
    if not entered and is_folder(entry) and not (entry.name.startswith(".") or entry.name == "__pycache__"):
        reading.probe(f"{path}/__init__.py")
        reading.probe(f"{path}/pyvenv.cfg")


def _sort(
    entry: os.DirEntry[str], path: str, root: Path, found: Found, todo: list[str], seen: set[str], ignores: Ignores
) -> None:
    is_python = entry.name.endswith(".py")
    if is_folder(entry):
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


def is_skipped(name: str, holds: Callable[[str], bool]) -> bool:
    """Whether a folder is not looked into, by its name and by what it `holds`: caches, builds, environments."""
    if name.startswith(".") or name == "__pycache__":
        return True
    if name.endswith(".egg-info") or name in _SKIPPED:
        return not holds("__init__.py")
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
