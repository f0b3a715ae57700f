"""The project as facts: everything that a rule may know beyond its own file, each computed once, when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from typing import TypeVar

from brownout.catalog import Catalog, Effect
from brownout.facts import effects, entrypoints
from brownout.facts.effects import Chain, Graph
from brownout.facts.entrypoints import EntryPoint
from brownout.facts.failing import failures
from brownout.facts.failing.failures import Escapes
from brownout.facts.link import Links
from brownout.facts.rows import CallRow
from brownout.facts.summary import FunctionSummary, ModuleSummary
from brownout.facts.waiting import timeouts
from brownout.facts.waiting.timeouts import Wrapper

T = TypeVar("T")


class Project:
    """The summaries of all files, joined, with the catalog for the versions that the project has installed."""

    def __init__(self, modules: Iterable[ModuleSummary], catalog: Catalog) -> None:
        self.modules = list(modules)
        self.catalog = catalog
        self.links = Links(self.modules, catalog)
        self.kept: dict[str, object] = {}

    @cached_property
    def graph(self) -> Graph:
        """Who calls whom."""
        return Graph(self.links)

    @cached_property
    def blocking(self) -> tuple[dict[str, Chain], ...]:
        """Plain functions that keep their thread waiting, by weight: for others, for a local disk, briefly."""
        return tuple(effects.blocking(self.graph, weight) for weight in range(effects.WEIGHTS))

    @cached_property
    def wrappers(self) -> dict[str, Wrapper]:
        """Functions that hand a parameter on as a time limit."""
        return timeouts.wrappers(self.graph, self.links)

    @cached_property
    def outside(self) -> dict[str, Chain]:
        """Functions that work with the outside world on the caller's behalf."""
        return self.reaching(Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL)

    @cached_property
    def entry_points(self) -> dict[str, list[EntryPoint]]:
        """Entry points by function name."""
        return entrypoints.entry_points(self.links, self.graph)

    @cached_property
    def contexts(self) -> dict[str, frozenset[str]]:
        """The kinds of entry points that lead to a function."""
        return entrypoints.contexts(self.entry_points, self.graph)

    @cached_property
    def escapes(self) -> Escapes:
        """The failures that leave each function."""
        return failures.escapes(self.graph, self.links)

    def fact(self, name: str) -> object:
        """One of the facts about a whole project, by name."""
        if name not in self.kept:
            self.kept[name] = FACTS[name](self)
        return self.kept[name]

    def reaching(self, *kinds: Effect) -> dict[str, Chain]:
        """Functions that reach one of the effects, by any way."""
        return effects.reaching(self.graph, frozenset(kinds))

    def reached(self, *kinds: Effect) -> frozenset[str]:
        """The same functions without the ways."""
        return effects.reached(self.graph, frozenset(kinds))

    def rows(self) -> Iterable[tuple[FunctionSummary, CallRow]]:
        """Every call of every file that is not a test."""
        for module in self.modules:
            if not module.is_test:
                for function in module.functions.values():
                    for row in function.calls:
                        yield function, row

    @cached_property
    def calls_by_target(self) -> dict[str, list[tuple[FunctionSummary, CallRow]]]:
        """Every call outside of tests by the canonical name of what is called."""
        found: dict[str, list[tuple[FunctionSummary, CallRow]]] = {}
        for function, row in self.rows():
            target, _, _, canonical = self.links.called(row.symbol)
            if target is not None:
                found.setdefault(canonical, []).append((function, row))
        return found


FACTS: dict[str, Callable[[Project], object]] = {}
"""The facts about a whole project by name."""


def per_project(fact: Callable[[Project], T]) -> Callable[[Project], T]:
    """A fact about a whole project: computed when first asked for, then kept with the project."""
    name = f"{fact.__module__}.{fact.__qualname__}"
    FACTS[name] = fact

    @wraps(fact)
    def once(project: Project) -> T:
        return project.fact(name)  # type: ignore[return-value]

    return once
