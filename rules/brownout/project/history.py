"""The project as an earlier commit has it, read from git's objects into memory; the work tree stays as it is."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from brownout.model.source import Unreadable
from brownout.project import git
from brownout.project.decode import decode
from brownout.project.discovery import is_skipped
from brownout.project.ignores import Ignores
from brownout.project.place import LARGEST, is_version_file
from brownout.project.settings import Settings
from brownout.project.versions import versions_of
from brownout.project.workspace import Workspace, inside, relative, sources_of


def workspace_at(commit: str, head: Workspace, paths: Sequence[Path], settings: Settings) -> Workspace:
    """The workspace `head` as `commit` has it, by the same settings: what is read today counts, and what is gone."""
    stored = {file.path: file for file in git.files(head.root, commit)}
    known = {source.path: source.text for source in head.sources}
    today = known.keys() | {item.path for item in head.unreadable}
    read = _Choice(head.root, settings, stored.keys(), today)
    links = {path for path, file in stored.items() if file.mode in (git.LINK, git.SUBMODULE)}
    plain = {path: file.blob for path, file in stored.items() if path not in links and read.wants(path)}
    data = dict(git.contents(head.root, plain.values()))
    texts: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    for path, blob in plain.items():
        if not path.endswith(".py"):
            continue
        large = Unreadable(path, 1, f"larger than {LARGEST // 1_000_000} MB")
        found = decode(data[blob], path) if len(data[blob]) <= LARGEST else large
        if isinstance(found, Unreadable):
            unreadable.append(found)
        else:
            texts[path] = found
    # What is reached through a link or a submodule is no part of this repository's change: it counts as it is now.
    texts.update({path: text for path, text in known.items() if _above(path) & links})
    versions = {path: data[blob].decode(errors="replace") for path, blob in plain.items() if is_version_file(path)}
    wanted = None
    if head.wanted is not None:
        chosen = [relative(path, head.root) for path in paths]
        wanted = frozenset(path for path in texts if path in head.wanted or any(inside(path, one) for one in chosen))
    return Workspace(
        head.root, sources_of(dict(sorted(texts.items()))), tuple(unreadable), versions_of(versions), wanted
    )


class _Choice:
    """Which stored files a walk would have found: today's where they are still there, by the same rules where not."""

    def __init__(self, root: Path, settings: Settings, stored: Collection[str], today: Collection[str]) -> None:
        self._root, self._stored, self._today = root, frozenset(stored), frozenset(today)
        self._ignores = Ignores(root, settings.exclude, settings.respect_gitignore)
        self._git = settings.respect_gitignore
        self._folders: dict[str, bool] = {"": True}
        if self._git:
            self._ignores.enter("")

    def wants(self, path: str) -> bool:
        if path in self._today:
            return True
        if not (path.endswith(".py") or is_version_file(path)):
            return False
        if path.endswith(".py") and (self._root / path).exists():
            return False
        return self._entered(posixpath.dirname(path)) and not self._ignores.match(path, is_folder=False)

    def _entered(self, folder: str) -> bool:
        if folder not in self._folders:
            above, name = posixpath.split(folder)
            enters = self._entered(above) and not is_skipped(name, lambda file: f"{folder}/{file}" in self._stored)
            self._folders[folder] = enters and not self._ignores.match(folder, is_folder=True)
            if self._git:
                self._ignores.enter(folder)
        return self._folders[folder]


def _above(path: str) -> set[str]:
    """The path itself and the folders around it."""
    parts = path.split("/")
    return {"/".join(parts[: count + 1]) for count in range(len(parts))}


def texts_of(workspace: Workspace) -> Mapping[str, str]:
    """The sources' texts by path."""
    return {source.path: source.text for source in workspace.sources}
