"""A call under a rule: what it calls, where it runs, what its arguments are and what it does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Finding, Note, Span
from brownout.facts import practices
from brownout.facts.effects import Chain, Step, is_blocking, waits_for_callee
from brownout.facts.rows import CallRow, Place, call_row, call_text
from brownout.facts.waiting.timeouts import Limit, limit
from brownout.model.tables import Call as CallTable
from brownout.model.tables import Function

if TYPE_CHECKING:
    from brownout.facts.code import Code


class Call:
    """A call as a rule sees it: what it calls, where it runs, what its arguments are and what it does."""

    __slots__ = (
        "_row", "_text", "awaited", "callee", "canonical", "code", "entry", "function", "last", "node", "symbol",
        "table", "target",
    )  # fmt: skip

    def __init__(self, table: CallTable, code: Code) -> None:
        self.table = table
        self.code = code
        self.node: ast.Call = table.node
        """The syntax node."""
        self.function: Function = table.function
        """The function whose body makes the call."""
        self.awaited: bool = table.awaited
        """Whether the call stands directly under `await`."""
        func = table.node.func
        self._text: str | None = None
        self.last: str
        """The last word of the callee as written: `get` of `self.session.get`."""
        if isinstance(func, ast.Attribute):
            self.last = func.attr
        else:
            self.last = func.id if isinstance(func, ast.Name) else self.text.rpartition(".")[2]
        self.symbol = code.names.symbol(func, table.scope, table.block)
        self.target, self.callee, self.entry, self.canonical = code.project.links.called(self.symbol)
        self._row: CallRow | None = None

    @property
    def text(self) -> str:
        """The callee as written: `self.session.get`."""
        if self._text is None:
            self._text = call_text(self.node)
        return self._text

    @property
    def name(self) -> str:
        """The name for the finding's site: the entry's or callee's, else the last attribute as written."""
        if self.entry is not None:
            return self.entry.name
        if self.callee is not None:
            return self.callee.name
        return self.text.rpartition(".")[2]

    @property
    def span(self) -> Span:
        """The span of the whole call expression."""
        return self.code.module.span(self.node)

    @property
    def in_async(self) -> bool:
        """Whether the call is written in the body of an `async def`, so that it runs on the event loop."""
        return self.function.is_async

    @property
    def on_loop(self) -> bool:
        """Whether the call is written in a coroutine that serves: not at start-up, in a command, or a test."""
        return practices.on_loop(self.code, self.function)

    @property
    def row(self) -> CallRow | None:
        """The call as other files see it."""
        if self._row is None and self.symbol is not None:
            self._row = call_row(self.table, self.code.module, self.code.names)
        return self._row

    @property
    def limit(self) -> Limit | None:
        """How the call is limited in time; None for a call that has no time limit to speak of."""
        if self.entry is None or self.entry.timeout is None or self.row is None:
            return None
        return limit(self.row, self.entry.timeout, self.code.project.links)

    def has(self, *tags: str) -> bool:
        """Whether the catalog gives the called function one of the tags."""
        return self.entry is not None and not self.entry.tags.isdisjoint(tags)

    def does(self, *effects: Effect) -> bool:
        """Whether the call itself has one of the effects."""
        return self.entry is not None and self.entry.effect in effects

    def argument(self, name: str | None, position: int | None = None) -> ast.expr | None:
        """The expression given for a parameter, by keyword or position; None where it is left out or unpacked."""
        for keyword in self.node.keywords:
            if keyword.arg is not None and keyword.arg == name:
                return keyword.value
        if position is not None and position < len(self.node.args):
            if any(isinstance(argument, ast.Starred) for argument in self.node.args[: position + 1]):
                return None
            return self.node.args[position]
        return None

    @property
    def unpacks(self) -> bool:
        """Whether `*` or `**` may give arguments that cannot be seen."""
        return any(keyword.arg is None for keyword in self.node.keywords) or any(
            isinstance(argument, ast.Starred) for argument in self.node.args
        )

    @property
    def receiver(self) -> ast.expr | None:
        """The expression before the last dot."""
        return self.node.func.value if isinstance(self.node.func, ast.Attribute) else None

    @property
    def step(self) -> Step:
        """The call as the first step of a chain."""
        return Step(self.code.module.path, Place(self.code.location(self.node).span), self.text, self.name)

    @property
    def blocking_chain(self) -> Chain | None:
        """The shortest chain from this call to one that keeps the thread waiting; None where it does not."""
        entry, callee = self.entry, self.callee
        if self.awaited or (entry is None and callee is None) or self.row is None:
            return None
        if entry is not None:
            return Chain((self.step,), entry) if is_blocking(entry, self.row) else None
        if callee is None or not waits_for_callee(callee, self.row):
            return None
        inner = next((found[callee.name] for found in self.code.project.blocking if callee.name in found), None)
        return None if inner is None else Chain((self.step, *inner.steps), inner.entry)

    def notes(self, chain: Chain) -> list[Note]:
        """The steps of a chain after this call, as related places."""
        return [Note(step.location, f"`{step.text}` is called here") for step in chain.steps[1:]]

    def finding(self, message: str, **more: object) -> Finding:
        """A finding at this call; see `Code.finding` for what else it can carry."""
        arguments: dict[str, object] = {"function": self.function, "name": self.name, "call": self.text, **more}
        return self.code.finding(self.node.func, message, **arguments)  # type: ignore[arg-type]
