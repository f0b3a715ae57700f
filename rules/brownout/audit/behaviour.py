"""What happens now, in this code: sentences about one finding, told from the failure map."""

from __future__ import annotations

from collections import defaultdict

from brownout.audit.breaking import when
from brownout.audit.data import Cell, FailureMap, Protection, Way
from brownout.core import Finding
from brownout.facts.failing.outcomes import Outcome

SENTENCES = 4
_TEXTS = {
    "hangs": "it waits for ever",
    "500": "the request ends with an internal server error",
    "swallowed": "nothing happens and nobody is told",
    "degraded": "it goes on without it",
    "retried then fails": "it is tried again, then the request fails",
    "stuck state": "the work stays in a state that nothing ends",
    "data loss": "data is lost",
    "unknown": "what happens cannot be told from the code",
}
_ENDS = {
    "WS": "the connection ends",
    "start-up": "the service does not start",
    "shut-down": "the shut-down is cut short",
    "thread": "the thread ends for good",
    "task": "the task ends for good",
    "worker": "the worker ends",
    "scheduled": "this run of the schedule ends",
    "command": "the command ends",
}
"""What *stops* means, by the first word of an entry point."""
Known = list[tuple[Cell, Way]]


class Behaviour:
    """The ways of a failure map by the lines that they lead over."""

    def __init__(self, failures: FailureMap) -> None:
        self._by_line: dict[tuple[str, int], Known] = defaultdict(list)
        self._cells = failures.cells
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

    def between(self, dependency: str, about: tuple[str, ...], entries: frozenset[str] | None = None) -> Known:
        """The ways of one dependency's failures, from some entry points or from all."""
        return [
            (cell, way)
            for cell in self._cells
            if cell.dependency == dependency and (entries is None or cell.entry in entries)
            for way in cell.ways
            if way.failure in about or not about
        ]

    def answered_by(self, finding: Finding) -> Known:
        """The ways that end at a handler right above a finding: what it says is the answer to them."""
        place = finding.location
        return [
            (cell, way)
            for cell in self._cells
            for way in cell.ways
            if way.guards
            and way.guards[-1].path == place.path
            and 0 <= place.span.line - way.guards[-1].line <= SENTENCES
        ]


def sentences(known: Known, about: tuple[str, ...]) -> list[str]:
    """Up to four sentences about the worst of what happens, one per dependency and outcome.

    `about` are the failures to speak of; where none of them is known, all are told.
    """
    known = [pair for pair in known if pair[1].failure in about] or known
    found: dict[tuple[str, str, str, str], Known] = {}
    for cell, way in sorted(known, key=lambda pair: Outcome(pair[1].outcome).rank):
        key = (cell.dependency, way.failure, way.outcome, _ending(cell, way))
        found.setdefault(key, []).append((cell, way))
    told: list[str] = []
    for (dependency, failure, outcome, ending), pairs in found.items():
        cell, way = min(pairs, key=lambda pair: not pair[1].holds_loop)
        entries = list(dict.fromkeys((cell.entry, *(pair[0].entry for pair in pairs))))
        steps = " → ".join(step.text for step in way.steps)
        told.append(
            f"{entrances(entries)}: {when(dependency, failure)}, {ending} (*{outcome}*), by `{steps}`{_guards(way)}."
            f"{_meanwhile(cell, way)}"
        )
        if len(told) == SENTENCES:
            break
    return told


def entrances(labels: list[str]) -> str:
    """Entry points as the subject of a sentence: the first, and how many more there are."""
    return f"`{labels[0]}`{f' (and {len(labels) - 1} more)' if len(labels) > 1 else ''}"


def _ending(cell: Cell, way: Way) -> str:
    if way.outcome == "stops":
        return _ENDS.get(cell.entry.partition(" ")[0], "it ends")
    return _TEXTS[way.outcome]


def _meanwhile(cell: Cell, way: Way) -> str:
    if not way.holds_loop or cell.entry.startswith("start-up"):
        return ""
    return " Every other request waits meanwhile, since this runs on the event loop."


def _guards(way: Way) -> str:
    if not way.guards:
        return f"; {way.note}" if way.note else "; nothing stands in between"
    return f"; {_guard(way.guards[-1])}"


def _guard(last: Protection) -> str:
    place = f"`{last.path}:{last.line}`"
    if last.kind == "limit":
        return f"the limit of {last.text} ends the wait at {place}"
    if last.kind == "retry":
        return f"at {place} it is tried again ({last.text.rstrip('.')})"
    return f"{last.text or 'the code looks at its result'} at {place}"
