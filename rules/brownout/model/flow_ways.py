"""The graph of a function's steps, and where the ways out of a block lead: `return`, `break`, `continue` and errors."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from brownout.model.flow_errors import Try, raised_again, stops

Block = Callable[[Sequence[ast.stmt], int, "Ways"], int]
"""Builds a block: its statements, the step after it and the ways out of it, to its first step."""

END, RETURN, ERROR = 0, 1, 2
_RETURNING, _BREAKING, _CONTINUING = "return", "break", "continue"
_KEPT_APART = (_RETURNING, _BREAKING, _CONTINUING, "Exception", "GeneratorExit", "SystemExit", "KeyboardInterrupt")
_MOST_NAMES = 4
"""How many errors a `finally` keeps apart by name, besides those that `except Exception` does not catch."""
_COPIED_FINALLY = 2
"""How deep `finally` blocks inside `finally` blocks are kept apart by what is pending; deeper ones are built once."""


class Graph:
    """Numbered steps; one without a statement is a junction, and the first three are the ways out.

    A statement inside of a `finally` has several steps. `entered` gives, for the junction at the end of a `finally`
    that resumes what was pending, the junction at which it was entered.
    """

    __slots__ = ("done", "entered", "failed", "places", "statements")

    def __init__(self) -> None:
        self.statements: list[ast.stmt | None] = [None, None, None]
        self.done: list[list[int]] = [[], [], []]
        self.failed: list[tuple[int, ...]] = [(), (), ()]
        self.places: dict[int, list[int]] = {}
        self.entered: dict[int, int] = {}

    def add(self, node: ast.AST | None, done: list[int]) -> int:
        """A new step of a statement, or a junction, leading to the given steps."""
        step = len(self.statements)
        self.statements.append(node if isinstance(node, ast.stmt) and not isinstance(node, Try) else None)
        self.done.append(done)
        self.failed.append(())
        if node is not None:
            self.places.setdefault(id(node), []).append(step)
        return step


class Ways:
    """Where the ways out of a block lead: `return`, `break`, `continue`, or the name of an error."""

    def __init__(self, outer: Ways | None) -> None:
        self.outer = outer
        self.depth: int = 0 if outer is None else outer.depth
        self.handling: tuple[str, str | None] = ("Exception", None) if outer is None else outer.handling
        self._known: dict[str, int] = {}

    def to(self, way: str) -> int:
        """The step to which a way leads."""
        found = self._known.get(way)
        if found is None:
            found = self._known[way] = self.find(way)
        return found

    def find(self, way: str) -> int:
        """Work out `to`: the function itself is left here."""
        if self.outer is not None:
            return self.outer.to(way)
        return {_RETURNING: RETURN, _BREAKING: END, _CONTINUING: END}.get(way, ERROR)


class InHandler(Ways):
    """Inside a handler: `handling` is what a bare `raise` raises, and the name that the handler gives it."""

    def __init__(self, outer: Ways, handler: ast.ExceptHandler) -> None:
        super().__init__(outer)
        self.handling = (raised_again(handler.type), handler.name)


class InLoop(Ways):
    def __init__(self, outer: Ways, head: int, after: int) -> None:
        super().__init__(outer)
        self._known = {_BREAKING: after, _CONTINUING: head}


class InTry(Ways):
    """Inside a `try` with handlers, each given with the names that it handles."""

    def __init__(self, outer: Ways, graph: Graph, handlers: Sequence[tuple[Sequence[str], int]]) -> None:
        super().__init__(outer)
        self.graph = graph
        self.handlers = handlers

    def find(self, way: str) -> int:
        if way in (_RETURNING, _BREAKING, _CONTINUING):
            return super().find(way)
        targets: list[int] = []
        earlier: list[str] = []
        for kinds, entry in self.handlers:
            stopped = stops(kinds, way)
            if stopped is not False and not all(stops(earlier, kind) for kind in kinds):
                targets.append(entry)
            earlier += kinds
            if stopped:
                break
        else:
            targets.append(super().find(way))
        return targets[0] if len(targets) == 1 else self.graph.add(None, targets)


class BeforeFinally(Ways):
    """Inside a `try` with a `finally`, or in its handlers: every way out leads through a copy of the block."""

    def __init__(self, outer: Ways, graph: Graph, block: Block, body: Sequence[ast.stmt]) -> None:
        super().__init__(outer)
        self.graph = graph
        self.block = block
        self.body = body
        self.around = outer
        self.inside = Ways(outer)
        self.inside.depth += 1
        self.names = 0
        self.shared: tuple[int, int] | None = None

    def find(self, way: str) -> int:
        if way not in _KEPT_APART:
            self.names += 1
            if self.names > _MOST_NAMES:
                return self.to("Exception")
        return self.through(self.around.to(way), pending=True)

    def through(self, target: int, *, pending: bool = False) -> int:
        """A copy of the block that goes on to a step when it completes, where a way out is `pending` or not."""
        graph = self.graph
        if self.shared is not None:
            graph.done[self.shared[1]].append(target)
            return self.shared[0]
        resume, entry = graph.add(None, [target]), graph.add(None, [])
        if self.inside.depth > _COPIED_FINALLY:
            self.shared = entry, resume
        if pending:
            graph.entered[resume] = entry
        graph.done[entry].append(self.block(self.body, resume, self.inside))
        return entry
