"""The calls of one file by what they call: a question about a few of them must not look at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

T = TypeVar("T")
Table = dict[str, list["Call"]]


class Index:
    """Tables of calls, each made when first asked for; every answer keeps the order of the file."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls

    def written(self, words: Collection[str]) -> Sequence[Call]:
        """The calls whose callee is written with one of these last words: `get` of `self.session.get`."""
        return self._of(self._written, words)

    def to(self, targets: Collection[str]) -> Sequence[Call]:
        """The calls to one of these, by `Call.target`."""
        return self._of(self._targets, targets)

    def named(self, names: Collection[str]) -> Sequence[Call]:
        """The calls to one of these, by `Call.canonical`."""
        return self._of(self._canonical, names)

    def entries(self, names: Collection[str]) -> Sequence[Call]:
        """The calls of which the catalog speaks under one of these names."""
        return self._of(self._entries, names)

    def tagged(self, *tags: str) -> Sequence[Call]:
        """The calls to which the catalog gives one of the tags."""
        return self._of(self._tags, tags)

    def _of(self, table: Table, keys: Collection[str]) -> Sequence[Call]:
        found = [table[key] for key in keys if key in table] if len(keys) < len(table) else _common(table, keys)
        if not found:
            return ()
        if len(found) == 1:
            return found[0]
        several = {id(call): call for calls in found for call in calls}
        return sorted(several.values(), key=lambda call: self._places[id(call)])

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(call): place for place, call in enumerate(self._calls)}

    @cached_property
    def _written(self) -> Table:
        return _table(self._calls, lambda call: (call.last,))

    @cached_property
    def _targets(self) -> Table:
        return _table(self._calls, lambda call: (call.target,) if call.target is not None else ())

    @cached_property
    def _canonical(self) -> Table:
        return _table(self._calls, lambda call: (call.canonical,))

    @cached_property
    def _entries(self) -> Table:
        return _table(self._calls, lambda call: (call.entry.name,) if call.entry is not None else ())

    @cached_property
    def _tags(self) -> Table:
        return _table(self._calls, lambda call: call.entry.tags if call.entry is not None else ())


def _table(calls: Iterable[Call], keys_of: Callable[[Call], Iterable[str]]) -> Table:
    table: Table = {}
    for call in calls:
        for key in keys_of(call):
            if key in table:
                table[key].append(call)
            else:
                table[key] = [call]
    return table


def _common(table: Table, keys: Collection[str]) -> list[list[Call]]:
    return [calls for key, calls in table.items() if key in keys]


def per_file(fact: Callable[[Code], T]) -> Callable[[Code], T]:
    """A fact about a whole file: computed when first asked for, then kept with its `Code`."""
    name = f"{fact.__module__}.{fact.__qualname__}"

    @wraps(fact)
    def once(code: Code) -> T:
        if name not in code.kept:
            code.kept[name] = fact(code)
        return code.kept[name]  # type: ignore[return-value]

    return once
