"""The vocabulary that every part of brownout speaks; it imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from brownout.version import __version__ as __version__

if TYPE_CHECKING:
    from brownout.facts.code import Code


class Category(StrEnum):
    """The audit's failure categories; the value is the audit's own wording."""

    DEPENDENCY = "External Dependency"
    DATABASE = "Database"
    FILESYSTEM = "File System"
    NETWORK = "Network"
    PIPELINE = "Pipeline"
    VALIDATION = "Input Validation"
    DEGRADATION = "Degradation"


class Severity(Enum):
    """How bad the failure is; the order of the members is from worst to mildest."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    MONITOR = "MONITOR"

    @property
    def rank(self) -> int:
        """0 for the worst, 3 for the mildest."""
        return _SEVERITIES.index(self)

    def at_least(self, other: Severity) -> bool:
        """Whether this severity is as bad as `other`, or worse."""
        return self.rank <= other.rank

    def lowered(self, steps: int) -> Severity:
        """The severity `steps` milder, never milder than MONITOR."""
        return _SEVERITIES[min(self.rank + steps, len(_SEVERITIES) - 1)]


_SEVERITIES = tuple(Severity)


class Level(StrEnum):
    """How likely the failure is in ordinary production."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class User(StrEnum):
    """What a user notices."""

    NONE = "None"
    MINOR = "Minor"
    SIGNIFICANT = "Significant"
    CRITICAL = "Critical"


class Data(StrEnum):
    """What happens to data."""

    NONE = "None"
    RECOVERABLE = "Recoverable"
    POTENTIAL_LOSS = "Potential Loss"
    CORRUPTION = "Corruption"


class Recovery(StrEnum):
    """What it takes to recover."""

    AUTOMATIC = "Automatic"
    MANUAL = "Manual Intervention"
    COMPLEX = "Complex Recovery"
    DATA_LOSS = "Data Loss"


class Certainty(StrEnum):
    """SUSPECTED is the audit's *Needs Confirmation*: shown on demand, never in score or exit code."""

    CERTAIN = "certain"
    SUSPECTED = "suspected"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file: lines from 1, columns from 0 in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span in a file; `path` is relative to the project's root, with forward slashes."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Note:
    """A related place: a step of a chain, the other half of a race, the missing handler."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One offered change as plain data: `recipe` names the function of `brownout.fixes` that carries it out.

    `safe` means: same behaviour on the success path and no new exception type. `target` is the span of the
    expression or statement that changes; `arguments` are the recipe's own, strings and numbers only, so that
    a finding can be cached and sent to another process.
    """

    title: str
    safe: bool
    recipe: str
    target: Span
    arguments: tuple[tuple[str, str | int | bool | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """Where a finding lives without line numbers, so that it survives edits around it."""

    path: str
    qualname: str
    name: str


@dataclass(frozen=True, slots=True)
class Impact:
    """The audit's impact assessment."""

    user: User
    data: Data
    recovery: Recovery


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of one rule about one line; `severity` and `likelihood` are stamped by the engine."""

    rule: str
    location: Location
    message: str
    site: Site
    notes: tuple[Note, ...] = ()
    fixes: tuple[Fix, ...] = ()
    certainty: Certainty = Certainty.CERTAIN
    words: tuple[tuple[str, str], ...] = ()
    lower: int = 0
    because: str = ""
    root: str = ""
    """The call at the end of the chain: findings with the same root have the same cause."""
    severity: Severity = Severity.MEDIUM
    likelihood: Level = Level.MEDIUM

    @property
    def order(self) -> tuple[str, Span, str, str]:
        """The key by which findings are sorted everywhere."""
        return (self.location.path, self.location.span, self.rule, self.message)


Check = Callable[["Code"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a value: its name, the audit's fields, and the question that it asks."""

    name: str
    category: Category
    section: str
    severity: Severity
    likelihood: Level
    impact: Impact
    effort: tuple[int, int]
    check: Check
    doc: str
    fix: str | None = None
    """`safe`, `unsafe` or None: whether the rule offers a fix, and of which kind."""
    certainty: Certainty = Certainty.CERTAIN
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    yields_to: tuple[str, ...] = ()
    """Rules that tell the same cause with more words: where one of them speaks about a function, this one does not."""


def rule(
    *,
    category: Category,
    section: str,
    severity: Severity,
    likelihood: Level,
    impact: Impact,
    effort: tuple[int, int],
    fix: str | None = None,
    certainty: Certainty = Certainty.CERTAIN,
    options: Mapping[str, object] | None = None,
    yields_to: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a function: its name is the rule's name, its module's docstring the rule's page.

    `effort` is the range of minutes that the fix takes; `section` the audit's sub-section, such as "4C".
    """

    def decorate(check: Check) -> Rule:
        doc = check.__globals__.get("__doc__") or ""
        name = check.__name__.replace("_", "-")
        given = options or {}
        return Rule(
            name, category, section, severity, likelihood, impact, effort, check, doc, fix, certainty, given, yields_to
        )

    return decorate
