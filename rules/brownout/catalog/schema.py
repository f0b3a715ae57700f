"""The language of library pages as pydantic models: for the tests of the pages and for a user's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from brownout.catalog.entries import Effect
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Symbol = Annotated[str, StringConstraints(pattern=r"^[\[{]?[A-Za-z_][\w.]*(?:\(\))?[\]}]?$")]
Pattern = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.{},* ]*$")]
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=300)]
Tag = Literal[
    "archive-extract", "atomic-replace", "commit", "copy", "dump", "execute", "fsync", "gpu", "http-error",
    "hub-download", "image-parse", "join", "load", "lock", "ocr", "path", "pdf-parse", "queue-get", "queue-put",
    "render", "response-file", "retry", "safe-name", "setting", "spawn-task", "sqlite-connect", "suppress", "temp",
    "upload-file", "upload-read", "validate", "ws-accept", "ws-iter", "ws-receive", "ws-send",
]  # fmt: skip
Kind = Literal[
    "route", "websocket", "startup", "shutdown", "lifespan", "middleware", "exception-handler", "background",
    "worker", "scheduled", "thread", "cli", "dependency",
]  # fmt: skip
Place = Literal["thread", "process", "task", "background", "loop"]


class Table(BaseModel):
    """A table of a page; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class TimeoutTable(Table):
    """How a call is limited: see `brownout.catalog.Timeout`."""

    parameter: str | None = None
    position: int | None = Field(None, ge=0)
    default: float | Literal["forever"] = "forever"
    forever: Sequence[str] = ("None",)
    constructor: bool = False
    ambient: Symbol | None = None
    within: Sequence[str] = ()


class OffloadTable(Table):
    """The function given at `position`, or as `parameter`, runs elsewhere."""

    position: int | None = Field(None, ge=0)
    parameter: str | None = None
    to: Place


class Facts(Table):
    """What may differ between versions of a library."""

    effect: Effect | None = None
    blocks: bool | None = None
    awaits: bool | None = None
    weight: Literal["short"] | None = None
    timeout: TimeoutTable | None = None
    at_once: Sequence[Annotated[str, StringConstraints(pattern=r"^\w+(@\d+)?=.+$")]] | None = None
    raises: Sequence[str] | None = None
    returns: Symbol | None = None
    opens: str | None = None
    closes: bool | None = None
    removes: int | None = Field(None, ge=0)
    writes: bool | None = None
    offload: OffloadTable | None = None
    registers: Kind | None = None
    retries: Sentence | None = None
    instead: str | None = None
    breaks: Sentence | None = None
    display: str | None = None
    tags: Sequence[Tag] | None = None


class SinceTable(Facts):
    """The facts of the versions that a specifier such as `>=2.0` names."""

    version: str


class CallTable(Facts):
    """One or more callables of a library, and what they do. Also the user's own `[[tool.brownout.call]]`."""

    names: Annotated[Sequence[Pattern], Field(min_length=1)]
    since: Sequence[SinceTable] = ()


class ClassTable(Table):
    """A class: under which names it is imported, its bases, and what its attributes are."""

    name: Pattern
    also: Sequence[str] = ()
    bases: Sequence[str] = ()
    attributes: dict[str, Symbol] = Field(default_factory=dict)
    items: Symbol | None = None
    """What is found under any key, and as any attribute that is nothing else: `client["shop"].orders`."""
    display: str | None = None
    handlers: dict[Kind, Sequence[str]] = Field(default_factory=dict)
    """Methods of subclasses that the library calls, by the kind of entry point that they are."""


class Page(Table):
    """The page of one library."""

    library: str
    display: str
    distribution: str
    checked: str
    docs: str
    raises: Sequence[str] = ()
    retries: Sentence | None = None
    breaks: Sentence | None = None
    big: bool = False
    """The wheel is too large to be fetched for a test; `make catalog` checks it."""
    alias: dict[str, str] = Field(default_factory=dict)
    classes: Sequence[ClassTable] = Field((), alias="class")
    calls: Sequence[CallTable] = Field((), alias="call")


class SamePage(Table):
    """A page that says only that a library is another one under a second name."""

    library: str
    same_as: str
