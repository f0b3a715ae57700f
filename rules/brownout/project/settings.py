"""The settings of a project as values; `config` reads them from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from brownout.core import Severity


class Level(StrEnum):
    """A severity as it is written in settings and on the command line."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    MONITOR = "monitor"

    @property
    def severity(self) -> Severity:
        """The severity that is meant."""
        return Severity(self.value.upper())


class ConfigError(Exception):
    """Settings that cannot be used; the message says which file, which key, and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `[tool.brownout]` can say, with the defaults."""

    select: tuple[str, ...] = ()
    """Rules, categories or sections to ask about; all when empty."""
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Patterns, as in .gitignore, of what is not read."""
    respect_gitignore: bool = True
    force_exclude: bool = False
    """Leave out what is excluded or ignored even where it is named by hand, as pre-commit names every file."""
    min_severity: Level = Level.MEDIUM
    fail_on: Level = Level.MEDIUM
    suspected: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    rules: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    calls: Sequence[Mapping[str, object]] = ()
    source: str = ""
    """The file that the settings come from, relative to the project; "" for the defaults."""
