"""Which of today's findings were there before: matched by what they are, not by the line they stand on.

Each earlier finding accounts for one of today's at most, so that a new copy of an old problem is new.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from brownout.core import Certainty, Finding, Severity
from brownout.fixes.edits import edits

ALIKE = 0.6
"""The share of a vanished file's words that are found in the file at a new path that continues it."""

_BLANK = re.compile(r"\s+")
_LINE_END = re.compile(r"\r\n?")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Trace:
    """What is compared of a finding: its rule and site, and the code of its line.

    `line` is 0 where it is not known, as in a baseline file.
    """

    rule: str
    path: str
    function: str
    name: str
    code: str
    severity: Severity = Severity.MEDIUM
    certainty: Certainty = Certainty.CERTAIN
    line: int = 0

    @property
    def words(self) -> str:
        """The code as a formatter cannot change it, on its line: without blanks, with one kind of quotes."""
        return _BLANK.sub("", self.code).replace("'", '"')

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        """The key by which traces are sorted in a file."""
        return (self.path, self.function, self.rule, self.name, self.code)


def traces(findings: Sequence[Finding], texts: Mapping[str, str]) -> list[Trace]:
    """The traces of findings, in their order; `texts` are the sources by path."""
    lines: dict[str, list[str]] = {}

    def code(path: str, number: int) -> str:
        if path not in lines:
            lines[path] = _LINE_END.sub("\n", texts.get(path, "")).split("\n")
        found = lines[path][number - 1] if 0 < number <= len(lines[path]) else ""
        return " ".join(found.split())

    return [_trace(finding, code(finding.location.path, finding.location.span.line)) for finding in findings]


def _trace(finding: Finding, code: str) -> Trace:
    site, line = finding.site, finding.location.span.line
    return Trace(finding.rule, site.path, site.qualname, site.name, code, finding.severity, finding.certainty, line)


def match(old: Sequence[Trace], new: Sequence[Trace]) -> dict[int, int]:
    """The index of the earlier trace for each of today's that was there before.

    Every way to be the same is tried on all that is left before the next: the same site (on the same line, with the
    same code, or at least there), then the function's other name for what it calls, then the same code elsewhere.
    """
    found: dict[int, int] = {}
    rest_old, rest_new = dict(enumerate(old)), dict(enumerate(new))
    for key in _WAYS:
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for index, trace in rest_old.items():
            waiting[key(trace)].append(index)
        for index, trace in list(rest_new.items()):
            wanted = key(trace)
            if wanted is not None and (queue := waiting.get(wanted)):
                found[index] = queue.popleft()
                del rest_old[found[index]], rest_new[index]
    return found


def _site(trace: Trace) -> Hashable:
    return (trace.rule, trace.path, trace.function, trace.name)


def _same_line(trace: Trace) -> Hashable:
    return (_site(trace), trace.line) if trace.line else None


def _same_code(trace: Trace) -> Hashable:
    return (_site(trace), trace.words)


def _same_word(trace: Trace) -> Hashable:
    """The module that is called has moved: what it is called by stays."""
    return (trace.rule, trace.path, trace.function, trace.name.rpartition(".")[2])


def _same_function(trace: Trace) -> Hashable:
    return (trace.rule, trace.path, trace.function, trace.words) if trace.code else None


def _elsewhere(trace: Trace) -> Hashable:
    """The function was renamed, or the code has moved."""
    return (trace.rule, trace.name.rpartition(".")[2], trace.words) if trace.code else None


_WAYS: tuple[Callable[[Trace], Hashable], ...] = (
    _same_line, _same_code, _site, _same_word, _same_function, _elsewhere,
)  # fmt: skip


def carried_over(
    old: Sequence[Trace], new: Sequence[Trace], before: Mapping[str, str], after: Mapping[str, str]
) -> list[Trace]:
    """Earlier traces with the paths and lines that they would have now: of moved files, and of lines that stayed.

    `before` and `after` are the sources by path.
    """
    gone = {trace.path for trace in old if trace.path in before} - after.keys()
    fresh = {trace.path for trace in new if trace.path in after} - before.keys()
    moved = _moves({path: before[path] for path in gone}, {path: after[path] for path in fresh})
    kept: dict[str, dict[int, int]] = {}
    found: list[Trace] = []
    for trace in old:
        path = moved.get(trace.path, trace.path)
        if path not in kept:
            kept[path] = _kept_lines(before.get(trace.path, ""), after.get(path, ""))
        found.append(replace(trace, path=path, line=kept[path].get(trace.line, 0)))
    return found


def _moves(gone: Mapping[str, str], fresh: Mapping[str, str]) -> dict[str, str]:
    """Where vanished files are now: at the new path that has most of their words."""
    others = {path: Counter(_WORD.findall(text)) for path, text in fresh.items()}
    close: list[tuple[float, bool, int, str, str]] = []
    for old, text in gone.items():
        words = Counter(_WORD.findall(text))
        for path, found in others.items():
            alike = (words & found).total() / max(words.total(), 1)
            if alike >= ALIKE:
                close.append((-alike, old.rpartition("/")[2] != path.rpartition("/")[2], found.total(), old, path))
    moves: dict[str, str] = {}
    for _, _, _, old, path in sorted(close):
        if old not in moves and path not in moves.values():
            moves[old] = path
    return moves


def _kept_lines(before: str, after: str) -> dict[int, int]:
    """Today's number of each earlier line that stayed as it was."""
    kept: dict[int, int] = {}
    number, shift = 1, 0
    before, after = (_LINE_END.sub("\n", text) for text in (before, after))
    for edit in edits(before, after):
        kept.update((line, line + shift) for line in range(number, edit.start))
        shift += len(edit.text.splitlines()) - (edit.end - edit.start)
        number = edit.end
    kept.update((line, line + shift) for line in range(number, before.count("\n") + 2))
    return kept
