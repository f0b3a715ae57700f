"""Modules, facts and rules go in as values, findings come out; nothing here reads a file or a clock."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from brownout.catalog import Catalog
from brownout.core import Certainty, Finding, Rule
from brownout.facts.code import Code
from brownout.facts.project import Project
from brownout.facts.summary import ModuleSummary, summarise
from brownout.facts.wanted import Wanted
from brownout.model.build import build
from brownout.model.grammar import newer
from brownout.model.names import Names
from brownout.model.source import SourceFile, Unreadable
from brownout.model.tables import Module

RECURSION_LIMIT = 12_000
"""Deep enough for any code that CPython's own parser accepts; measured with 5,000-term expressions."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found: sorted findings, files that could not be read, and how much was read."""

    findings: tuple[Finding, ...]
    unreadable: tuple[Unreadable, ...]
    files: int
    lines: int


@dataclass(slots=True)
class Parsed:
    """One file's tables and names."""

    source: SourceFile
    module: Module
    names: Names


@dataclass(frozen=True, slots=True)
class Examined:
    """A check with what it was made from, for those who ask further questions."""

    result: Result
    parsed: tuple[Parsed, ...]
    project: Project


def check(
    sources: Sequence[SourceFile],
    *,
    rules: Sequence[Rule],
    catalog: Catalog,
    options: Mapping[str, Mapping[str, object]] | None = None,
    progress: Progress | None = None,
) -> Result:
    """Ask every rule about every file that is not a test; the order of the findings depends on the sources only."""
    return examine(sources, rules=rules, catalog=catalog, options=options, progress=progress).result


def examine(
    sources: Sequence[SourceFile],
    *,
    rules: Sequence[Rule],
    catalog: Catalog,
    options: Mapping[str, Mapping[str, object]] | None = None,
    progress: Progress | None = None,
) -> Examined:
    """A check that keeps the tables and the project."""
    findings: list[Finding] = []
    failed: list[Unreadable] = []
    with collector_paused():
        parsed, unreadable = read(sources, progress)
        project = join(parsed, catalog, sources)
        for file in parsed:
            if not file.source.is_test:
                findings += ask(file, project, rules, options or {}, failed)
    findings.sort(key=lambda finding: finding.order)
    failed.sort(key=lambda item: (item.path, item.message))
    lines = sum(source.text.count("\n") for source in sources)
    result = Result(tuple(findings), (*unreadable, *failed), len(sources), lines)
    return Examined(result, tuple(parsed), project)


@contextmanager
def collector_paused() -> Iterator[None]:
    """No cyclic collection meanwhile: trees and tables stay alive anyway, and looking through them doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read(sources: Sequence[SourceFile], progress: Progress | None = None) -> tuple[list[Parsed], list[Unreadable]]:
    """Parse every source; those that cannot be parsed are told, the others go on."""
    parsed: list[Parsed] = []
    unreadable: list[Unreadable] = []
    heads = shared_heads(sources)
    for count, source in enumerate(sources, 1):
        found = parse(source, heads.get(source.root, {}))
        if isinstance(found, Unreadable):
            unreadable.append(found)
        else:
            parsed.append(found)
        if progress is not None:
            progress(count, len(sources))
    return parsed, unreadable


def parse(source: SourceFile, heads: Mapping[str, str] | None = None) -> Parsed | Unreadable:
    """The tables of one file, or where and why it cannot be read."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        tree = ast.parse(source.text)
        module = build(tree, name=source.module, path=source.path, text=source.text, heads=heads)
        return Parsed(source, module, Names(module))
    except SyntaxError as error:
        lines, line = source.text.splitlines(), error.lineno or 1
        hint = newer(error.msg, lines[line - 1] if line <= len(lines) else "")
        return Unreadable(source.path, line, f"syntax error: {error.msg}{hint}")
    except ValueError as error:
        return Unreadable(source.path, 1, f"cannot be parsed: {error}")
    except (RecursionError, MemoryError):
        return Unreadable(source.path, 1, "nested too deeply to be parsed")
    finally:
        sys.setrecursionlimit(limit)


def shared_heads(sources: Iterable[SourceFile]) -> dict[str, dict[str, str]]:
    """For each source root the first words of module names that another root has too, with a name of their own."""
    roots: dict[str, set[str]] = {}
    for source in sources:
        if source.module:
            roots.setdefault(source.module.partition(".")[0], set()).add(source.root)
    renamed: dict[str, dict[str, str]] = {}
    for head, found in roots.items():
        for index, root in enumerate(sorted(found)[1:], 2):
            renamed.setdefault(root, {})[head] = f"{head}#{index}"
    return renamed


def join(parsed: Sequence[Parsed], catalog: Catalog, sources: Iterable[SourceFile] | None = None) -> Project:
    """The project of the files that could be parsed; `sources` are all of its files, if there are others."""
    wanted = wanted_calls((file.source for file in parsed) if sources is None else sources, catalog)
    return Project([summary_of(file, wanted) for file in parsed], catalog)


def wanted_calls(sources: Iterable[SourceFile], catalog: Catalog) -> Wanted:
    """Which calls of these files other files may need to know of."""
    sources = list(sources)
    heads = {source.module.partition(".")[0] for source in sources}
    renamed = (name for names in shared_heads(sources).values() for name in names.values())
    return Wanted(frozenset(heads.union(renamed)), catalog)


def summary_of(file: Parsed, wanted: Wanted) -> ModuleSummary:
    """What other files may know of a parsed one."""
    return summarise(file.module, file.names, is_test=file.source.is_test, wanted=wanted)


def ask(
    file: Parsed,
    project: Project,
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, object]],
    failed: list[Unreadable] | None = None,
) -> list[Finding]:
    """The findings of all rules in one file, each with its rule's severity, lowered as finding and context say.

    A rule that fails over a file is a bug of ours: it is told in `failed`, and the other rules are asked all the
    same. Without such a list the exception goes on.
    """
    code = Code(file.module, file.names, project)
    found: list[Finding] = []
    for rule in rules:
        code.rule = rule.name
        given = options.get(rule.name)
        code.options = {**rule.options, **given} if given else rule.options
        try:
            for finding in rule.check(code):
                found.append(stamp(finding, rule))
        except Exception as error:
            if failed is None:
                raise
            words = str(error).partition("\n")[0][:200]
            what = f"{type(error).__name__}: {words}" if words else type(error).__name__
            message = f"{rule.name} could not judge this file: {what} (a bug in brownout: please report it)"
            failed.append(Unreadable(file.source.path, 1, message))
    vars(code).clear()  # its calls point back at it: so their memory is free at once, without a collector
    return _told_once(found, rules)


def _told_once(found: list[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """The findings without those whose cause another rule tells, for certain, about the same function."""
    yielding = {rule.name: rule.yields_to for rule in rules if rule.yields_to}
    if not any(finding.rule in yielding for finding in found):
        return found
    told = {(one.rule, one.site.qualname) for one in found if one.certainty is Certainty.CERTAIN}
    return [one for one in found if not any((other, one.site.qualname) in told for other in yielding.get(one.rule, ()))]


def stamp(finding: Finding, rule: Rule) -> Finding:
    """The finding with the severity and likelihood of its rule."""
    certainty = rule.certainty if rule.certainty is not rule.certainty.CERTAIN else finding.certainty
    return replace(
        finding, severity=rule.severity.lowered(finding.lower), likelihood=rule.likelihood, certainty=certainty
    )
