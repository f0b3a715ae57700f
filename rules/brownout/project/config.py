"""Settings read from `pyproject.toml` or `brownout.toml`, checked with pydantic, with a hint for each mistake."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from brownout.project.settings import ConfigError, Level, Settings

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

FILES = ("brownout.toml", "pyproject.toml")
"""Where settings may stand, the first found wins; settings of folders further up are not inherited."""


def read(root: Path, names: Iterable[str] = ()) -> Settings:
    """The settings of the project at `root`; raises `ConfigError`. `names` are what `select` and `ignore` may hold."""
    for file in FILES:
        path = root / file
        if path.is_file():
            settings = read_file(path, names)
            if settings is not None:
                return settings
    return Settings()


def has_settings(folder: Path) -> bool:
    """Whether a folder has settings for brownout, good or bad: then it is a project of its own."""
    for name in FILES:
        path = folder / name
        if path.is_file():
            try:
                if read_file(path) is not None:
                    return True
            except ConfigError:
                return True
    return False


def read_file(path: Path, names: Iterable[str] = ()) -> Settings | None:
    """The settings in one file; None for a `pyproject.toml` without `[tool.brownout]`."""
    try:
        page = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if path.name == "pyproject.toml" and "tool.brownout" not in path.read_bytes().decode(errors="replace"):
            return None  # broken, but not ours; its own tools say so
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    table: object = page
    if path.name == "pyproject.toml":
        tool = page.get("tool")
        table = cast("dict[str, object]", tool).get("brownout") if isinstance(tool, dict) else None
        if table is None:
            return None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.brownout] is not a table")
    return parse(cast("Mapping[str, object]", table), str(path), names)


def parse(table: Mapping[str, object], where: str, names: Iterable[str] = ()) -> Settings:
    """A table's settings; raises `ConfigError` with the key, the reason and, for a typing error, the right word."""
    from pydantic import ValidationError

    model = _model()
    try:
        found = model.model_validate(table)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(error, model)}") from error
    raw: dict[str, Any] = found.model_dump(exclude_unset=True)
    allowed = set(names)
    for key in ("select", "ignore"):
        for name in raw.get(key, ()):
            if allowed and name not in allowed:
                raise ConfigError(
                    f"{where}: {key}: there is no rule, category or section {name!r}{hint(name, allowed)}"
                )
    for name in raw.get("rules", {}):
        if allowed and name not in allowed:
            raise ConfigError(f"{where}: rules: there is no rule {name!r}{hint(name, allowed)}")
    return Settings(
        select=tuple(raw.get("select", ())),
        ignore=tuple(raw.get("ignore", ())),
        exclude=tuple(raw.get("exclude", ())),
        respect_gitignore=raw.get("respect_gitignore", True),
        min_severity=Level(raw.get("min_severity", Level.MEDIUM)),
        fail_on=Level(raw.get("fail_on", Level.MEDIUM)),
        suspected=raw.get("suspected", False),
        per_file_ignores={key: tuple(value) for key, value in raw.get("per_file_ignores", {}).items()},
        rules=raw.get("rules", {}),
        calls=tuple(call.model_dump(exclude_unset=True) for call in getattr(found, "call", ())),
        source=where,
    )


def schema() -> str:
    """The JSON Schema of `[tool.brownout]`, for editors."""
    page = _model().model_json_schema(by_alias=True)
    page = {"$schema": "https://json-schema.org/draft/2020-12/schema", **page, "title": "brownout"}
    return json.dumps(page, indent=2) + "\n"


def hint(word: str, known: Iterable[str]) -> str:
    """A "did you mean" for a word that is not known, or nothing."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _explain(error: ValidationError, model: type[BaseModel]) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        if len(first["loc"]) > 1:
            from brownout.catalog.schema import CallTable

            known = list(CallTable.model_fields)
        return f"unknown key {where!r}{hint(where.rpartition('.')[2], known)}"
    return f"{where}: {first['msg'].lower()}"


def _model() -> type[BaseModel]:
    from brownout.project.configmodel import Config

    return Config
