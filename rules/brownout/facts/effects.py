"""A function does what the functions that it calls do; each effect is kept with the shortest chain of calls to it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from brownout.catalog import Effect, Entry
from brownout.core import Location
from brownout.facts.link import Links
from brownout.facts.rows import CallRow, Place
from brownout.facts.spared import FIRST_TIME, NONBLOCKING
from brownout.facts.summary import FunctionSummary

HANDED_OVER = frozenset({"thread", "process", "task", "background"})


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a chain: where it is written, how, and the canonical name of what it calls."""

    path: str
    place: Place
    text: str
    target: str

    @property
    def location(self) -> Location:
        """Where the call stands now."""
        return Location(self.path, self.place.span)


@dataclass(frozen=True, slots=True)
class Chain:
    """The calls from a function's body to the effect at the end; `entry` is what the last call does."""

    steps: tuple[Step, ...]
    entry: Entry

    @property
    def path(self) -> str:
        """The chain in one line: `settle → time.sleep`."""
        return " → ".join(step.text for step in self.steps)


@dataclass(frozen=True, slots=True)
class Edge:
    """A call row with what it resolves to; `elsewhere` says where a function that is handed over runs."""

    caller: FunctionSummary
    row: CallRow
    callee: FunctionSummary | None
    entry: Entry | None
    elsewhere: str | None = None

    @property
    def step(self) -> Step:
        """The edge as a step of a chain."""
        target = self.callee.name if self.callee is not None else self.entry.name if self.entry is not None else ""
        return Step(self.caller.path, self.row.place, self.row.text, target)


def edges_of(function: FunctionSummary, links: Links) -> Iterable[Edge]:
    """The resolved calls of one function, and the functions that it hands over to be run."""
    for row in function.calls:
        _, callee, entry, _ = links.called(row.symbol)
        if callee is None and entry is None:
            continue
        yield Edge(function, row, callee, entry)
        if entry is not None and entry.offload is not None:
            handed = links.callee(handed_over(row, entry))
            if handed is not None:
                yield Edge(function, row, handed, None, entry.offload.to)


def handed_over(row: CallRow, entry: Entry) -> str | None:
    """The symbol of the function that a call such as `to_thread(f, …)` runs."""
    if entry.offload is None:
        return None
    for key, form in row.arguments:
        if key in (entry.offload.position, entry.offload.parameter) and form.startswith("@"):
            return form[1:]
    return None


class Graph:
    """The calls of the whole project, forwards and backwards."""

    def __init__(self, links: Links) -> None:
        self.out: dict[str, list[Edge]] = {}
        self.callers: dict[str, list[Edge]] = defaultdict(list)
        self.effects: dict[str, list[Edge]] = {}
        """The calls of libraries that each function makes itself, where it makes any."""
        for function in links.functions.values():
            edges = list(edges_of(function, links))
            self.out[function.name] = edges
            for edge in edges:
                if edge.callee is not None:
                    self.callers[edge.callee.name].append(edge)
                elif edge.elsewhere is None:
                    self.effects.setdefault(function.name, []).append(edge)

    def spread(self, starts: Callable[[Edge], bool], passes: Callable[[Edge], bool]) -> dict[str, Chain]:
        """Each function that reaches an edge accepted by `starts` over edges accepted by `passes`, with its chain."""
        chains: dict[str, Chain] = {}
        for name, edge in self.reach(starts, passes).items():
            if edge.callee is not None:
                rest = chains[edge.callee.name]
                chains[name] = Chain((edge.step, *rest.steps), rest.entry)
            elif edge.entry is not None:
                chains[name] = Chain((edge.step,), edge.entry)
        return chains

    def reach(self, starts: Callable[[Edge], bool], passes: Callable[[Edge], bool]) -> dict[str, Edge]:
        """The same functions, nearest first, each with the first edge of its way."""
        found: dict[str, Edge] = {}
        wave: list[tuple[str, Edge]] = []
        for name, edges in self.effects.items():
            edge = next((edge for edge in edges if starts(edge)), None)
            if edge is not None:
                wave.append((name, edge))
        while wave:
            reached: list[tuple[str, Edge]] = []
            for name, edge in wave:
                if name in found:
                    continue
                found[name] = edge
                for outer in self.callers.get(name, ()):
                    if outer.caller.name not in found and passes(outer):
                        reached.append((outer.caller.name, outer))
            wave = reached
        return found


_ELSEWHERE = frozenset(
    "async sync dispatch thread threaded threadpool executor background offload task cache cached memoize once".split()
)


_FOR_TESTS = re.compile(r"(^|[._])(debug|mock|fake|dummy)([._]|$)", re.IGNORECASE)
"""Functions that wait only where somebody asked for it while testing: `check_for_debug_crash`."""


def _moves(decorator: str) -> bool:
    """Whether a decorator says by its name that it runs the function elsewhere, or that it keeps its result."""
    last = decorator.removesuffix("()").rpartition(".")[2]
    return not _ELSEWHERE.isdisjoint(last.lower().split("_"))


WEIGHTS = 3


def weight(entry: Entry) -> int:
    """How long a blocking call keeps its thread: 0 as long as others like, 1 as a local disk, 2 milliseconds."""
    if entry.short or (entry.effect is Effect.DISK and entry.library in _ONE_FILE):
        return 2
    local = entry.effect is Effect.DISK or (entry.effect is Effect.DATABASE and entry.library in LOCAL_DATABASES)
    return 1 if local else 0


_ONE_FILE = frozenset({"builtins", "codecs", "io", "os", "pathlib"})
"""Libraries whose calls open, read or write one local file; `shutil` and archives move many, or large ones."""
LOCAL_DATABASES = frozenset({"sqlite3", "aiosqlite"})


def blocking(graph: Graph, of_weight: int) -> dict[str, Chain]:
    """Each plain function that keeps its thread waiting for something of that weight."""

    def starts(edge: Edge) -> bool:
        """A call that waits each time it is made; a model takes so long that once is too often."""
        entry = edge.entry
        if entry is None or not is_blocking(entry, edge.row) or weight(entry) != of_weight:
            return False
        return edge.row.spared != FIRST_TIME or entry.effect is Effect.MODEL

    def passes(edge: Edge) -> bool:
        if edge.callee is None or edge.elsewhere is not None or edge.row.spared == FIRST_TIME:
            return False
        return waits_for_callee(edge.callee, edge.row)

    return graph.spread(starts, passes)


def is_blocking(entry: Entry | None, row: CallRow) -> bool:
    """Whether a call keeps its thread: a blocking entry that is not awaited, nor told to return at once."""
    if entry is None or not entry.blocks or row.awaited or row.spared == NONBLOCKING:
        return False
    return not _returns_at_once(entry, row)


def _returns_at_once(entry: Entry, row: CallRow) -> bool:
    """Whether an argument such as `blocking=False` or `timeout=0` says that the call must not wait."""
    timeout = entry.timeout
    if timeout is not None and entry.effect is Effect.WAIT and not {"0", "0.0"} & set(timeout.forever):
        keys = (timeout.parameter, timeout.position)
        if any(key in keys and form in ("=0", "=0.0") for key, form in row.arguments):
            return True
    for condition in entry.at_once:
        parameter, _, value = condition.partition("=")
        name, _, position = parameter.partition("@")
        wanted = value if value.startswith("@") else f"={value}"
        if any(form == wanted and str(key) in (name, position) for key, form in row.arguments):
            return True
    return False


def waits_for_callee(callee: FunctionSummary, row: CallRow) -> bool:
    """Whether a call runs the callee's body before it goes on: a plain call of a plain, non-generator function."""
    return not row.awaited and may_wait(callee) and (not callee.is_generator or row.where == "with")


def may_wait(callee: FunctionSummary) -> bool:
    """Whether a function is a plain one, which runs where it is called, each time that it is called."""
    if _FOR_TESTS.search(callee.qualname) or callee.is_async:
        return False
    return not any(_moves(decorator) for decorator in callee.decorators)


def reaching(graph: Graph, effects: frozenset[Effect]) -> dict[str, Chain]:
    """Each function that reaches one of the effects in whatever way, threads and tasks included."""
    return graph.spread(lambda edge: edge.entry is not None and edge.entry.effect in effects, _always)


def reached(graph: Graph, effects: frozenset[Effect]) -> frozenset[str]:
    """The same functions without the ways."""
    return frozenset(graph.reach(lambda edge: edge.entry is not None and edge.entry.effect in effects, _always))


def _always(edge: Edge) -> bool:
    return True
