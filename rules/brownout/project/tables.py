"""Tables of files, as far as there is room for them: those of a million lines take two gigabytes.

Whoever needs those of another file has it parsed again, which takes a fifth of the time of asking about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from brownout.engine import Parsed, parse, summary_of
from brownout.facts.wanted import Wanted
from brownout.model.source import SourceFile

ROOM = 12_000_000
"""Characters of source whose tables a check may hold at a time, in all of its processes: about 600 MB."""
STAY = 1_000_000
"""Characters of source whose tables stay for the next change, once all questions are answered."""

K = TypeVar("K")


def again(source: SourceFile, heads: Mapping[str, str], wanted: Wanted) -> Parsed:
    """The tables of a file that could be parsed before, as reading it the first time left them."""
    found = parse(source, heads)
    assert isinstance(found, Parsed), "a text that was good is no longer"
    summary_of(found, wanted)  # marks the calls that are wanted
    return found


class Tables(Generic[K]):
    """The tables of some files by name or place; those for which there is no room are taken apart after use."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self._of: dict[K, Parsed] = {}
        self._used = 0

    def put(self, key: K, file: Parsed) -> bool:
        """Hold a file's tables in place of those that it had, or take them apart; whether there is room for them."""
        is_held = self._hold(key, file)
        if not is_held:
            file.module.dissolve()
        return is_held

    def _hold(self, key: K, file: Parsed) -> bool:
        self.drop(key)
        size = len(file.source.text)
        if self._used + size > self.room:
            return False
        self._of[key] = file
        self._used += size
        return True

    @contextmanager
    def use(self, key: K, again: Callable[[], Parsed]) -> Iterator[Parsed]:
        """The tables of a file, parsed again where they are not here."""
        file = self._of.get(key)
        if file is not None:
            yield file
            return
        file = again()
        is_held = self._hold(key, file)
        try:
            yield file
        finally:
            if not is_held:
                file.module.dissolve()

    def drop(self, key: K) -> None:
        """Take a file's tables apart."""
        file = self._of.pop(key, None)
        if file is not None:
            self._used -= len(file.source.text)
            file.module.dissolve()

    def shrink(self, room: int) -> None:
        """Drop the oldest until the others have so much room."""
        for key in list(self._of):
            if self._used <= room:
                return
            self.drop(key)
