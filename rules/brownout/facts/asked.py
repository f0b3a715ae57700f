"""A project that writes down what one file's rules ask it, so that a later project can be compared answer by answer.

Rules and facts are functions of a file's tables and of what they read of the project. Every read goes through here:
a question to `links`, a key of a table, or a table as a whole. Where all answers are the same, so are the findings.
"""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping, Set, ValuesView
from functools import cached_property
from sys import intern
from typing import Any, cast

from brownout.catalog import Entry
from brownout.facts.effects import Chain, Graph
from brownout.facts.entrypoints import EntryPoint
from brownout.facts.failing.failures import Escapes
from brownout.facts.link import Called, Links
from brownout.facts.paths import PathShape
from brownout.facts.project import Project
from brownout.facts.rows import CallRow
from brownout.facts.summary import FunctionSummary, ModuleSummary
from brownout.facts.waiting.timeouts import Wrapper

Noted = dict[str, set[Any]]
"""What was read so far, by table: keys, or `KEYS` for all of them, or `WHOLE` for all that is in it."""
Reads = Mapping[str, Collection[Any]]
"""What was read, in the end."""
WHOLE = ("the whole table",)
KEYS = ("all keys",)
_ALONE = {WHOLE: (WHOLE,), KEYS: (KEYS,)}


def closed(noted: Noted) -> Reads:
    """What was noted, as it is kept while a project is open: sets have room for more, and most hold one key."""
    return {intern(table): _closed(keys) for table, keys in noted.items()}


def _closed(keys: set[Any]) -> tuple[Any, ...]:
    found = tuple(keys)
    return _ALONE.get(found[0], found) if len(found) == 1 else found


class Asked(Project):
    """The project `real`, with `reads` of what it was asked through this view."""

    def __init__(self, real: Project) -> None:
        self.real = real
        self.catalog = real.catalog
        self.reads: Noted = {}
        self.links = AskedLinks(real.links, self.reads)

    def fact(self, name: str) -> object:
        """A fact about the whole project, worked out by the real one: how it came about is no question of the file."""
        return _view(self.real.fact(name), f"fact {name}", self.reads)

    @property
    def modules(self) -> list[ModuleSummary]:  # type: ignore[override]
        """All summaries."""
        _note(self.reads, "modules", WHOLE)
        return self.real.modules

    def rows(self) -> Iterable[tuple[FunctionSummary, CallRow]]:
        """Every call of every file that is not a test."""
        _note(self.reads, "modules", WHOLE)
        return self.real.rows()

    @cached_property
    def graph(self) -> Graph:
        """See `Project.graph`."""
        return AskedGraph(self.real.graph, self.reads)

    @cached_property
    def blocking(self) -> tuple[dict[str, Chain], ...]:
        """See `Project.blocking`."""
        return cast("tuple[dict[str, Chain], ...]", self._table("blocking"))

    @cached_property
    def wrappers(self) -> dict[str, Wrapper]:
        """See `Project.wrappers`."""
        return cast("dict[str, Wrapper]", self._table("wrappers"))

    @cached_property
    def outside(self) -> dict[str, Chain]:
        """See `Project.outside`."""
        return cast("dict[str, Chain]", self._table("outside"))

    @cached_property
    def entry_points(self) -> dict[str, list[EntryPoint]]:
        """See `Project.entry_points`."""
        return cast("dict[str, list[EntryPoint]]", self._table("entry_points"))

    @cached_property
    def contexts(self) -> dict[str, frozenset[str]]:
        """See `Project.contexts`."""
        return cast("dict[str, frozenset[str]]", self._table("contexts"))

    @cached_property
    def escapes(self) -> Escapes:
        """See `Project.escapes`."""
        return cast(Escapes, self._table("escapes"))

    @cached_property
    def calls_by_target(self) -> dict[str, list[tuple[FunctionSummary, CallRow]]]:
        """See `Project.calls_by_target`."""
        return cast("dict[str, list[tuple[FunctionSummary, CallRow]]]", self._table("calls_by_target"))

    def _table(self, name: str) -> object:
        return _view(getattr(self.real, name), name, self.reads)


class AskedLinks(Links):
    """The links, asked question by question."""

    def __init__(self, real: Links, reads: Noted) -> None:
        self.real = real
        self.catalog = real.catalog
        self.reads = reads
        for name in _LINK_TABLES:
            setattr(self, name, _view(getattr(real, name), f"links.{name}", reads))

    def target(self, symbol: str | None, depth: int = 0) -> str | None:
        """See `Links.target`."""
        _note(self.reads, "target", symbol)
        return self.real.target(symbol)

    def entry(self, symbol: str | None) -> Entry | None:
        """See `Links.entry`."""
        _note(self.reads, "entry", symbol)
        return self.real.entry(symbol)

    def callee(self, symbol: str | None) -> FunctionSummary | None:
        """See `Links.callee`."""
        _note(self.reads, "callee", symbol)
        return self.real.callee(symbol)

    def called(self, symbol: str | None) -> Called:
        """See `Links.called`."""
        _note(self.reads, "called", symbol)
        return self.real.called(symbol)

    def path(self, symbol: str | None, depth: int = 0) -> PathShape | None:
        """See `Links.path`."""
        _note(self.reads, "path", symbol)
        return self.real.path(symbol)

    def constant(self, symbol: str | None) -> str | None:
        """See `Links.constant`."""
        _note(self.reads, "constant", symbol)
        return self.real.constant(symbol)

    def method(self, owner: str, name: str) -> FunctionSummary | None:
        """See `Links.method`."""
        _note(self.reads, "method", (owner, name))
        return self.real.method(owner, name)

    def mro(self, owner: str) -> list[str]:
        """See `Links.mro`."""
        _note(self.reads, "mro", owner)
        return self.real.mro(owner)


class AskedGraph(Graph):
    """The graph, asked function by function."""

    def __init__(self, real: Graph, reads: Noted) -> None:
        for name in _GRAPH_TABLES:
            setattr(self, name, _view(getattr(real, name), f"graph.{name}", reads))


_LINK_TABLES = ("modules", "functions", "classes", "packages")
_GRAPH_TABLES = ("out", "callers", "effects")


def _note(reads: Noted, table: str, key: Any) -> None:
    keys = reads.get(table)
    if keys is None:
        keys = reads[table] = set()
    keys.add(key)


def _view(value: Any, table: str, reads: Noted) -> Any:
    """A table that writes down which of its keys are asked for; anything else is one answer."""
    if isinstance(value, tuple) and value and all(isinstance(one, dict) for one in value):
        return tuple(_view(one, f"{table} {index}", reads) for index, one in enumerate(value))
    if isinstance(value, dict):
        return _Table(value, table, reads)
    if isinstance(value, set | frozenset):
        return _Members(value, table, reads)
    _note(reads, table, WHOLE)
    return value


class _Table(Mapping[Any, Any]):
    __slots__ = ("_reads", "_real", "_table")

    def __init__(self, real: dict[Any, Any], table: str, reads: Noted) -> None:
        self._real, self._table, self._reads = real, table, reads

    def __getitem__(self, key: Any) -> Any:
        _note(self._reads, self._table, key)
        return self._real[key]

    def get(self, key: Any, default: Any = None) -> Any:
        _note(self._reads, self._table, key)
        return self._real.get(key, default)

    def __contains__(self, key: object) -> bool:
        _note(self._reads, self._table, key)
        return key in self._real

    def __iter__(self) -> Iterator[Any]:
        _note(self._reads, self._table, KEYS)
        return iter(self._real)

    def __len__(self) -> int:
        _note(self._reads, self._table, KEYS)
        return len(self._real)

    def items(self) -> ItemsView[Any, Any]:
        _note(self._reads, self._table, WHOLE)
        return self._real.items()

    def values(self) -> ValuesView[Any]:
        _note(self._reads, self._table, WHOLE)
        return self._real.values()


class _Members(Set[Any]):
    __slots__ = ("_reads", "_real", "_table")

    def __init__(self, real: Set[Any], table: str, reads: Noted) -> None:
        self._real, self._table, self._reads = real, table, reads

    def __contains__(self, key: object) -> bool:
        _note(self._reads, self._table, key)
        return key in self._real

    def _all(self) -> Set[Any]:
        _note(self._reads, self._table, WHOLE)
        return self._real

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        return frozenset(it)
