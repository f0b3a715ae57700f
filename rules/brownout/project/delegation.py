"""Diagnostics that ruff shows already: hidden in an editor, where the project's own ruff configuration asks for them.

Only there: terminal, SARIF, audit and score always have them. `DELEGATED` is the one place that says which.
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from brownout.core import Finding

FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""Where ruff looks in a folder, the first found wins; folders further up count only if there is none."""
MOST = 8
"""Files that `extend` one another, at most."""


@dataclass(frozen=True, slots=True)
class Delegate:
    """A code of ruff's, and the calls, as they are written, about which it says all that our rule does."""

    code: str
    calls: re.Pattern[str]


DELEGATED: Mapping[str, Delegate] = {
    # S306 goes by the name in the call: a function that was handed on as a value is ours alone.
    "insecure-mktemp": Delegate("S306", re.compile(r"(\w+\.)*mktemp")),
}
"""Our rules that add nothing to ruff's: no chain, no fix, nothing known of the receiver."""

_PER_FILE = ("per-file-ignores", "extend-per-file-ignores")


@dataclass(frozen=True, slots=True)
class RuffSettings:
    """What a file of ruff's settings selects."""

    selected: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()
    excluded: tuple[str, ...] = ()

    def shows(self, code: str, path: str) -> bool:
        """Whether ruff shows a code in a file, by its path from the folder of the settings. In doubt it does not."""
        if not _weight(code, self.selected) > _weight(code, self.ignored):
            return False
        if any(_matches(path, pattern) for pattern in self.excluded):
            return False
        return not any(
            _weight(code, names) >= 0 and (pattern.startswith("!") or _matches(path, pattern))
            for pattern, names in self.per_file
        )


@dataclass(slots=True)
class Delegation:
    """What is delegated in one project, as its files say now."""

    root: Path
    _known: dict[str, tuple[str, RuffSettings] | None] = field(
        default_factory=dict[str, "tuple[str, RuffSettings] | None"]
    )

    def left(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are ours to show."""
        return [finding for finding in findings if not self.hides(finding)]

    def hides(self, finding: Finding) -> bool:
        """Whether ruff says the same at the same place."""
        delegate = DELEGATED.get(finding.rule)
        if delegate is None or finding.notes or finding.fixes or not delegate.calls.fullmatch(finding.site.name):
            return False
        path = finding.location.path
        found = self._nearest(path.rpartition("/")[0])
        return found is not None and found[1].shows(delegate.code, path.removeprefix(f"{found[0]}/"))

    def _nearest(self, folder: str) -> tuple[str, RuffSettings] | None:
        """The folder with settings that is nearest, and these; None where nobody uses ruff."""
        if folder not in self._known:
            settings = next((one for name in FILES if (one := _read(self.root / folder / name)) is not None), None)
            if settings is not None:
                self._known[folder] = folder, settings
            else:
                self._known[folder] = self._nearest(folder.rpartition("/")[0]) if folder else None
        return self._known[folder]


def _read(path: Path, depth: int = 0) -> RuffSettings | None:
    """The settings in a file; None if it holds none. Those that cannot be read select nothing."""
    if not path.is_file():
        return None
    try:
        page = cast("Mapping[str, object]", tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return RuffSettings()
    if path.name == "pyproject.toml":
        tool = _table(page, "tool")
        if "ruff" not in tool:
            return None
        page = _table(tool, "ruff")
    base: RuffSettings | None = RuffSettings()
    if (extended := page.get("extend")) is not None:
        base = _read(path.parent / str(extended), depth + 1) if depth < MOST else None
    return _merged(base, page) if base is not None else RuffSettings()


def _merged(base: RuffSettings, page: Mapping[str, object]) -> RuffSettings:
    """A file's settings on top of those that it extends."""
    tables = _Tables(page)
    selected = tables.words("select")
    return RuffSettings(
        (base.selected if selected is None else selected) | (tables.words("extend-select") or frozenset()),
        base.ignored | (tables.words("ignore") or frozenset()) | (tables.words("extend-ignore") or frozenset()),
        (*base.per_file, *tables.per_file),
        (*base.excluded, *(word for key in ("exclude", "extend-exclude") for word in tables.words(key) or ())),
    )


@dataclass(frozen=True)
class _Tables:
    """ruff's settings stand in `[lint]`, older ones beside it."""

    page: Mapping[str, object]

    @cached_property
    def both(self) -> tuple[Mapping[str, object], ...]:
        return _table(self.page, "lint"), self.page

    def words(self, key: str) -> frozenset[str] | None:
        found = [cast("list[object]", one[key]) for one in self.both if isinstance(one.get(key), list)]
        return frozenset(word for words in found for word in words if isinstance(word, str)) if found else None

    @property
    def per_file(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple(
            (pattern, frozenset(str(word) for word in cast("list[object]", words)))
            for one in self.both
            for key in _PER_FILE
            for pattern, words in _table(one, key).items()
            if isinstance(words, list)
        )


def _table(page: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = page.get(key)
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else {}


def _weight(code: str, words: Iterable[str]) -> int:
    """How exactly a list speaks of a code: the longest word that it starts with; ALL is the shortest."""
    return max(
        (0 if word == "ALL" else len(word) for word in words if word == "ALL" or code.startswith(word)), default=-1
    )


def _matches(path: str, pattern: str) -> bool:
    """Whether a pattern may mean a file, or a folder above it. More than ruff takes, so that nothing is lost."""
    parts = path.split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    tail = pattern.removeprefix("./").removesuffix("/").removesuffix("/**")
    return any(fnmatch.fnmatch(name, tail) for name in (*parts, *above))
