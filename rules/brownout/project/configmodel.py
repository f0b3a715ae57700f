"""`[tool.brownout]` as a pydantic model; also the source of its JSON Schema."""

from __future__ import annotations

from collections.abc import Sequence

from brownout.catalog.schema import CallTable
from brownout.project.settings import Level
from pydantic import BaseModel, ConfigDict, Field


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Config(BaseModel):
    """The keys of `[tool.brownout]`; they are the same in `brownout.toml`, without the heading."""

    model_config = ConfigDict(extra="forbid", alias_generator=_kebab, populate_by_name=False)

    select: Sequence[str] = Field((), description="Rules, categories or sections to ask about; all when empty.")
    ignore: Sequence[str] = Field((), description="Rules, categories or sections that are left out.")
    exclude: Sequence[str] = Field((), description="Patterns, as in .gitignore, of files that are not read.")
    respect_gitignore: bool = Field(True, description="Leave out what .gitignore names.")
    min_severity: Level = Field(Level.MEDIUM, description="The mildest severity that is shown.")
    fail_on: Level = Field(Level.MEDIUM, description="The mildest severity that makes the exit code 1.")
    suspected: bool = Field(False, description="Show findings that need confirmation, too.")
    per_file_ignores: dict[str, Sequence[str]] = Field(
        default_factory=dict, description="Rules that are left out in files of a pattern."
    )
    rules: dict[str, dict[str, object]] = Field(default_factory=dict, description="Options of single rules.")
    call: Sequence[CallTable] = Field((), description="Your own clients, in the language of the catalog.")
