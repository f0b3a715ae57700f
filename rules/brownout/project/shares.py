"""A check in two steps that can run apart: reading a share of the files, and asking the rules about it.

Between the two every share is told what the others know, as summaries; trees and tables never leave their share.
The findings are those of one process, to the byte, however many shares there are and wherever they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from brownout.catalog import Catalog
from brownout.core import Finding, Rule
from brownout.engine import (
    Parsed,
    Progress,
    Result,
    ask,
    collector_paused,
    parse,
    shared_heads,
    summary_of,
    wanted_calls,
)
from brownout.facts.asked import Asked, closed
from brownout.facts.project import Project
from brownout.facts.summary import ModuleSummary
from brownout.model.source import SourceFile, Unreadable
from brownout.project.state import Told
from brownout.project.tables import Tables, again

Known = dict[int, ModuleSummary | Unreadable]
"""What reading files gave, by their place in the list of sources."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every share is given. Of files outside of a share only path, module and root are looked at."""

    sources: Sequence[SourceFile]
    rules: Sequence[Rule]
    catalog: Catalog
    options: Mapping[str, Mapping[str, object]]
    asked: frozenset[str] | None = None
    """The paths of the files to ask about, where not all are."""
    traced: bool = False
    """Whether to tell of each file what the rules asked the project about it."""


@dataclass(slots=True)
class Answers:
    """What the rules said of a share, and where one of them failed."""

    findings: list[Finding] = field(default_factory=list[Finding])
    failed: list[Unreadable] = field(default_factory=list[Unreadable])
    told: dict[int, Told] = field(default_factory=dict[int, Told])
    """File by file the same, with what was asked, if that is wanted."""


def alone(job: Job, progress: Progress | None = None) -> Result:
    """All of it in this process."""

    def tell(count: int) -> None:
        if progress is not None:
            progress(count, len(job.sources))

    files, parsed = range(len(job.sources)), Tables[int]()
    with collector_paused():
        known = read_share(job, files, parsed, tell)
        return result_of(job, known, [ask_share(job, files, parsed, known)])


def divide(sources: Sequence[SourceFile], count: int) -> list[list[int]]:
    """Places of files, in at most `count` shares of about the same length of text."""
    shares: list[list[int]] = [[] for _ in range(count)]
    sizes = [0] * count
    for place in sorted(range(len(sources)), key=lambda place: len(sources[place].text), reverse=True):
        least = sizes.index(min(sizes))
        shares[least].append(place)
        sizes[least] += len(sources[place].text)
    return [sorted(share) for share in shares if share]


def read_share(job: Job, files: Iterable[int], parsed: Tables[int], tell: Callable[[int], None] | None = None) -> Known:
    """The first step: what others may know of these files; their tables are left in `parsed`."""
    known: Known = {}
    heads, wanted = shared_heads(job.sources), wanted_calls(job.sources, job.catalog)
    for count, place in enumerate(files, 1):
        source = job.sources[place]
        found = parse(source, heads.get(source.root, {}))
        if isinstance(found, Unreadable):
            known[place] = found
        else:
            known[place] = summary_of(found, wanted)
            parsed.put(place, found)
        if tell is not None:
            tell(count)
    return known


def ask_share(
    job: Job, files: Iterable[int], parsed: Tables[int], known: Known, tell: Callable[[int], None] | None = None
) -> Answers:
    """The second step: the rules' answers about these files; `known` is what all shares know."""
    summaries = (item for _, item in sorted(known.items()) if not isinstance(item, Unreadable))
    project = Project(summaries, job.catalog)
    heads, wanted = shared_heads(job.sources), wanted_calls(job.sources, job.catalog)
    answers = Answers()
    for count, place in enumerate(files, 1):
        if tell is not None:
            tell(count)
        source = job.sources[place]
        if isinstance(known[place], Unreadable) or source.is_test:
            continue
        if job.asked is None or source.path in job.asked:
            with parsed.use(place, partial(again, source, heads.get(source.root, {}), wanted)) as file:
                told = _told(job, file, project)
            answers.findings += told.findings
            answers.failed += told.failed
            if job.traced:
                answers.told[place] = told
    return answers


def _told(job: Job, file: Parsed, project: Project) -> Told:
    asked = Asked(project) if job.traced else None
    told = Told()
    told.findings = ask(file, asked or project, job.rules, job.options, told.failed)
    if asked is not None:
        told.reads = closed(asked.reads)
    return told


def result_of(job: Job, known: Known, every: Iterable[Answers]) -> Result:
    """The result that one process would give."""
    findings: list[Finding] = []
    failed: list[Unreadable] = []
    for answers in every:
        findings += answers.findings
        failed += answers.failed
    findings.sort(key=lambda finding: finding.order)
    failed.sort(key=lambda item: (item.path, item.message))
    unreadable = [item for _, item in sorted(known.items()) if isinstance(item, Unreadable)]
    lines = sum(source.text.count("\n") for source in job.sources)
    return Result(tuple(findings), (*unreadable, *failed), len(job.sources), lines)
