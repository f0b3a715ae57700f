"""What whoever starts a check asks for, on top of the project's settings: the same words at every door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from brownout.project import config
from brownout.project.checking import names_of
from brownout.project.settings import ConfigError, Level, Settings
from brownout.rules import load


@dataclass(frozen=True, slots=True)
class Choice:
    """Options as they are written: lists with commas, severities by name; None leaves the project's own setting."""

    config: str | None = None
    isolated: bool = False
    select: str | None = None
    ignore: str | None = None
    exclude: str | None = None
    min_severity: str | None = None
    fail_on: str | None = None
    suspected: bool | None = None
    respect_gitignore: bool | None = None
    force_exclude: bool | None = None


def choose(root: Path, choice: Choice) -> Settings:
    """The settings of the project at `root` with the choice on top; raises `ConfigError`."""
    names = names_of(load())
    settings = _settings(root, choice, names)
    changes: dict[str, object] = {}
    if choice.select is not None:
        changes["select"] = _words(choice.select, names, "select")
    if choice.ignore is not None:
        changes["ignore"] = _words(choice.ignore, names, "ignore")
    if choice.exclude:
        changes["exclude"] = (*settings.exclude, *_split(choice.exclude))
    if choice.min_severity is not None:
        changes["min_severity"] = _level(choice.min_severity, "min-severity")
    if choice.fail_on is not None:
        changes["fail_on"] = _level(choice.fail_on, "fail-on")
    if choice.suspected is not None:
        changes["suspected"] = choice.suspected
    if choice.respect_gitignore is not None:
        changes["respect_gitignore"] = choice.respect_gitignore
    if choice.force_exclude is not None:
        changes["force_exclude"] = choice.force_exclude
    return replace(settings, **changes)  # type: ignore[arg-type]


def _settings(root: Path, choice: Choice, names: set[str]) -> Settings:
    if choice.isolated:
        return Settings()
    if not choice.config:
        return config.read(root, names)
    found = config.read_file(Path(choice.config), names)
    if found is None:
        raise ConfigError(f"{choice.config}: there is no [tool.brownout] in it")
    return found


def _split(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _words(words: str, names: set[str], option: str) -> tuple[str, ...]:
    found = _split(words)
    for word in found:
        if word not in names:
            raise ConfigError(f"--{option}: there is no rule, category or section {word!r}{config.hint(word, names)}")
    return found


def _level(word: str, option: str) -> Level:
    try:
        return Level(word)
    except ValueError as error:
        known = ", ".join(Level)
        raise ConfigError(f"--{option}: there is no severity {word!r}; one of {known}") from error
