"""A function's statements become steps, and ways between them: on when done, on when failed, out through `finally`.

Built from the last statement to the first, so that every step knows where it leads when it is made. A `finally` block
is built once for each thing that may be pending when it is entered, because where it leads depends on that.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from brownout.model.flow_errors import UNKNOWN, Try, With, at_least_once, failures, handled, raised, stops, swallowed
from brownout.model.flow_ways import END, BeforeFinally, Graph, InHandler, InLoop, InTry, Ways


class _Builder:
    def __init__(self) -> None:
        self.graph = Graph()

    def block(self, body: Sequence[ast.stmt], after: int, ways: Ways) -> int:
        """The first step of a block that leads to `after`."""
        for statement in reversed(body):
            after = self.place(statement, after, ways)
        return after

    def place(self, statement: ast.stmt, after: int, ways: Ways) -> int:
        match statement:
            case ast.If():
                return self.if_(statement, after, ways)
            case ast.While():
                return self.while_(statement, after, ways)
            case ast.For() | ast.AsyncFor():
                return self.for_(statement, after, ways)
            case ast.With() | ast.AsyncWith():
                return self.with_(statement, after, ways)
            case ast.Match():
                return self.match(statement, after, ways)
            case ast.Try() | ast.TryStar():
                return self.try_(statement, after, ways)
            case ast.Return() | ast.Break() | ast.Continue():
                return self.step(statement, [ways.to(type(statement).__name__.lower())], ways)
            case _:
                error, (again, name) = raised(statement), ways.handling
                again = again if error in ("", name) else error or again
                return self.step(statement, [after if error is None else ways.to(again)], ways)

    def step(self, statement: ast.stmt, done: list[int], ways: Ways) -> int:
        step = self.graph.add(statement, done)
        self.graph.failed[step] = tuple(ways.to(error) for error in failures(statement))
        return step

    def if_(self, statement: ast.If, after: int, ways: Ways) -> int:
        chain = [statement]
        while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
            chain.append(chain[-1].orelse[0])
        otherwise = self.block(chain[-1].orelse, after, ways)
        for link in reversed(chain):
            body = self.block(link.body, after, ways)
            otherwise = self.step(link, _chosen(link.test, body, otherwise), ways)
        return otherwise

    def while_(self, statement: ast.While, after: int, ways: Ways) -> int:
        head = self.step(statement, [], ways)
        body = self.block(statement.body, head, InLoop(ways, head, after))
        otherwise = self.block(statement.orelse, after, ways)
        self.graph.done[head] += _chosen(statement.test, body, otherwise)
        return head

    def for_(self, statement: ast.For | ast.AsyncFor, after: int, ways: Ways) -> int:
        head = self.step(statement, [], ways)
        body = self.block(statement.body, head, InLoop(ways, head, after))
        self.graph.done[head] += [body, self.block(statement.orelse, after, ways)]
        return self.step(statement, [body], ways) if at_least_once(statement.iter) else head

    def with_(self, statement: With, after: int, ways: Ways) -> int:
        inside = ways
        for item in statement.items:
            kinds = swallowed(item.context_expr)
            if kinds:
                inside = InTry(inside, self.graph, [(kinds, after)])
        guarded = len(statement.items) > 1 and bool(swallowed(statement.items[0].context_expr))
        body = self.block(statement.body, after, inside)
        return self.step(statement, [body], inside if guarded else ways)

    def match(self, statement: ast.Match, after: int, ways: Ways) -> int:
        targets = [self.block(case.body, after, ways) for case in statement.cases]
        if not any(case.guard is None and _matches_all(case.pattern) for case in statement.cases):
            targets.append(after)
        return self.step(statement, targets, ways)

    def try_(self, statement: Try, after: int, ways: Ways) -> int:
        if statement.finalbody:
            ways = leaving = BeforeFinally(ways, self.graph, self.block, statement.finalbody)
            after = leaving.through(after)
        place = self.grouped if isinstance(statement, ast.TryStar) else self.handlers
        inside = InTry(ways, self.graph, place(statement.handlers, after, ways))
        otherwise = self.block(statement.orelse, after, ways)
        return self.graph.add(statement, [self.block(statement.body, otherwise, inside)])

    def handlers(self, rows: Sequence[ast.ExceptHandler], after: int, ways: Ways) -> list[tuple[Sequence[str], int]]:
        return [
            (handled(row.type), self.graph.add(row, [self.block(row.body, after, InHandler(ways, row))]))
            for row in rows
        ]

    def grouped(self, rows: Sequence[ast.ExceptHandler], after: int, ways: Ways) -> list[tuple[Sequence[str], int]]:
        """The handlers of `except*`: after one, others may run, and what none of them took goes on as an error."""
        stopped = any(stops(handled(row.type), "Exception") for row in rows)
        ran = after if stopped else self.graph.add(None, [after, ways.to("Exception")])
        found: list[tuple[Sequence[str], int]] = []
        for row in reversed(rows):
            inside = InTry(InHandler(ways, row), self.graph, [((UNKNOWN,), ran)])
            entry = self.graph.add(row, [self.block(row.body, ran, inside)])
            found.append((handled(row.type), entry))
            ran = self.graph.add(None, [entry, ran])
        return found[::-1]


def _chosen(test: ast.expr, body: int, otherwise: int) -> list[int]:
    """Where a test leads: to one side only where it is a constant."""
    if isinstance(test, ast.Constant):
        return [body if test.value else otherwise]
    return [body, otherwise]


def _matches_all(pattern: ast.pattern) -> bool:
    """Whether a pattern never fails: `_`, a name, or an alternative that ends in one."""
    if isinstance(pattern, ast.MatchOr):
        return _matches_all(pattern.patterns[-1])
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _matches_all(pattern.pattern))


def graph_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module) -> tuple[Graph, int]:
    """The steps of a function, and the one at which it begins."""
    builder = _Builder()
    body = node.body if isinstance(node.body, list) else [ast.copy_location(ast.Return(value=node.body), node.body)]
    start = builder.graph.add(None, [builder.block(body, END, Ways(None))])
    builder.graph.places[id(node)] = [start]
    return builder.graph, start
