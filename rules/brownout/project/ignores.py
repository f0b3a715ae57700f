"""What is left out of a walk: .gitignore files, the nearest one last, and the settings' own patterns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout.project.cache.reading import Reading
    from pathspec import GitIgnoreSpec


class Ignores:
    """Patterns by the folder that they count from; `pathspec` is imported only if there are any."""

    def __init__(
        self, root: Path, exclude: Sequence[str], respect_gitignore: bool, reading: Reading | None = None
    ) -> None:
        self._root = root
        self._reading = reading
        self._specs: dict[str, GitIgnoreSpec] = {}
        self._above: list[tuple[str, GitIgnoreSpec]] = []
        self._own = _spec(list(exclude)) if exclude else None
        if respect_gitignore:
            self._read_above()

    def enter(self, folder: str) -> None:
        """Read the .gitignore of a folder, if it has one."""
        lines = self._lines(Path(folder, ".gitignore"), listed=True)
        if folder == "":
            lines = [*self._lines(Path(".git", "info", "exclude")), *lines]
        if lines:
            self._specs[folder] = _spec(lines)

    def match(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path, relative to the root, is left out."""
        name = f"{path}/" if is_folder else path
        if self._own is not None and self._own.match_file(name):
            return True
        verdict: bool | None = None
        for prefix, spec in self._above:
            verdict = _verdict(spec, f"{prefix}/{name}", verdict)
        if self._specs:
            folder = ""
            for part in ("", *path.split("/")[:-1]):
                folder = f"{folder}/{part}" if folder else part
                spec_here = self._specs.get(folder)
                if spec_here is not None:
                    verdict = _verdict(spec_here, name[len(folder) + 1 :] if folder else name, verdict)
        return bool(verdict)

    def _read_above(self) -> None:
        """The .gitignore files of the repository that the project is a folder of; they must not swallow it whole."""
        if self._exists(self._root / ".git"):
            return
        for folder in self._root.parents:
            lines = self._lines(folder / ".gitignore")
            prefix = self._root.relative_to(folder).as_posix()
            if lines:
                spec = _spec(lines)
                if not spec.match_file(f"{prefix}/"):
                    self._above.insert(0, (prefix, spec))
            if self._exists(folder / ".git"):
                return
        self._above.clear()

    def _exists(self, path: Path) -> bool:
        if self._reading is not None:
            self._reading.probe(str(path))
        return path.exists()

    def _lines(self, path: Path, *, listed: bool = False) -> list[str]:
        """The patterns in a file, if it is there; `listed`: that it is not there is written down with its folder."""
        if self._reading is not None and not (listed and not (self._root / path).exists()):
            self._reading.fix(str(path))
        try:
            text = (self._root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _verdict(spec: GitIgnoreSpec, name: str, before: bool | None) -> bool | None:
    found = spec.check_file(name).include
    return before if found is None else found


def _spec(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)
