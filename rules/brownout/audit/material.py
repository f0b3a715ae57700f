"""What an audit is made of: files as facts, findings, and texts of files that are not Python."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from brownout.audit.data import Evidence
from brownout.core import Certainty, Finding, Rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.failing.dependencies import Dependency, dependency
from brownout.facts.failing.endings import Arrival, answered, arrivals
from brownout.facts.failing.outcomes import Spread
from brownout.facts.project import Project
from brownout.model.source import Unreadable
from brownout.model.tables import Class


@dataclass
class Material:
    """Everything that the parts of the audit may look at; what they share is computed once, when asked for."""

    name: str
    project: Project
    codes: Mapping[str, Code]
    """By path; without tests."""
    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule]
    unreadable: tuple[Unreadable, ...] = ()
    suppressed: tuple[tuple[Finding, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    others: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts by path: the front end, container and deployment files."""
    lines: int = 0
    files: int = 0
    wanted: frozenset[str] | None = None
    """The paths that the report is about; None means all."""

    def about(self, path: str) -> bool:
        """Whether the report is about a file."""
        return self.wanted is None or path in self.wanted

    @property
    def certain(self) -> list[Finding]:
        """The findings that count."""
        return [finding for finding in self.findings if finding.certainty is Certainty.CERTAIN]

    @property
    def suspected(self) -> list[Finding]:
        """The findings that a person must confirm."""
        return [finding for finding in self.findings if finding.certainty is Certainty.SUSPECTED]

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """The entry points; those of one name are told apart by their file, and by their line if need be."""
        found = [arrival for arrival in arrivals(self.project, self.codes) if self.about(arrival.path)]
        for place in ("{0.path}", "{0.path}:{0.line}"):
            often = Counter(arrival.label for arrival in found)
            found = [
                replace(one, label=f"{one.label.partition(' (')[0]} ({place.format(one)})")
                if often[one.label] > 1
                else one
                for one in found
            ]
        return found

    @cached_property
    def answered(self) -> list[tuple[str, str, int]]:
        """Exceptions that the application answers by a handler of its own."""
        return answered(self.codes)

    @cached_property
    def spread(self) -> Spread:
        """What becomes of failures, for all functions that entry points lead to."""
        return Spread(self.codes, self.project, self.project.contexts)

    @cached_property
    def uses(self) -> list[tuple[Call, Dependency]]:
        """Every call of the service that depends on something outside, in the order of the files."""
        found: list[tuple[Call, Dependency]] = []
        for path in filter(self.about, sorted(self.codes)):
            code = self.codes[path]
            for call in code.calls:
                used = dependency(call)
                if used is not None and code.judged(call.function):
                    found.append((call, used))
        return found

    @cached_property
    def _classes(self) -> dict[str, tuple[Class, Code]]:
        return {
            code.names.full(owner.qualname): (owner, code)
            for code in self.codes.values()
            for owner in code.module.classes
        }

    def class_named(self, name: str | None) -> tuple[Class, Code] | None:
        """A class of the service by its full name, with the file that it stands in."""
        return self._classes.get((name or "").removesuffix("()"))

    @cached_property
    def _arrivals_by_name(self) -> dict[str, list[Arrival]]:
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.arrivals:
            found[arrival.name].append(arrival)
        return found

    def arrivals_at(self, function: str) -> list[Arrival]:
        """The entry points from which calls lead to a function: the nearest first."""
        found: list[Arrival] = []
        seen, todo = {function}, deque([function])
        while todo:
            name = todo.popleft()
            found.extend(self._arrivals_by_name.get(name, ()))
            for edge in self.project.graph.callers.get(name, ()):
                if edge.caller.name not in seen:
                    seen.add(edge.caller.name)
                    todo.append(edge.caller.name)
        return found

    def version(self, distribution: str) -> str:
        """The pinned version of a distribution, or an empty string."""
        return self.versions.get(distribution.lower().replace("_", "-"), "")

    def version_of(self, package: str) -> str:
        """The pinned version of an imported package, under whichever name its distribution has."""
        return self.project.links.catalog.installed(package) or self.version(package)


def evidence(call: Call, text: str = "") -> Evidence:
    """A call as evidence: its line as written unless something else is said."""
    line = call.node.lineno
    return Evidence(call.code.module.path, line, text or source_line(call.code, line))


def source_line(code: Code, line: int) -> str:
    """A line of code without the blanks around it, shortened."""
    lines = code.module.lines
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return text if len(text) <= 120 else f"{text[:117]}…"
