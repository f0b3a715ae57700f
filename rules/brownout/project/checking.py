"""A check of a project from its settings to the findings that are shown: what every door calls."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from brownout.catalog import Catalog
from brownout.core import Certainty, Finding, Rule
from brownout.engine import Progress, Result
from brownout.model.source import SourceFile, Unreadable
from brownout.project.settings import ConfigError, Settings
from brownout.project.shares import Job, alone
from brownout.project.suppressions import suppress
from brownout.project.workspace import Workspace
from brownout.rules import load

ENOUGH = 2_000_000
"""Characters of source below which starting a second process costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check has to say.

    `findings` are those that are shown, sorted; `hidden` counts those below the settings' severity; `suppressed` are
    switched off by comments, each with its reason; `notices` are mistakes in such comments.
    """

    findings: tuple[Finding, ...]
    hidden: int
    suppressed: tuple[tuple[Finding, str], ...]
    unreadable: tuple[Unreadable, ...]
    notices: tuple[Unreadable, ...]
    rules: Mapping[str, Rule]
    files: int
    lines: int

    def failing(self, settings: Settings) -> list[Finding]:
        """The findings that make a check fail: certain, and as bad as `fail-on`."""
        limit = settings.fail_on.severity
        certain = (finding for finding in self.findings if finding.certainty is Certainty.CERTAIN)
        return [finding for finding in certain if finding.severity.at_least(limit)]


def names_of(rules: Mapping[str, Rule]) -> set[str]:
    """What `select` and `ignore` may hold: rules, categories and sections."""
    words = set(rules) | {rule.section for rule in rules.values()}
    return words | {category_of(rule) for rule in rules.values()}


def category_of(rule: Rule) -> str:
    """The category's word in settings: `network`, `filesystem`."""
    return rule.category.name.lower()


def selected(rules: Mapping[str, Rule], settings: Settings) -> dict[str, Rule]:
    """The rules that the settings ask about."""

    def named(rule: Rule, words: Collection[str]) -> bool:
        return not {rule.name, rule.section, category_of(rule)}.isdisjoint(words)

    return {
        name: rule
        for name, rule in rules.items()
        if (not settings.select or named(rule, settings.select))
        and (not named(rule, settings.ignore) or name in settings.select)
    }


def check_workspace(
    workspace: Workspace,
    settings: Settings,
    progress: Progress | None = None,
    jobs: int | None = 1,
    executor: str | None = None,
) -> Outcome:
    """Check what has been read, in `jobs` processes or on the cluster at `executor`.

    Raises `ConfigError` for options that a rule does not have, and for a cluster that cannot be used.
    """
    every = load()
    rules = selected(every, settings)
    check_options(every, settings)
    catalog = Catalog(workspace.versions, settings.calls)
    job = Job(workspace.sources, list(rules.values()), catalog, settings.rules, workspace.wanted)
    count = processes(workspace.sources, jobs)
    is_alone = executor is None and count < 2
    result = alone(job, progress) if is_alone else _elsewhere(job, settings, count, executor, progress)
    return settle(result, workspace, settings, every, rules)


def _elsewhere(job: Job, settings: Settings, count: int, executor: str | None, progress: Progress | None) -> Result:
    """The result of other processes, here or on a cluster; each is imported only where it is used."""
    if executor is not None:
        from brownout.project import cluster

        return cluster.check(job, settings.calls, executor, progress)
    from brownout.project import parallel

    return parallel.check(job, count, progress)


def processes(sources: Sequence[SourceFile], jobs: int | None) -> int:
    """How many processes are worth it: as many as asked for, or by the machine and the size of the sources."""
    if not hasattr(os, "fork"):
        return 1
    if jobs is not None:
        return max(1, min(jobs, len(sources)))
    if sum(len(source.text) for source in sources) < ENOUGH:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def settle(
    result: Result,
    workspace: Workspace,
    settings: Settings,
    every: Mapping[str, Rule],
    rules: Mapping[str, Rule],
    marked: Mapping[str, str] | None = None,
) -> Outcome:
    """What is shown of the engine's result: by path, comment, certainty and severity.

    `marked` are the texts by path that may hold comments which switch findings off, if that is known.
    """
    texts = {source.path: source.text for source in workspace.sources} if marked is None else marked
    found = [finding for finding in result.findings if _wanted(finding, workspace, settings)]
    kept, suppressed, notices = suppress(found, texts, every, rules)
    shown = [finding for finding in kept if _shown(finding, settings)]
    unreadable = [*workspace.unreadable, *result.unreadable]
    if workspace.wanted is not None:
        notices = [notice for notice in notices if notice.path in workspace.wanted]
        unreadable = [*workspace.unreadable, *(item for item in result.unreadable if item.path in workspace.wanted)]
    unreadable.sort(key=lambda item: (item.path, item.line, item.message))
    return Outcome(
        tuple(shown), len(kept) - len(shown), tuple(suppressed), tuple(unreadable), tuple(notices), rules,
        result.files, result.lines,
    )  # fmt: skip


def _wanted(finding: Finding, workspace: Workspace, settings: Settings) -> bool:
    path = finding.location.path
    if workspace.wanted is not None and path not in workspace.wanted:
        return False
    return not any(
        finding.rule in names and _matches(path, pattern) for pattern, names in settings.per_file_ignores.items()
    )


def _matches(path: str, pattern: str) -> bool:
    return fnmatch.fnmatch(path, pattern) or ("/" not in pattern and fnmatch.fnmatch(path.rpartition("/")[2], pattern))


def _shown(finding: Finding, settings: Settings) -> bool:
    if finding.certainty is Certainty.SUSPECTED and not settings.suspected:
        return False
    return finding.severity.at_least(settings.min_severity.severity)


def check_options(rules: Mapping[str, Rule], settings: Settings) -> None:
    """Raise `ConfigError` for options that a rule does not have."""
    from brownout.project.config import hint

    for name, options in settings.rules.items():
        known: Sequence[str] = sorted(rules[name].options) if name in rules else []
        for key in options:
            if key not in known:
                raise ConfigError(f"{settings.source}: rules.{name}: there is no option {key!r}{hint(key, known)}")
