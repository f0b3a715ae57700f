"""Fixes on real code: each one alone, and neighbours together; nothing but what was meant may change.

After every fix the file parses, the finding is gone, no other has come, and only lines of the function around the
finding, or of the imports, differ.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from brownout.catalog import Catalog
from brownout.core import Finding, Fix, Severity
from brownout.engine import Parsed, ask, collector_paused, parse, read, shared_heads, summary_of, wanted_calls
from brownout.facts.project import Project
from brownout.fixes.apply import apply, each_alone
from brownout.fixes.tree import CannotFix, Tree
from brownout.model.source import SourceFile, Unreadable
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace, sources_of
from brownout.report.pages import parse as page_of
from brownout.rules import load
from literate import MARK, cases

from wild.edited import strays
from wild.fetch import HERE, fetch, packages

TOGETHER = 200
"""How many lines apart fixes may be that are tried together."""
REPORT = HERE / "fixes.toml"
DOCDESK = HERE.parents[1] / "examples" / "docdesk" / "backend"
UNCOVERED = {
    ("sqlite-unsafe-pragma", "sqlite-without-wal"): "a database that may be lost needs no log; one that may not does",
    ("broadcast-fragile", "failed-send-drops-message"): "a failed send, which ended the loop, is passed over",
    ("async-route-never-awaits", "wait-forever"): "in a coroutine the wait is told as one that stops the loop",
    ("blocking-call-in-async", "wait-forever"): "in a coroutine the wait is told as one that stops the loop",
    ("task-dropped", "task-failure-unobserved"): "a task that nobody keeps is not asked who reads its failure",
}
"""Findings that were there before, but behind the one that is fixed: the rule is silent while the other speaks."""
Job = tuple[Finding, Fix]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Fixes for one file, and the text that they make of it."""

    path: str
    jobs: tuple[Job, ...]
    text: str
    parts: tuple[Attempt, ...] = ()
    """The same fixes, each by itself, where they share a text only to save time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one fix: `wrong` says what should not be, `refused` that it could not be carried out."""

    rule: str
    place: str
    together: bool
    refused: bool = False
    wrong: tuple[str, ...] = ()


class Ground:
    """One project, parsed once; attempts parse and join the changed files anew."""

    def __init__(self, name: str, sources: Iterable[SourceFile], catalog: Catalog) -> None:
        self.name, self.catalog = name, catalog
        self.sources = {source.path: source for source in sources}
        self.heads = shared_heads(self.sources.values())
        self.wanted = wanted_calls(self.sources.values(), catalog)
        self.rules = list(load().values())
        parsed, _ = read(list(self.sources.values()))
        self.summaries = {file.source.path: summary_of(file, self.wanted) for file in parsed}
        project = Project(self.summaries.values(), catalog)
        self.before = {file.source.path: self._findings(file, project) for file in parsed}

    def jobs(self, path: str) -> list[Job]:
        """Every fix that is offered in a file."""
        return [(finding, fix) for finding in self.before[path] for fix in finding.fixes]

    def alone(self, chosen: Sequence[Job]) -> Iterator[Verdict]:
        """Each fix by itself. Those of different functions share a check, until something is wrong with it."""
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        for path, jobs in _by_path(chosen).items():
            before = self.sources[path].text
            tree = _tree(before)
            single: list[Attempt] = []
            for job, text in zip(jobs, each_alone(before, [fix for _, fix in jobs], tree), strict=True):
                if text is None:
                    yield self._verdict(job, together=False, refused=True)
                elif stray := list(strays(before, text, [job])):
                    yield self._verdict(job, together=False, wrong=tuple(stray))
                else:
                    single.append(Attempt(path, (job,), text))
            attempts[path] = [shared for turn in _turns(single) for shared in self._shared(path, turn, tree)]
        yield from self._judged(attempts, together=False)

    def _shared(self, path: str, single: Sequence[Attempt], tree: Tree | None) -> Iterator[Attempt]:
        """One attempt for several, and those by themselves that do not go together with others."""
        if len(single) < 2:
            yield from single
            return
        jobs = [one.jobs[0] for one in single]
        applied = apply(self.sources[path].text, [fix for _, fix in jobs], tree)
        done = {id(fix) for fix in applied.applied}
        inside = tuple(one for one in single if id(one.jobs[0][1]) in done)
        if len(inside) > 1:
            yield Attempt(path, tuple(one.jobs[0] for one in inside), applied.source, inside)
        yield from (one for one in single if len(inside) < 2 or one not in inside)

    def together(self, chosen: Sequence[Job]) -> Iterator[Verdict]:
        """The first fixes of findings that are close to each other, in one go."""
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        for path, jobs in _by_path(chosen).items():
            firsts = [(finding, fix) for finding, fix in jobs if fix is finding.fixes[0]]
            groups = list(_neighbours(firsts))
            tree = _tree(self.sources[path].text) if groups else None
            for group in groups:
                group.sort(key=lambda job: job[1].recipe != "add_keyword")  # as `brownout fix` does
                applied = apply(self.sources[path].text, [fix for _, fix in group], tree)
                done = {id(fix) for fix in applied.applied}
                kept = tuple(job for job in group if id(job[1]) in done)
                if len(kept) > 1:
                    attempts[path].append(Attempt(path, kept, applied.source))
        yield from self._judged(attempts, together=True)

    def _judged(self, attempts: dict[str, list[Attempt]], *, together: bool) -> Iterator[Verdict]:
        """The verdicts on the attempts; one of each file shares a join with those of other files."""
        for turn in range(max((len(found) for found in attempts.values()), default=0)):
            row = [found[turn] for found in attempts.values() if turn < len(found)]
            for attempt, wrong in zip(row, self._wrong(row), strict=True):
                parts = (attempt.parts or (attempt,)) if wrong else (attempt,)
                for part in parts:
                    is_sure = not wrong or (len(row) == 1 and part is attempt)
                    sure = wrong if is_sure else self._wrong([part])[0]
                    for job in part.jobs:
                        yield self._verdict(job, together=together, wrong=tuple(sure))

    def _wrong(self, attempts: Sequence[Attempt]) -> list[list[str]]:
        """What is wrong with each attempt, all of them made at once."""
        parsed: dict[str, Parsed | Unreadable] = {}
        for attempt in attempts:
            source = replace(self.sources[attempt.path], text=attempt.text)
            parsed[attempt.path] = parse(source, self.heads.get(source.root, {}))
        good = {path: file for path, file in parsed.items() if isinstance(file, Parsed)}
        changed = {path: summary_of(file, self.wanted) for path, file in good.items()}
        project = Project({**self.summaries, **changed}.values(), self.catalog)
        found: list[list[str]] = []
        for attempt in attempts:
            if attempt.path not in good:
                found.append(["does not parse"])
                continue
            after = self._findings(good[attempt.path], project)
            before = self.sources[attempt.path].text
            lines = strays(before, attempt.text, list(attempt.jobs))
            found.append([*_left(self.before[attempt.path], after, attempt.jobs), *lines])
        return found

    def _findings(self, file: Parsed, project: Project) -> list[Finding]:
        return [] if file.source.is_test else sorted(ask(file, project, self.rules, {}), key=lambda one: one.order)

    def _verdict(self, job: Job, *, together: bool, refused: bool = False, wrong: tuple[str, ...] = ()) -> Verdict:
        finding, fix = job
        place = f"{self.name}/{finding.location.path}:{finding.location.span.line} {fix.title}"
        return Verdict(finding.rule, place, together, refused, wrong)


def _left(before: Sequence[Finding], after: Sequence[Finding], jobs: Sequence[Job]) -> Iterator[str]:
    """Findings that should be gone, and findings that should not have come."""
    was, now = Counter(map(_site, before)), Counter(_site(one) for one in after if not _is_mild(one))
    fixed = Counter(_site(finding) for finding in {id(finding): finding for finding, _ in jobs}.values())
    behind = {other for rule, other in UNCOVERED if any(rule == site[0] for site in fixed)}
    every, left = Counter(one.rule for one in before), Counter(one.rule for one in after if not _is_mild(one))
    for site in now:
        if now[site] <= was[site] - fixed[site] or site[0] in behind:
            continue
        if fixed[site] or left[site[0]] > every[site[0]]:  # else it has only moved into a function of its own
            yield f"{'still there' if fixed[site] else 'new'}: {' '.join(site)}"


def _is_mild(finding: Finding) -> bool:
    """Whether a finding was lowered so far that nobody sees it who does not ask."""
    return finding.severity is Severity.MONITOR and finding.lower > 0


def _site(finding: Finding) -> tuple[str, str]:
    """The rule and the function: what a finding is called may change with the call, `asyncio.to_thread(…)`."""
    return finding.rule, finding.site.qualname


def _tree(source: str) -> Tree | None:
    """A source parsed once for all fixes; None where that cannot be done."""
    try:
        return Tree(source)
    except CannotFix:
        return None


def _turns(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    """Attempts in turns of which each holds one for each function."""
    turns: list[list[Attempt]] = []
    count: Counter[str] = Counter()
    for attempt in attempts:
        function = attempt.jobs[0][0].site.qualname
        if count[function] == len(turns):
            turns.append([])
        turns[count[function]].append(attempt)
        count[function] += 1
    return turns


def _by_path(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    found: dict[str, list[Job]] = defaultdict(list)
    for finding, fix in jobs:
        found[finding.location.path].append((finding, fix))
    return found


def _neighbours(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Jobs in groups of at least two, the last at most so many lines below the first."""
    group: list[Job] = []
    for job in sorted(jobs, key=_line):
        if group and _line(job) - _line(group[0]) > TOGETHER:
            if len(group) > 1:
                yield group
            group = []
        group.append(job)
    if len(group) > 1:
        yield group


def _line(job: Job) -> int:
    return job[0].location.span.line


def wild_ground(name: str) -> Ground:
    """A published package."""
    package = next(package for package in packages() if package.name == name)
    workspace = open_workspace(fetch(package), [fetch(package)], Settings())
    return Ground(name, workspace.sources, Catalog(workspace.versions))


def own_grounds() -> Iterator[Ground]:
    """The demo, what the rules' pages call Bad, and the variants."""
    demo = {path.relative_to(DOCDESK).as_posix(): path.read_text("utf-8") for path in sorted(DOCDESK.rglob("*.py"))}
    found = {"docdesk": demo}
    for rule in load().values():
        for index, bad in enumerate(page_of(rule.doc).code("Bad")):
            found[f"{rule.name}-{index}"] = {"app.py": "".join(MARK.sub("", line) + "\n" for line in bad.splitlines())}
    for page in sorted((HERE.parent / "variants").glob("*.md")):
        found |= {case.name: case.files for case in cases(page) if case.expected}
    for name, files in found.items():
        yield Ground(name, sources_of({path: text for path, text in files.items() if path.endswith(".py")}), Catalog())


def judged(name: str) -> list[Verdict]:
    """The verdicts in one package, or in our own examples (name "")."""
    found: list[Verdict] = []
    with collector_paused():
        for ground in [wild_ground(name)] if name else own_grounds():
            jobs = [job for path in ground.before for job in ground.jobs(path)]
            found += [*ground.alone(jobs), *ground.together(jobs)]
    return found


def seeded(grounds: Iterable[Ground], count: int, seed: str) -> list[Verdict]:
    """The verdicts on so many fixes, alone and together, chosen by a seed from all that the grounds offer."""
    offered = [(ground, path, job) for ground in grounds for path in ground.before for job in ground.jobs(path)]
    chosen: dict[int, tuple[Ground, list[Job]]] = {}
    for ground, _, job in random.Random(seed).sample(offered, min(count, len(offered))):
        chosen.setdefault(id(ground), (ground, []))[1].append(job)
    found: list[Verdict] = []
    with collector_paused():
        for ground, jobs in chosen.values():
            found += [*ground.alone(jobs), *ground.together(jobs)]
    return found


def table(verdicts: Sequence[Verdict]) -> str:
    """`fixes.toml`: per rule, how many fixes of how many did what they should, alone and together."""
    lines = ["# Fixes carried out on published packages and our own examples, n of m right. Written by `make fixes`."]
    for rule in load():
        rows = [one for one in verdicts if one.rule == rule]
        if rows:
            lines += ["", f'["{rule}"]']
            for word, together in (("alone", False), ("together", True)):
                tried = [one for one in rows if one.together is together and not one.refused]
                if tried:
                    lines.append(f'{word} = "{sum(not one.wrong for one in tried)} of {len(tried)}"')
            if refused := sum(one.refused for one in rows):
                lines.append(f"refused = {refused}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Try every fix, print what is wrong, and write the table; exit 1 where anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help='packages; "own" for our own examples')
    parser.add_argument("--rule")
    arguments = parser.parse_args()
    names = arguments.names or ["own", *(package.name for package in packages())]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(2) as pool:
        for name, found in zip(names, pool.map(judged, ["" if name == "own" else name for name in names]), strict=True):
            found = [one for one in found if arguments.rule in (None, one.rule)]
            print(f"{name}: {sum(not one.refused for one in found)} fixes", flush=True)
            for one in found:
                if one.wrong or one.refused:
                    how = "refused" if one.refused else "; ".join(one.wrong)
                    print(f"  {one.rule} {one.place}{' (together)' if one.together else ''}: {how}", flush=True)
            verdicts += found
    print(table(verdicts))
    if not arguments.names and not arguments.rule:
        REPORT.write_text(table(verdicts), encoding="utf-8")
    sys.exit(any(one.wrong for one in verdicts))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
