"""What is counted and searched for in all texts of a project; done again only for those that changed."""

from __future__ import annotations

from collections.abc import Iterable

from brownout.model.source import SourceFile
from brownout.project.suppressions import may_suppress


class Texts:
    """Looks at texts, and remembers what it saw."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int, bool]] = {}

    def look(self, sources: Iterable[SourceFile]) -> tuple[int, dict[str, str]]:
        """The number of lines, and the texts that may switch findings off."""
        lines, marked = 0, {}
        for source in sources:
            seen = self._seen.get(source.path)
            if seen is None or seen[0] is not source.text:
                seen = (source.text, source.text.count("\n"), may_suppress(source.text))
                self._seen[source.path] = seen
            lines += seen[1]
            if seen[2]:
                marked[source.path] = source.text
        return lines, marked
