"""What a library page says, as values that the engine reads: entries, classes, entry points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a call does outside the process, or to it."""

    NETWORK = "network"
    DATABASE = "database"
    DISK = "disk"
    PROCESS = "process"
    CPU = "cpu"
    MODEL = "model"
    SLEEP = "sleep"
    WAIT = "wait"
    MESSAGE = "message"
    CLIENT = "client"
    """Makes a client object; no I/O yet, but this is where its limits are set."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """How a call is limited: the parameter, where it stands (None: keyword only), what happens without it.

    `default` is "forever" or seconds; `forever` lists the literal values that also mean no limit;
    `constructor` says that the limit is set where the receiver is made, by the entry of its class;
    `within` lists parameters that may bring a limit along: a connection pool, a transport;
    `ambient` names a project-wide setting, such as `socket.setdefaulttimeout`, that also limits it.
    """

    parameter: str | None = None
    position: int | None = None
    default: float | str = "forever"
    forever: tuple[str, ...] = ("None",)
    constructor: bool = False
    ambient: str | None = None
    within: tuple[str, ...] = ()

    @property
    def waits_forever(self) -> bool:
        """Whether leaving the parameter out means waiting without end."""
        return self.default == "forever"


@dataclass(frozen=True, slots=True)
class Offload:
    """The call runs the function given at `position` (or as `parameter`) elsewhere: thread, process, task, later."""

    position: int | None
    parameter: str | None
    to: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one callable of a library does. `name` is its canonical dotted name."""

    name: str
    library: str
    display: str
    effect: Effect | None = None
    blocks: bool = False
    """A plain call that keeps its thread until the outside world has answered."""
    awaits: bool = False
    """A coroutine function: it does its work when awaited."""
    short: bool = False
    """Milliseconds at most on a healthy local machine, such as reading a small file."""
    timeout: Timeout | None = None
    at_once: tuple[str, ...] = ()
    """Arguments with which the call never waits: `blocking@0=False`, `timeout=0`."""
    raises: tuple[str, ...] = ()
    returns: str | None = None
    opens: str | None = None
    closes: bool = False
    removes: int | None = None
    """The position of the argument whose file or folder the call removes."""
    writes: bool = False
    offload: Offload | None = None
    registers: str | None = None
    """For a decorator or registering call: the kind of entry point that the function becomes."""
    retries: str | None = None
    instead: str | None = None
    breaks: str | None = None
    """One sentence: how to make it fail on purpose."""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClassPage:
    """A class of a library: where its methods come from and what its attributes are."""

    name: str
    bases: tuple[str, ...] = ()
    attributes: Mapping[str, str] | None = None
    display: str | None = None
    handlers: Mapping[str, Sequence[str]] | None = None
    """The methods of a subclass that the library calls for the outside world, by the kind of entry point they are."""
    items: str | None = None
    """What is found under any key, and as any attribute that is nothing else."""
