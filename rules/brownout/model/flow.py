"""Order is a question too: what has happened before a step of a function, what may happen between two, and whether
something happens on every way out.

A step is a statement; a compound statement counts with its head (test, iterable, context expressions), and its blocks
are steps of their own; `try` has no head. A step that calls, awaits, subscripts, reads an attribute, iterates, imports,
asserts or enters a `with` may fail. Nested functions, lambdas and classes are single steps.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

from brownout.model.flow_build import graph_of
from brownout.model.flow_errors import Loop, own_nodes, raised
from brownout.model.flow_ways import END, ERROR, RETURN, Graph

Body = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module
Kind = Literal["return", "raise", "end", "error", "loop-exit"]
Event = Callable[[ast.stmt], bool]
_Place = tuple[bool, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Escape:
    """A way out of a function: `kind` says how, `at` is the statement that takes it.

    `return` and `raise` are the statements of that name (`sys.exit()` and `assert False` raise), `error` a step that
    may fail, `end` the last step before the end of the body, `loop-exit` a loop there that runs out of items.
    """

    kind: Kind
    at: ast.stmt


class Flow:
    """The order of the steps of one function, or of a module's body."""

    def __init__(self, node: Body) -> None:
        self._node = node
        self._graph, self._entry = graph_of(node)
        self._owners: dict[int, ast.stmt] | None = None
        self._known: dict[bool, set[int]] = {}

    @staticmethod
    def build(node: Body) -> Flow:
        """The flow of a function's own body; linear in its length."""
        return Flow(node)

    def dominates(self, first: ast.AST, second: ast.AST) -> bool:
        """Whether every way to `second` passes `first`, done without an error.

        False where either belongs to another function or is never reached, and for two nodes of one statement.
        """
        firsts, seconds = self._steps(first), self._steps(second)
        if not firsts or not seconds:
            return False
        return self._walk([self._entry], set(firsts), failing=True).isdisjoint(seconds)

    def between(self, first: ast.AST, second: ast.AST) -> tuple[ast.stmt, ...]:
        """The statements that may run after `first` is done and before `second` begins, in source order.

        Going round a loop counts until either of the two is met again. Empty where either is unknown.
        """
        graph, firsts, seconds = self._graph, self._steps(first), self._steps(second)
        ends = {*firsts, *seconds}
        ahead = self._walk([step for one in firsts for step in graph.done[one]], ends, failing=False)
        before: dict[int, list[int]] = {}
        for step in ahead - ends:
            for following in (*graph.done[step], *graph.failed[step]):
                before.setdefault(following, []).append(step)
        found: set[int] = set()
        pending = list(seconds)
        while pending:
            fresh = [step for step in before.get(pending.pop(), ()) if step not in found]
            found.update(fresh)
            pending += fresh
        statements = {id(node): node for node in (graph.statements[step] for step in found) if node is not None}
        return tuple(sorted(statements.values(), key=_position))

    def on_every_path(self, start: ast.AST, event: Event, *, errors: bool | Event = True) -> bool:
        """Whether every way from `start`, once it is done, out of the function meets a step for which `event` is true.

        Meeting it is enough: it may fail there. `start` may be the function itself. `errors` says whether steps fail
        other than by `raise`, or which of those that may. True where no way leaves: `start` is unknown or never
        reached, or a loop never ends.
        """
        return self.escapes_without(start, event, errors=errors) is None

    def escapes_without(self, start: ast.AST, event: Event, *, errors: bool | Event = True) -> Escape | None:
        """A way out that contradicts `on_every_path`: the first for a reader who goes on from `start`."""
        graph, reading, answers = self._graph, _Reading(self._graph, start), dict[int, bool]()
        for step in self._steps(start, errors=errors is not False):
            reading.go_on(step, graph.done[step])
        while reading.goes_on():
            step = reading.step
            statement = graph.statements[step]
            if step <= ERROR:
                return Escape(_kind(step, reading.last), reading.last)
            if statement is not None:
                if id(statement) not in answers:
                    answers[id(statement)] = event(statement)
                if answers[id(statement)]:
                    continue
            fails = errors if isinstance(errors, bool) or statement is None else errors(statement)
            reading.go_on(step, (*graph.done[step], *graph.failed[step]) if fails else graph.done[step])
        return None

    def comes_round(self, loop: ast.stmt, passes: Event, fails: Event) -> bool:
        """Whether a way leads from the head of a loop to it again, over steps of the loop only.

        `passes` says of which steps that way may be done with, `fails` which of the others may fail on it.
        """
        inside = {id(part) for part in ast.walk(loop) if isinstance(part, ast.stmt)}
        heads = set(self._steps(loop))
        pending, seen = list(heads), set[int]()
        while pending:
            step = pending.pop()
            statement = self._graph.statements[step]
            if statement is not None and id(statement) not in inside:
                continue
            targets: tuple[int, ...] = ()
            if statement is None or passes(statement):
                targets = (*self._graph.done[step], *self._graph.failed[step])
            elif fails(statement):
                targets = self._graph.failed[step]
            if heads & set(targets):
                return True
            pending += [target for target in targets if target > ERROR and target not in seen]
            seen.update(targets)
        return False

    def steps_with(self, nodes: Iterable[ast.AST]) -> Event:
        """An event: the step is one in which one of these nodes stands."""
        owners = {id(self._owner(node)) for node in nodes}
        return lambda statement: id(statement) in owners

    def _owner(self, node: ast.AST) -> ast.AST:
        """The statement whose step evaluates a node; the node itself where it has a step or none is known."""
        if id(node) in self._graph.places:
            return node
        if self._owners is None:
            statements = {id(step): step for step in self._graph.statements if step is not None}
            self._owners = {id(part): step for step in statements.values() for part in own_nodes(step)}
        return self._owners.get(id(node), node)

    def _steps(self, node: ast.AST, *, errors: bool = True) -> list[int]:
        """The steps of a node which are reached, at best without an error where errors do not count."""
        steps = self._graph.places.get(id(self._owner(node)), [])
        if not errors:
            found = [step for step in steps if step in self._reached(False)]
            if found:
                return found
        return [step for step in steps if step in self._reached(True)]

    def _reached(self, errors: bool) -> set[int]:
        if errors not in self._known:
            self._known[errors] = self._walk([self._entry], set(), failing=True, errors=errors)
        return self._known[errors]

    def _walk(self, starts: list[int], ends: set[int], *, failing: bool, errors: bool = True) -> set[int]:
        """The steps reached without going on from `ends`; `failing`: unless by an error."""
        graph, seen, pending = self._graph, set(starts), list(starts)
        while pending:
            step = pending.pop()
            following: tuple[int, ...] = ()
            if errors and (failing or step not in ends):
                following = graph.failed[step]
            if step not in ends:
                following = (*graph.done[step], *following)
            for target in following:
                if target not in seen:
                    seen.add(target)
                    pending.append(target)
        return seen


class _Reading:
    """Goes through steps in the order in which somebody reads them who goes on from `start`.

    A `finally` is read at the place of what is pending when it is entered, so that the first way out found is the one
    whose `return`, `raise` or failing step comes first. `last` is that step once a way out is reached.
    """

    __slots__ = (
        "_entries",
        "_held",
        "_items",
        "_origin",
        "_pending",
        "_place",
        "_queue",
        "_seen",
        "graph",
        "last",
        "step",
    )

    def __init__(self, graph: Graph, start: ast.AST) -> None:
        self.graph = graph
        self.step = ERROR
        self.last: ast.stmt = start if isinstance(start, ast.stmt) else ast.Pass(lineno=0, col_offset=0)
        self._origin = _position(start)
        self._place: _Place = (False, self._origin)
        self._held = False
        self._entries = set(graph.entered.values())
        self._pending: dict[int, ast.stmt] = {}
        self._seen: set[int] = set()
        self._queue: list[tuple[_Place, int]] = []
        self._items: list[tuple[int, bool, ast.stmt]] = []

    def goes_on(self) -> bool:
        """Move to the next step, if there is one."""
        if not self._queue:
            return False
        self._place, item = heappop(self._queue)
        self.step, self._held, self.last = self._items[item]
        return True

    def go_on(self, step: int, targets: Iterable[int]) -> None:
        """Note the steps to which a step leads."""
        statement = self.graph.statements[step]
        last, held = statement or self.last, self._held
        if step in self.graph.entered:
            last, held = self._pending.get(self.graph.entered[step], last), False
        for target in targets:
            if target in self._seen:
                continue
            if target <= ERROR:
                self._add(target, self._place_of(last) if self._held and statement else self._place, False, last)
                continue
            self._seen.add(target)
            if target in self._entries:
                self._pending[target] = last
            keeps = held or target in self._entries
            ahead = self.graph.statements[target]
            self._add(target, self._place if keeps or ahead is None else self._place_of(ahead), keeps, last)

    def _add(self, step: int, place: _Place, held: bool, last: ast.stmt) -> None:
        heappush(self._queue, (place, len(self._items)))
        self._items.append((step, held, last))

    def _place_of(self, statement: ast.stmt) -> _Place:
        """Where a statement is read: what stands before the start, or is the start again, comes after all the rest."""
        position = _position(statement)
        return position <= self._origin, position


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _kind(way: int, last: ast.stmt) -> Kind:
    if way == RETURN:
        return "return"
    if way == END:
        return "loop-exit" if isinstance(last, Loop) else "end"
    return "error" if raised(last) is None else "raise"
