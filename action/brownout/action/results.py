"""What a run has found, as comment and summary tell it."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.action.event import Event
from brownout.action.examine import Examined


@dataclass(frozen=True, slots=True)
class Results:
    """The event, what was found, and the address of the book of rules, "" where it is not known."""

    event: Event
    examined: Examined
    book: str = ""
