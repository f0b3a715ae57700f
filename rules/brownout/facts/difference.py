"""Which of the answers that were asked of a project are others in a later one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from brownout.facts.asked import KEYS, WHOLE, Reads
from brownout.facts.link import Links
from brownout.facts.project import Project

_MISSING = object()


class Difference:
    """Which answers of `old` are others in `new`."""

    def __init__(self, old: Project, new: Project, reads: Iterable[Reads]) -> None:
        asked: dict[str, set[Any]] = {}
        for one in reads:
            for table, keys in one.items():
                asked.setdefault(table, set()).update(keys)
        self._changed = {table: set(_changed(old, new, table, keys)) for table, keys in asked.items()}

    def touches(self, reads: Reads) -> bool:
        """Whether one of these reads would be answered in another way."""
        return any(not self._changed[table].isdisjoint(keys) for table, keys in reads.items())


def _changed(old: Project, new: Project, table: str, keys: set[Any]) -> Iterator[Any]:
    if table == "modules":
        yield WHOLE  # there is a new project since one of them changed
        return
    ask = _QUESTIONS.get(table)
    if ask is not None:
        yield from (key for key in keys if not _same(ask(old.links, key), ask(new.links, key)))
        return
    before, after = _table(old, table), _table(new, table)
    if not isinstance(before, dict):
        if isinstance(before, set | frozenset) and isinstance(after, set | frozenset):
            yield from before ^ after
        if before != after:
            yield WHOLE
        return
    for key in keys:
        if key in (WHOLE, KEYS):
            if list(before) != list(after) or (key == WHOLE and before != after):
                yield key
        elif not _same(before.get(key, _MISSING), after.get(key, _MISSING)):
            yield key


def _same(before: object, after: object) -> bool:
    return before is after or before == after


_QUESTIONS: dict[str, Callable[[Links, Any], object]] = {
    "target": Links.target,
    "entry": Links.entry,
    "callee": Links.callee,
    "called": Links.called,
    "path": Links.path,
    "constant": Links.constant,
    "method": lambda links, key: links.method(*key),
    "mro": Links.mro,
}


def _table(project: Project, name: str) -> Any:
    """The real table of a name, as `_view` gave it."""
    if name.startswith("fact "):
        return project.fact(name.removeprefix("fact "))
    owner, _, rest = name.partition(".")
    if rest:
        return getattr(project.links if owner == "links" else project.graph, rest)
    table, _, index = name.partition(" ")
    found = getattr(project, table)
    return found[int(index)] if index else found
