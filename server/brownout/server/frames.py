"""What the protocol process and the analysis process say to each other: values, each as a length and a pickle."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from brownout.core import Finding, Fix
from brownout.model.source import Unreadable

HEADER = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the editor's settings change in those of the project; None leaves the project's."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: str | None = None
    suspected: bool | None = None
    exclude: tuple[str, ...] | None = None
    config: str | None = None
    """A file with settings in place of the project's own, from the root."""
    baseline: str | None = None
    """A file of `brownout baseline`, from the root: what it lists is not shown."""
    diff_base: str | None = None
    """What was there where HEAD parted from this commit is not shown."""

    @property
    def only_new(self) -> bool:
        """Whether findings are compared with earlier ones."""
        return self.baseline is not None or self.diff_base is not None


@dataclass(slots=True)
class Sync:
    """How a project should be: open texts that changed (None: closed), files that changed on the disk.

    Later messages about a project are merged into earlier ones that wait; `number` counts up, and a report names it.
    `reread` asks for the settings and the list of files to be read again; files in `skipped` are left out.
    """

    root: str
    number: int
    overrides: Overrides = field(default_factory=Overrides)
    texts: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    changed: set[str] = field(default_factory=set[str])
    reread: bool = False
    lenses: bool = False
    skipped: frozenset[str] = frozenset()

    def merge(self, later: Sync) -> None:
        """Take over what a later message wants."""
        self.number, self.overrides, self.lenses, self.skipped = (
            later.number, later.overrides, later.lenses, later.skipped,
        )  # fmt: skip
        self.texts.update(later.texts)
        self.changed |= later.changed
        self.reread |= later.reread


@dataclass(frozen=True, slots=True)
class Forget:
    """A project is closed."""

    root: str


@dataclass(frozen=True, slots=True)
class Repair:
    """Carry fixes out in a text."""

    ticket: int
    text: str
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class Working:
    """What the analysis looks at now: a sign of life, the progress, and the culprit if it dies."""

    root: str
    path: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Lens:
    """An entry point for a code lens: the line of its function, and a line of words."""

    line: int
    title: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: findings, why it cannot be read, mistakes in its comments, lenses; `broken` if its text does not parse.

    `wide` are the lines that findings and notes lie on, by path and number (from 1), where they are not plain ASCII:
    whoever counts columns in other units than code points needs them.
    """

    findings: tuple[Finding, ...] = ()
    problems: tuple[Unreadable, ...] = ()
    notices: tuple[Unreadable, ...] = ()
    lenses: tuple[Lens, ...] = ()
    broken: bool = False
    wide: tuple[tuple[tuple[str, int], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The files of a project that changed since the last report; `error` if the settings cannot be used.

    With `whole` these are all that have anything to report. With `first` the project is not read yet: only the open
    files have been looked at, each for itself. `nested` are folders in it with settings of their own, whose files are
    not its business.
    """

    root: str
    number: int
    files: dict[str, FileReport]
    nested: tuple[str, ...] = ()
    whole: bool = False
    first: bool = False
    error: str = ""
    broke: str = ""
    """Why the analysis failed, where it did: a bug of ours, with its place."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text after the fixes, or why none could be carried out."""

    ticket: int
    text: str | None
    reason: str = ""


Question = Sync | Forget | Repair
Answer = Working | Report | Repaired


def pack(message: Question | Answer) -> bytes:
    """A message as it goes over the pipe."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


def receive(stream: BinaryIO) -> Question | None:
    """The next message of a blocking stream; None at its end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    data = stream.read(length)
    if len(data) < length:
        return None
    message: Question = pickle.loads(data)
    return message
