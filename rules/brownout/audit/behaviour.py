"""What happens now, in this code: sentences about one finding, told from the failure map."""

from __future__ import annotations

from collections import defaultdict

from brownout.audit.breaking import when
from brownout.audit.data import Cell, FailureMap, Way
from brownout.core import Finding
from brownout.facts.outcomes import Outcome

SENTENCES = 4
_TEXTS = {
    "hangs": "it waits for ever",
    "500": "the request ends with an internal server error",
    "stops": "it ends",
    "swallowed": "nothing happens and nobody is told",
    "degraded": "it goes on without it",
    "retried then fails": "it is tried again, then the request fails",
    "stuck state": "the work stays in a state that nothing ends",
    "data loss": "data is lost",
    "unknown": "what happens cannot be told from the code",
}
Known = list[tuple[Cell, Way]]


class Behaviour:
    """The ways of a failure map by the lines that they lead over."""

    def __init__(self, failures: FailureMap) -> None:
        self._by_line: dict[tuple[str, int], Known] = defaultdict(list)
        self.all_entries = frozenset(entry.label for entry in failures.entries)
        for cell in failures.cells:
            for way in cell.ways:
                for path, line in dict.fromkeys((step.path, step.line) for step in way.steps):
                    self._by_line[(path, line)].append((cell, way))

    def of(self, finding: Finding) -> Known:
        """The ways that lead over a finding's line, or else over that of one of its notes."""
        for place in (finding.location, *(note.location for note in finding.notes)):
            if found := self._by_line.get((place.path, place.span.line)):
                return found
        return []

    def entries(self, finding: Finding) -> set[str]:
        """The entry points that lead over a finding."""
        return {cell.entry for cell, _ in self.of(finding)}


def sentences(known: Known, about: tuple[str, ...]) -> list[str]:
    """Up to four sentences about the worst of what happens, one per dependency and outcome.

    `about` are the failures to speak of; where none of them is known, all are told.
    """
    known = [pair for pair in known if pair[1].failure in about] or known
    found: dict[tuple[str, str, str], list[tuple[Cell, Way]]] = {}
    for cell, way in sorted(known, key=lambda pair: _rank(pair[1].outcome)):
        found.setdefault((cell.dependency, way.failure, way.outcome), []).append((cell, way))
    told: list[str] = []
    for (dependency, failure, outcome), pairs in found.items():
        cell, way = pairs[0]
        entries = list(dict.fromkeys(pair[0].entry for pair in pairs))
        more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
        steps = " → ".join(step.text for step in way.steps)
        while_ = " Every other request waits meanwhile, since this runs on the event loop." if way.holds_loop else ""
        told.append(
            f"`{cell.entry}`{more}: {when(dependency, failure)}, {_TEXTS[outcome]} (*{outcome}*), by `{steps}`"
            f"{_guards(way)}.{while_}"
        )
        if len(told) == SENTENCES:
            break
    return told


def _guards(way: Way) -> str:
    if not way.guards:
        return "; nothing stands in between"
    last = way.guards[-1]
    return f"; {last.text} at `{last.path}:{last.line}`"


def _rank(outcome: str) -> int:
    return Outcome(outcome).rank
