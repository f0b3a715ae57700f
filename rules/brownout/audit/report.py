"""The whole report as one value, which every format is a pure function of."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.audit.advice import Chaos, Plan, Score
from brownout.audit.data import Coverage, FailureMap, Inventory, Issue, Suspicion, Unread


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole report."""

    project: str
    date: str
    """As the caller gave it, or empty."""
    tool: str
    files: int
    lines: int
    unreadable: tuple[Unread, ...]
    inventory: Inventory
    failures: FailureMap
    issues: tuple[Issue, ...]
    suspicions: tuple[Suspicion, ...]
    coverage: tuple[Coverage, ...]
    score: Score
    plan: Plan
    chaos: Chaos
    suppressed: tuple[Suspicion, ...]
    """Findings that comments in the code switch off, each with the reason given there."""
