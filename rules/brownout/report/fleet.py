"""What is told of one repository among many."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One repository. `counts` are its certain findings by severity, `trouble` says why there are none."""

    repository: str
    score: float | None = None
    files: int = 0
    lines: int = 0
    unreadable: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])
    failing: int = 0
    """Findings as bad as the repository's `fail-on`."""
    first: str = ""
    """The rule and the place of its first finding among the worst."""
    trouble: str = ""
