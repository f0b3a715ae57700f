"""A file as the engine is given it: text and names, however it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file: its path relative to the project, its module's dotted name, its text.

    `root` is the folder from which the module's name counts, relative to the project ("" for the project itself).
    """

    path: str
    module: str
    text: str
    is_test: bool = False
    root: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or a line of it, that could not be read, and why."""

    path: str
    line: int
    message: str
