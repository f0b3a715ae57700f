"""The audit's vocabulary: values without behaviour, which every format of the audit is a pure function of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something that a service needs was seen in its code."""

    FOUND = "Found"
    ABSENT = "Absent"
    NEEDS = "Needs Confirmation"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the code, and what stands there."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One question of *Environment & Assumptions*: what was found, or which file or setting would tell."""

    title: str
    state: State
    summary: str
    evidence: tuple[Evidence, ...] = ()
    needs: str = ""
    """The file or setting that is needed, where the state is Needs Confirmation."""
    advice: str = ""
    """Best practice, where it is absent or not known."""


@dataclass(frozen=True, slots=True)
class Client:
    """One call that leaves the process and waits: what limits it, and who says so."""

    dependency: str
    call: str
    path: str
    line: int
    limit: str
    """Seconds, or an expression as written; empty where nobody limits it."""
    origin: str
    decided_at: str
    """Where the limit is written, as `path:line`, or the library and version whose default it is."""
    retries: str
    state: State


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the stack: a library or tool, the version that the project pins, what it is used for."""

    name: str
    version: str
    role: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the service has, before any of it is judged."""

    stack: tuple[Component, ...]
    topics: tuple[Topic, ...]
    clients: tuple[Client, ...]
    unseen: tuple[str, ...]
    """What brownout could not see, and what was assumed instead."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Something on the way of a failure: a time limit, a retry, a handler, a deadline, a look at the result."""

    kind: str
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """What one failure of one dependency comes to, and the calls that lead there."""

    failure: str
    outcome: str
    steps: tuple[Evidence, ...]
    guards: tuple[Protection, ...]
    holds_loop: bool
    """Whether every other request waits meanwhile, since the event loop does."""
    note: str = ""
    target: str = ""
    """The dotted name of what fails: a function of a library."""
    function: str = ""
    """The full name of the service's own function that calls it."""
    raised: str = ""
    """The exception by which it shows the failure; empty where it shows it otherwise."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An entry point and a dependency that it reaches; `worst` is the worst of the ways."""

    entry: str
    dependency: str
    worst: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """How a client asks a route: `{name}` in the path is something that must exist."""

    method: str
    """`WS` for a WebSocket."""
    path: str
    query: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """The fields that are uploads."""
    body: str = ""
    """JSON with every field that must be given, or empty."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """An entry point: a row of the failure map."""

    label: str
    kind: str
    path: str
    line: int
    worst: str
    request: Request | None = None
    """None where no client asks it: a worker, a task, a command."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """A dependency: a column of the failure map, with what its failure does to the service as a whole."""

    name: str
    kind: str
    library: str
    worst: str
    entries: int
    """How many entry points reach it."""
    verdict: str
    """In one sentence: what goes down with it."""
    weight: int
    """For sorting: how much goes down with it."""


@dataclass(frozen=True, slots=True)
class FailureMap:
    """Every entry point, every dependency that it reaches, and what becomes of each failure."""

    entries: tuple[Entrance, ...]
    dependencies: tuple[Supplier, ...]
    cells: tuple[Cell, ...]
    ways: int
    unknown: int
    """How many of the ways could not be told."""
    beyond: tuple[str, ...] = ()
    """Dependencies that the code uses where no known entry point leads: the map says nothing of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of an issue, with its own severity and message."""

    path: str
    line: int
    severity: str
    message: str
    why_milder: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """Findings with one root cause, in the audit's mandatory format."""

    id: str
    rule: str
    title: str
    severity: str
    category: str
    section: str
    places: tuple[Place, ...]
    dependency: str
    problem: str
    scenario: str
    likelihood: str
    current: tuple[str, ...]
    user_impact: str
    data_risk: str
    recovery: str
    verify: str
    verify_commands: str
    fix: str
    snippet: str
    snippet_is_diff: bool
    """Whether the snippet is the real change of this code; else it is the rule's example."""
    configuration: str
    tradeoff: str
    trigger: str
    """For MONITOR: what would make it worse."""
    minutes: tuple[int, int]
    quick_fix: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that looks risky and that a person must confirm: where, why, and what would tell."""

    section: str
    path: str
    line: int
    text: str
    needs: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One of the audit's 21 sub-sections: what was looked for, and what came of it."""

    section: str
    area: str
    title: str
    looked_for: str
    rules: tuple[str, ...]
    status: str
    """`findings`, `clean`, `not applicable` or `no rule yet`."""
    result: str
    issues: tuple[str, ...]
    suspicions: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    path: str
    line: int
    message: str
