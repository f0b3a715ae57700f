"""Only what is new: findings compared with an earlier commit of the project, or with those that a file lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from brownout.core import Certainty, Finding, Severity, __version__
from brownout.project.checking import Outcome, check_workspace
from brownout.project.history import texts_of
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import Workspace
from brownout.render.report import UNREADABLE
from brownout.report.matching import Trace, carried_over, match, traces

VERSION = 1
_WORDS = ("rule", "path", "function", "name", "code")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a file of `brownout baseline` lists."""

    name: str
    entries: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The findings of an earlier commit, and its texts."""

    name: str
    traces: tuple[Trace, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`outcome` holds only what is new since `against`; `known` was there; `gone` are earlier ones that are no more.

    `untouched` are the files that have the same text as before, where that is known.
    """

    against: str
    outcome: Outcome
    known: tuple[Finding, ...]
    gone: tuple[Trace, ...]
    untouched: frozenset[str] = frozenset()


def compare_with_base(
    outcome: Outcome, workspace: Workspace, base: Workspace, settings: Settings, name: str, jobs: int | None = 1
) -> Comparison:
    """What is new since `base`."""
    return compare_with_earlier(outcome, workspace, earlier_of(base, settings, name, jobs))


def earlier_of(base: Workspace, settings: Settings, name: str, jobs: int | None = 1) -> Earlier:
    """What an earlier workspace had, checked in full by today's settings.

    All of it, since a changed helper makes findings in files that did not change.
    """
    return as_earlier(check_workspace(base, settings, jobs=jobs), base, name)


def as_earlier(outcome: Outcome, workspace: Workspace, name: str) -> Earlier:
    """What was found, for later ones to be compared with."""
    texts = texts_of(workspace)
    return Earlier(name, tuple(_traces(outcome, texts)), texts)


def compare_with_earlier(outcome: Outcome, workspace: Workspace, earlier: Earlier) -> Comparison:
    """What is new since then; `earlier` may be compared with many times."""
    before, after = earlier.texts, texts_of(workspace)
    new = _traces(outcome, after)
    found = _compare(earlier.name, outcome, carried_over(earlier.traces, new, before, after), new)
    return replace(found, untouched=frozenset(path for path, text in after.items() if before.get(path) == text))


def compare_with_file(outcome: Outcome, workspace: Workspace, settings: Settings, baseline: Baseline) -> Comparison:
    """What a baseline does not list; `gone` are entries to be dropped, among those that this check was asked about."""
    found = _compare(baseline.name, outcome, baseline.entries, _traces(outcome, texts_of(workspace)))
    stale = [entry for entry in found.gone if _asked(entry, outcome, workspace, settings)]
    return replace(found, gone=tuple(stale))


def write(outcome: Outcome, workspace: Workspace) -> str:
    """The baseline of a check, an entry per line, sorted: a change of one finding is a change of one line."""
    found = sorted(_traces(outcome, texts_of(workspace)), key=lambda trace: trace.order)
    lines = [json.dumps(entry_of(trace), ensure_ascii=False) for trace in found]
    head = f'"version": {VERSION},\n"tool": "brownout {__version__}",\n"findings": ['
    return "{\n" + head + ",".join(f"\n{line}" for line in lines) + "\n]\n}\n"


def read(path: Path) -> Baseline:
    """The baseline in a file; raises `ConfigError` with what is wrong with it."""
    try:
        page: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a baseline: {error}") from error
    table = cast("dict[str, object]", page) if isinstance(page, dict) else {}
    if table.get("version") != VERSION or not isinstance(table.get("findings"), list):
        raise ConfigError(f"{path}: not a baseline of version {VERSION}; `brownout baseline` writes one")
    entries = cast("list[object]", table["findings"])
    found = [trace_of(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1)]
    return Baseline(str(path), tuple(found))


def _traces(outcome: Outcome, texts: Mapping[str, str]) -> list[Trace]:
    """The findings' traces, and after them those of the files that could not be read."""
    unreadable = [Trace(UNREADABLE, item.path, "", item.message, "") for item in outcome.unreadable]
    return traces(outcome.findings, texts) + unreadable


def _compare(against: str, outcome: Outcome, old: Sequence[Trace], new: Sequence[Trace]) -> Comparison:
    matched = match(old, new)
    still = set(matched.values())
    first = len(outcome.findings)
    fresh = [finding for index, finding in enumerate(outcome.findings) if index not in matched]
    known = [finding for index, finding in enumerate(outcome.findings) if index in matched]
    broken = [item for index, item in enumerate(outcome.unreadable, first) if index not in matched]
    gone = [trace for index, trace in enumerate(old) if index not in still]
    outcome = replace(outcome, findings=tuple(fresh), unreadable=tuple(broken))
    return Comparison(against, outcome, tuple(known), tuple(gone))


def _asked(entry: Trace, outcome: Outcome, workspace: Workspace, settings: Settings) -> bool:
    """Whether this check would have found what the entry stands for."""
    if entry.rule not in outcome.rules and entry.rule != UNREADABLE:
        return False
    if workspace.wanted is not None and entry.path not in workspace.wanted:
        return False
    if entry.certainty is Certainty.SUSPECTED and not settings.suspected:
        return False
    return entry.severity.at_least(settings.min_severity.severity)


def entry_of(trace: Trace) -> dict[str, object]:
    """A trace as it stands in a file."""
    found = {word: str(getattr(trace, word)) for word in _WORDS}
    suspected = {"certainty": trace.certainty.value} if trace.certainty is Certainty.SUSPECTED else {}
    return {**found, "severity": trace.severity.value, **suspected}


def trace_of(entry: object, where: str) -> Trace:
    """The trace that an entry stands for; raises `ConfigError` for one that is none."""
    table = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    words = [table.get(word) for word in _WORDS]
    try:
        rule, path, function, name, code = [word for word in words if isinstance(word, str)]
        severity = Severity(str(table.get("severity", Severity.MEDIUM.value)))
        certainty = Certainty(str(table.get("certainty", Certainty.CERTAIN.value)))
    except ValueError as error:
        raise ConfigError(f"{where}: not a finding; `brownout baseline` writes the file anew") from error
    line = table.get("line", 0)  # a file for people has none
    return Trace(rule, path, function, name, code, severity, certainty, line if isinstance(line, int) else 0)
