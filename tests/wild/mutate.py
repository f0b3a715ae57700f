"""Recall that nobody can argue with: take real guards out of real code; the rule is silent before and speaks after."""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from brownout.catalog import Catalog
from brownout.core import Certainty
from brownout.engine import Parsed, ask, collector_paused, parse, read, shared_heads
from brownout.facts.code import Code
from brownout.facts.project import Project
from brownout.facts.summary import ModuleSummary, summarise
from brownout.model.source import SourceFile, Unreadable
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace, sources_of
from brownout.report.pages import parse as page_of
from brownout.rules import load
from literate import cases

from wild.fetch import HERE, fetch, packages
from wild.mutators import Mutation, apply, mutations

SAMPLE = 50
REPORT = HERE / "mutations.toml"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule said of one mutation."""

    rule: str
    place: str
    own: bool
    before: bool
    after: bool


class Bench:
    """One project, parsed once; mutations parse and join the mutated file anew."""

    def __init__(self, name: str, sources: Iterable[SourceFile], catalog: Catalog, *, own: bool) -> None:
        self.name, self.own, self.catalog = name, own, catalog
        self.sources = list(sources)
        self.heads = shared_heads(self.sources)
        self.parsed, _ = read(self.sources)
        self.summaries = {f.source.path: _summary(f) for f in self.parsed}
        self.project = Project(self.summaries.values(), catalog)
        self.files = {file.source.path: file for file in self.parsed}

    def mutations(self) -> list[Mutation]:
        """Every mutation of the project's files."""
        return [
            one
            for file in self.parsed
            if not file.source.is_test
            for one in mutations(Code(file.module, file.names, self.project))
        ]

    def judge(self, mutation: Mutation) -> Verdict | None:
        """The verdict; None where the edit leaves nothing that can be parsed."""
        file = self.files[mutation.path]
        text = apply(file.source.text, mutation.edits)
        source = SourceFile(
            file.source.path, file.source.module, text, is_test=file.source.is_test, root=file.source.root
        )
        again = parse(source, self.heads.get(source.root, {}))
        if isinstance(again, Unreadable):
            return None
        project = Project({**self.summaries, mutation.path: _summary(again)}.values(), self.catalog)
        return Verdict(
            mutation.rule,
            f"{self.name}/{mutation.path}:{mutation.line}",
            self.own,
            self._says(file, self.project, mutation),
            self._says(again, project, mutation),
        )

    def _says(self, file: Parsed, project: Project, mutation: Mutation) -> bool:
        """Whether the rule reports the place: the line, or, for guards that are not calls, the function."""
        rule = load()[mutation.rule]
        by_line = mutation.rule in ("missing-timeout", "subprocess-without-timeout", "blocking-call-in-async")
        for finding in ask(file, project, [rule], {}):
            if finding.certainty in (Certainty.CERTAIN, rule.certainty) and finding.site.qualname == mutation.qualname:
                if not by_line or abs(finding.location.span.line - mutation.line) <= 1:
                    return True
        return False


def _summary(file: Parsed) -> ModuleSummary:
    return summarise(file.module, file.names, is_test=file.source.is_test)


def wild_bench(name: str) -> Bench:
    """A published package."""
    package = next(package for package in packages() if package.name == name)
    workspace = open_workspace(fetch(package), [fetch(package)], Settings())
    return Bench(name, workspace.sources, Catalog(workspace.versions), own=False)


def own_benches() -> list[Bench]:
    """Our own examples: what the pages call Good, and the variants that must stay silent."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for rule in load().values():
        for index, good in enumerate(page_of(rule.doc).code("Good")):
            found.append((f"{rule.name}-{index}", {"app.py": good}))
    for page in sorted((HERE.parent / "variants").glob("*.md")):
        found += [(case.name, case.files) for case in cases(page) if not case.expected]
    return [
        Bench(name, sources_of({p: t for p, t in files.items() if p.endswith(".py")}), Catalog(), own=True)
        for name, files in found
    ]


def judged(name: str, wanted: tuple[str, ...]) -> list[Verdict]:
    """The verdicts in one package, or in our own examples (name "")."""
    found: list[Verdict] = []
    with collector_paused():
        for bench in [wild_bench(name)] if name else own_benches():
            by_rule: dict[str, list[Mutation]] = defaultdict(list)
            for one in bench.mutations():
                if not wanted or one.rule in wanted:
                    by_rule[one.rule].append(one)
            for rule, group in sorted(by_rule.items()):
                chosen = random.Random(f"{bench.name}{rule}").sample(group, min(len(group), 8))
                found += [verdict for one in chosen if (verdict := bench.judge(one)) is not None]
    return found


def table(verdicts: list[Verdict]) -> str:
    """`mutations.toml`: per rule, silent before and reported after, wild and own apart."""
    lines = ["# Guards taken out of code: silent before, reported after, n of m. Written by `make mutate`."]
    for rule in load():
        for own in (False, True):
            rows = [one for one in verdicts if one.rule == rule and one.own is own]
            if rows:
                silent, spoken = sum(not one.before for one in rows), sum(one.after for one in rows)
                where = "own" if own else "wild"
                lines += ["", f'["{rule}".{where}]', f'silent-before = "{silent} of {len(rows)}"']
                lines += [f'reported-after = "{spoken} of {len(rows)}"']
    return "\n".join(lines) + "\n"


def main() -> None:
    """Judge up to 50 mutations a rule, print the misses, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rule", action="append", default=[])
    arguments = parser.parse_args()
    names = arguments.names or [package.name for package in packages()] + [""]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(judged, names, [tuple(arguments.rule)] * len(names)):
            verdicts += found
    kept: list[Verdict] = []
    for rule in load():
        for own in (False, True):
            rows = [one for one in verdicts if one.rule == rule and one.own is own]
            kept += rows if len(rows) <= SAMPLE else random.Random(rule).sample(rows, SAMPLE)
    for one in kept:
        if one.before or not one.after:
            print(f"{one.rule} {one.place}: {'spoke before' if one.before else 'missed'}")
    print(table(kept))
    if not arguments.names and not arguments.rule:
        REPORT.write_text(table(kept), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
