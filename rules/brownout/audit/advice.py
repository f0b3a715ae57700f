"""What the audit concludes: the score, the plan, and how to break the service on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.audit.data import Evidence


@dataclass(frozen=True, slots=True)
class Improvement:
    """One of the changes that raise the score most per minute."""

    issue: str
    title: str
    gain: float
    minutes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Score:
    """The Vibe Score: `value` is None where there is nothing to score."""

    value: float | None
    band: str
    sentence: str
    reasons: tuple[str, ...]
    formula: str
    effects: int
    burden: float
    caps: tuple[str, ...]
    standing: str
    improvements: tuple[Improvement, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the action plan."""

    issue: str
    title: str
    severity: str
    dependency: str
    minutes: tuple[int, int]
    places: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Fix Now, Fix Soon, Monitor."""

    now: tuple[Task, ...]
    soon: tuple[Task, ...]
    monitor: tuple[Task, ...]
    minutes: tuple[int, int]
    """For all Fix Now items together."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One recommended chaos test; `why_not` says why it does not apply, where it does not."""

    title: str
    steps: str
    expect: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """One of the audit's six families of chaos tests."""

    title: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A generated file: its name, what it is for, its content."""

    name: str
    purpose: str
    content: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric to have before testing: what, where in this code, and how."""

    name: str
    what: str
    where: tuple[Evidence, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Chaos:
    """How to break this service on purpose."""

    families: tuple[Family, ...]
    files: tuple[File, ...]
    setup: str
    metrics: tuple[Metric, ...]
