"""What becomes of each failure on its way from the call that meets it to the entry point that the world has called."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.databases import statuses
from brownout.facts.effects import Edge, Step
from brownout.facts.failing.catching import caught_by
from brownout.facts.failing.dependencies import Dependency
from brownout.facts.failing.faults import Failure, Fault, Shown, faults
from brownout.facts.failing.responses import Handler, Response, handlers_around
from brownout.facts.practices import in_deadline
from brownout.facts.project import Project
from brownout.facts.retrying.retries import repeats, retried_by
from brownout.facts.waiting.bounds import bound
from brownout.model.tables import Function


class Outcome(StrEnum):
    """What a failure comes to, the worst first."""

    DATA_LOSS = "data loss"
    STUCK = "stuck state"
    HANGS = "hangs"
    STOPS = "stops"
    """Not a request: the start-up, the thread, the task or the connection ends."""
    FAILS = "500"
    RETRIED = "retried then fails"
    SWALLOWED = "swallowed"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS.index(self)


_RANKS = tuple(Outcome)
FOREVER = "forever"
"""What a call without a limit raises: nothing, ever; only a deadline around it helps."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Something that stands between the failure and the user: of which kind, where, and in a few words."""

    kind: str
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Strike:
    """One failure on its way out of the functions that lead to it.

    `kinds` are the exceptions on their way, `outcome` what it came to once it has come to something; `steps` are the
    calls from the function that it has reached. `begun` is the status that it leaves behind; `settled` says that one
    was written before; `on_loop` that the event loop waits meanwhile.
    """

    fault: Fault
    kinds: tuple[str, ...]
    steps: tuple[Step, ...]
    outcome: Outcome | None = None
    guards: tuple[Guard, ...] = ()
    begun: Guard | None = None
    settled: bool = False
    retried: bool = False
    on_loop: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """Strikes with equal keys come to the same: the first, which is the shortest, stands for them."""
        return (
            self.fault.dependency, self.fault.failure, self.kinds, self.outcome, self.begun is not None, self.settled,
            self.retried, self.on_loop,
        )  # fmt: skip

    def guarded(self, kind: str, path: str, line: int, text: str) -> Strike:
        """The strike with one more guard on its way."""
        return replace(self, guards=(*self.guards, Guard(kind, path, line, text)))


class Spread:
    """Every strike that reaches each function, followed backwards over the calls of the project."""

    def __init__(self, codes: Mapping[str, Code], project: Project, reachable: Iterable[str]) -> None:
        self.codes = codes
        self.project = project
        self.reached: dict[str, dict[tuple[object, ...], Strike]] = {}
        self._calls: dict[tuple[str, int, int], Call] = {}
        self._functions: dict[str, tuple[Function, Code]] = {}
        self._handlers: dict[int, list[list[Handler]]] = {}
        self._marks: dict[int, list[statuses.Mark]] = {}
        self._run(frozenset(reachable))

    def strikes(self, function: str) -> list[Strike]:
        """What reaches a function of the project, in the order of discovery: shorter ways first."""
        return list(self.reached.get(function, {}).values())

    def _run(self, reachable: frozenset[str]) -> None:
        todo: deque[tuple[str, Strike]] = deque()
        for code in self.codes.values():
            for function in code.functions:
                name = code.names.full(function.qualname)
                if name not in reachable:
                    continue
                for call in code.calls_in(function):
                    span = call.span
                    self._calls[(name, span.line, span.column)] = call
                    todo.extend((name, strike) for strike in self._starts(call))
        while todo:
            name, strike = todo.popleft()
            found = self.reached.setdefault(name, {})
            if strike.key in found:
                continue
            found[strike.key] = strike
            for edge in self.project.graph.callers.get(name, ()):
                around = self._call(edge) if edge.caller.name in reachable else None
                if around is not None and _comes_back(edge, around):
                    todo.extend((edge.caller.name, moved) for moved in self._through(around, strike, edge.step))

    def _call(self, edge: Edge) -> Call | None:
        span = edge.row.place.span
        return self._calls.get((edge.caller.name, span.line, span.column))

    # -- at the call itself

    def _starts(self, call: Call) -> Iterator[Strike]:
        if call.entry is None or (call.entry.awaits and not call.awaited and _is_spawned(call)):
            return
        for fault in faults(call):
            begun = Strike(fault, fault.kinds, (call.step,), on_loop=_holds_loop(call))
            yield from self._shown(call, fault, begun)

    def _shown(self, call: Call, fault: Fault, strike: Strike) -> Iterator[Strike]:
        path, line = call.code.module.path, call.node.lineno
        if fault.shown is Shown.OVERWRITTEN:
            yield replace(strike, outcome=Outcome.DATA_LOSS, kinds=())
        elif fault.shown is Shown.UNKNOWN:
            yield replace(strike, outcome=Outcome.UNKNOWN, kinds=())
        elif fault.shown is Shown.HIDDEN:
            yield replace(strike, outcome=Outcome.SWALLOWED, kinds=()).guarded("result", path, line, fault.note)
        elif fault.shown is Shown.LOOKED_AT:
            yield replace(strike, outcome=Outcome.DEGRADED, kinds=()).guarded("result", path, line, fault.note)
        elif fault.failure is Failure.HANGS:
            limits = bound(call)
            if limits.origin == "unknown":
                yield replace(strike, outcome=Outcome.UNKNOWN, kinds=())
            elif limits.is_limited:
                yield from self._through(call, strike.guarded("limit", path, line, limits.text), None)
            else:
                yield from self._through(call, replace(strike, kinds=(FOREVER,)), None)
        else:
            again = repeats(call)
            if again and fault.failure in (Failure.REFUSES, Failure.ERRORS):
                strike = replace(strike, retried=True).guarded("retry", path, line, again)
            yield from self._through(fault.at, strike, None)

    # -- through the function around a call

    def _through(self, call: Call, strike: Strike, step: Step | None) -> Iterator[Strike]:
        """What leaves the function around a call, or ends in it, when the call is struck."""
        if step is not None:
            strike = replace(strike, steps=(step, *strike.steps), on_loop=strike.on_loop or _holds_loop(call))
        if strike.outcome is not None:
            yield strike
            return
        path = call.code.module.path
        if strike.kinds == (FOREVER,):
            if not in_deadline(call):
                yield strike
                return
            strike = replace(strike, kinds=("TimeoutError",)).guarded("deadline", path, call.node.lineno, "a deadline")
        passing = [self._marked(call, strike)]
        for handlers in self._handlers_of(call):
            meeting, passing = passing, []
            for one in meeting:
                for found in self._met(handlers, one, call):
                    if found.outcome is not None:
                        yield found
                    else:
                        passing.append(found)
        for one in passing:
            yield self._repeated(call, one)

    def _met(self, handlers: list[Handler], strike: Strike, call: Call) -> Iterator[Strike]:
        """What becomes of a strike at the handlers of one `try`: the first that fits takes it."""
        rest = strike.kinds
        for handler in handlers:
            stopped, rest = caught_by(handler, rest, strike.fault, call.code.project)
            if stopped:
                yield self._handled(handler, replace(strike, kinds=stopped), call)
            if not rest:
                return
        yield replace(strike, kinds=rest)

    def _handled(self, handler: Handler, strike: Strike, call: Call) -> Strike:
        """The strike after one handler has seen it."""
        line = getattr(handler.node, "lineno", call.node.lineno)
        text = f"`{handler.text}` {handler.response.value}"
        strike = strike.guarded("handler", call.code.module.path, line, text)
        if statuses.settles(handler.node) or statuses.settles(handler.block):
            strike = replace(strike, begun=None, settled=True)
        response = handler.response
        if response is Response.RAISES:
            return strike
        if response is Response.RAISES_OTHER:
            return replace(strike, kinds=(handler.raised or "?",))
        if response is Response.RETRIES:
            again = replace(strike, retried=True)
            return again if handler.ends_loud else replace(again, outcome=_kept(again, Outcome.DEGRADED), kinds=())
        if response is Response.ANSWERS:
            outcome = Outcome.FAILS if handler.status == 500 else Outcome.DEGRADED
        elif response is Response.SWALLOWS:
            outcome = Outcome.DATA_LOSS if _loses(strike.fault) else Outcome.SWALLOWED
        else:
            outcome = Outcome.DEGRADED
        return replace(strike, outcome=_kept(strike, outcome), kinds=())

    def _marked(self, call: Call, strike: Strike) -> Strike:
        """The strike with the status that the function has written before the call, if any."""
        if strike.settled or strike.begun is not None:
            return strike
        key = id(call.function)
        if key not in self._marks:
            self._marks[key] = statuses.marks(call.function, call.code)
        mark = statuses.mark_before(call, self._marks[key])
        if mark is None:
            return strike
        if not mark.begun:
            return replace(strike, settled=True)
        return replace(strike, begun=Guard("status", call.code.module.path, mark.line, mark.text))

    def _repeated(self, call: Call, strike: Strike) -> Strike:
        again = retried_by(call.function, call.code)
        if again is None:
            return strike
        line = getattr(call.function.node, "lineno", 1)
        return replace(strike, retried=True).guarded("retry", call.code.module.path, line, again)

    def _handlers_of(self, call: Call) -> list[list[Handler]]:
        key = id(call.table.block) if call.table.block is not None else 0
        if key == 0:
            return []
        if key not in self._handlers:
            self._handlers[key] = list(handlers_around(call))
        return self._handlers[key]


def _kept(strike: Strike, outcome: Outcome) -> Outcome:
    """A status that nobody takes back is worse than an error that somebody has told."""
    return Outcome.STUCK if strike.begun is not None and outcome.rank > Outcome.STUCK.rank else outcome


def _loses(fault: Fault) -> bool:
    """Whether what a person gave is gone when the call fails silently."""
    return fault.writes and fault.dependency.kind in ("database", "disk")


def _holds_loop(call: Call) -> bool:
    """Whether the event loop stands still while the call waits: a plain call, written in a coroutine."""
    if not call.in_async or call.awaited:
        return False
    if call.entry is not None:
        return call.entry.blocks
    return call.callee is not None and not call.callee.is_async


def _is_spawned(call: Call) -> bool:
    """Whether a coroutine is handed to a task that nobody waits for here."""
    outer = call.code.call_of(call.table.parent)
    return outer is not None and outer.has("spawn-task")


def _comes_back(edge: Edge, call: Call) -> bool:
    """Whether a failure of the callee comes back to the caller."""
    if edge.elsewhere is not None:
        return edge.row.awaited or edge.elsewhere == "loop"
    return edge.callee is not None and not (edge.callee.is_async and not edge.row.awaited and _is_spawned(call))


def dependencies_of(strikes: Iterable[Strike]) -> list[Dependency]:
    """The dependencies of strikes, each once, by name."""
    return sorted({strike.fault.dependency.name: strike.fault.dependency for strike in strikes}.values())
