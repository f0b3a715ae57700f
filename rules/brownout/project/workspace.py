"""A project on disk, read: sources for the engine, versions for the catalog, and what could not be read."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from brownout.model.source import SourceFile, Unreadable
from brownout.project.cache.reading import Reading, blob_id, mark_of
from brownout.project.decode import decode
from brownout.project.discovery import Found, walk
from brownout.project.place import common_root, folders_to_read, is_marked, unreadable_reason
from brownout.project.roots import is_test, module_names
from brownout.project.settings import ConfigError, Settings
from brownout.project.versions import versions_of


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that a check needs. `wanted` are the paths whose findings are asked for; None means all."""

    root: Path
    sources: tuple[SourceFile, ...]
    unreadable: tuple[Unreadable, ...]
    versions: Mapping[str, str]
    wanted: frozenset[str] | None

    def part(self, paths: Collection[str]) -> Workspace:
        """The same project with these files only."""
        sources = tuple(source for source in self.sources if source.path in paths)
        return replace(self, sources=sources, unreadable=tuple(one for one in self.unreadable if one.path in paths))


def project_root(paths: Sequence[Path]) -> Path:
    """The one folder that holds every path: their common project; raises `ConfigError` for a path that is not there."""
    for path in paths:
        if not os.path.lexists(path):
            raise ConfigError(f"{path}: there is no such file or folder")
    return Path(common_root([str(path) for path in paths]))


def open_workspace(
    root: Path,
    paths: Sequence[Path],
    settings: Settings,
    buffers: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> Workspace:
    """Read the project at `root`; findings are wanted for `paths`, which lie in it.

    Files outside of the paths are read too: helpers, settings and guards count wherever they stand. `buffers` are
    texts that stand for files, by path relative to the root: what an editor has open, or standard input. Those for
    files that are there and are left out are left out too. `reading` is told of everything that is looked at.
    """
    buffers = buffers or {}
    root = root.resolve()
    found = _walked(root, paths, settings, reading)
    chosen = [relative(path, root) for path in paths]
    python = set(found.python)
    for given, path in zip(chosen, paths, strict=True):
        if not path.is_dir():  # named by hand: read, whatever ignores it or its name
            if not settings.force_exclude:
                python.add(given)
        elif given and path.is_dir() and not any(inside(name, given) for name in python):
            python.update(f"{given}/{name}" for name in walk(path.resolve(), exclude=settings.exclude).python)
            if reading is not None:
                reading.complete = False  # a folder that is left out, and was named all the same
    buffers = {name: text for name, text in buffers.items() if name in python or not os.path.lexists(root / name)}
    wanted = None
    if "" not in chosen:
        every = python | buffers.keys()
        wanted = frozenset(name for name in every if any(inside(name, one) for one in chosen))
    texts, unreadable = read_texts(root, sorted(python - buffers.keys()), reading)
    texts = dict(sorted({**texts, **buffers}.items()))
    unreadable += [item for item in found.unreadable if item.path not in python]
    if "" not in chosen:
        unreadable = [item for item in unreadable if any(inside(item.path, one) for one in chosen)]
    versions = {path: _text(root, path, reading) for path in found.versions}
    return Workspace(root, sources_of(texts), tuple(sorted(unreadable, key=_place)), versions_of(versions), wanted)


def _walked(root: Path, paths: Sequence[Path], settings: Settings, reading: Reading | None) -> Found:
    """The files of the project; of a script that is in none, those beside it."""
    folders = folders_to_read(str(root), [str(path) for path in paths])
    deep = is_marked(str(root)) or not all(path.is_file() for path in paths)
    if reading is not None and (folders != ("",) or not deep):
        reading.complete = False  # what makes it no project is not written down
    return walk(
        root,
        exclude=settings.exclude,
        respect_gitignore=settings.respect_gitignore,
        reading=reading,
        folders=folders,
        deep=deep,
    )


def sources_of(texts: Mapping[str, str]) -> tuple[SourceFile, ...]:
    """Sources with the names and roots that the project's own imports show."""
    names = module_names(texts)
    return tuple(
        SourceFile(path=path, module=names[path].module, text=text, is_test=is_test(path), root=names[path].root)
        for path, text in texts.items()
    )


def read_texts(
    root: Path, paths: Iterable[str], reading: Reading | None = None
) -> tuple[dict[str, str], list[Unreadable]]:
    """The text of each file, and why the others have none."""
    texts: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    for path in paths:
        data = _bytes(root, path, reading)
        found = Unreadable(path, 1, data) if isinstance(data, str) else decode(data, path)
        if isinstance(found, Unreadable):
            unreadable.append(found)
        else:
            texts[path] = found
    return texts, unreadable


def _bytes(root: Path, path: str, reading: Reading | None) -> bytes | str:
    """The content of a file, or why it cannot be read."""
    place = root / path
    mark = mark_of(str(place)) if reading is not None else []  # before the content: what changes now is seen later
    found: bytes | str | None = unreadable_reason(place)
    if found is None:
        try:
            found = place.read_bytes()
        except OSError as error:
            found = f"cannot be read: {error.strerror}"
    if reading is not None:
        reading.files[path] = (mark, f"!{found}" if isinstance(found, str) else blob_id(found))
    return found


def _text(root: Path, path: str, reading: Reading | None) -> str:
    found = _bytes(root, path, reading)
    return "" if isinstance(found, str) else found.decode("utf-8", errors="replace")


def relative(path: Path, root: Path) -> str:
    """A path below the root, with forward slashes; "" for the root itself. Links on the way are followed."""
    if path.resolve() == root:
        return ""  # also where the path is a link to it
    found = os.path.relpath(Path(path.parent.resolve(), path.name), root)
    return "" if found == "." else Path(found).as_posix()


def inside(path: str, folder: str) -> bool:
    """Whether a path is the folder, or below it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def _place(item: Unreadable) -> tuple[str, int]:
    return (item.path, item.line)
