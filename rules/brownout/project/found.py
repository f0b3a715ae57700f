"""The findings of a project, file by file: which of them lead over other files, and which nobody was told of yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from brownout.core import Finding


class Found:
    """What the rules say of each file that they were asked about."""

    def __init__(self) -> None:
        self._of: dict[str, list[Finding]] = {}
        self._over: dict[str, set[str]] = {}
        """For each file those whose findings lead over it."""
        self._news: set[str] | None = None
        """The files of which something else may be said than was told last; None: of any."""

    @property
    def by_file(self) -> Mapping[str, list[Finding]]:
        """The findings of each file; one that has to be asked about again is not there."""
        return MappingProxyType(self._of)

    @property
    def news(self) -> frozenset[str] | None:
        """The files of which something else may be said than at the time of `told`; None: of any."""
        return None if self._news is None else frozenset(self._news)

    def told(self) -> None:
        """Everything has been told."""
        self._news = set()

    def touch(self, path: str | None) -> None:
        """Something else may be said of a file, and in the findings that lead over it; None: of any."""
        if path is None:
            self._news = None
        elif self._news is not None:
            self._news |= {path, *self._over.get(path, ())}

    def put(self, path: str, findings: list[Finding]) -> None:
        """The rules were asked about a file."""
        self.discard(path)
        self._of[path] = findings
        for other in _leads(findings):
            self._over.setdefault(other, set()).add(path)
        self.touch(path)

    def discard(self, path: str) -> None:
        """Forget the findings of a file."""
        findings = self._of.pop(path, None)
        if findings is not None:
            for other in _leads(findings):
                self._over[other].discard(path)

    def drop(self, path: str) -> None:
        """Forget the findings of a file that changed, and those that lead over it."""
        self.touch(path)
        for other in [path, *self._over.get(path, ())]:
            self.discard(other)

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()
        self._over.clear()
        self.touch(None)


def _leads(findings: list[Finding]) -> Iterator[str]:
    """The files that the findings of one lead over; some more than once."""
    return (note.location.path for finding in findings for note in finding.notes)
