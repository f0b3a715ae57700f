"""Fixes over a whole project: rounds of check and apply until nothing more can be done."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from brownout.core import Finding, Fix
from brownout.fixes.edits import Edit, edits
from brownout.model.source import SourceFile
from brownout.project.checking import Outcome, check_workspace
from brownout.project.settings import Settings
from brownout.project.workspace import Workspace
from brownout.project.writing import write_atomically
from brownout.rules import load

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Fixed:
    """New texts by path; the findings that were fixed; what could not be, with the reason; the check afterwards."""

    texts: dict[str, str]
    fixed: tuple[tuple[Finding, Fix], ...]
    refused: tuple[tuple[Finding, str], ...]
    after: Outcome


def fix_workspace(workspace: Workspace, settings: Settings, *, unsafe: bool, only: Collection[str] = ()) -> Fixed:
    """Fix what can be fixed, in memory. Only safe fixes, unless `unsafe`; only the rules named in `only`, if any."""
    from brownout.fixes.apply import apply

    changed: dict[str, str] = {}
    fixed: list[tuple[Finding, Fix]] = []
    refused: dict[tuple[str, str, str, str], tuple[Finding, str]] = {}
    tried: set[tuple[str, str, str, str]] = set()
    settings = _undisturbed(settings, only)
    outcome = check_workspace(workspace, settings)
    for _ in range(ROUNDS):
        texts = {source.path: source.text for source in workspace.sources}
        jobs = _jobs(outcome, texts, unsafe, only, tried)
        refused.clear()
        progress = False
        for path, wanted in jobs.items():
            applied = apply(texts[path], [fix for _, fix in wanted])
            done = {id(fix) for fix in applied.applied}
            reasons = {id(fix): reason for fix, reason in applied.refused}
            for finding, fix in wanted:
                key = _key(finding, texts[path])
                if id(fix) in done:
                    fixed.append((finding, fix))
                    tried.add(key)
                    progress = True
                else:
                    refused[key] = (finding, reasons.get(id(fix), ""))
            changed[path] = applied.source
        if not progress:
            break
        workspace = replace(workspace, sources=tuple(_with(source, changed) for source in workspace.sources))
        outcome = check_workspace(workspace, settings)
    return Fixed(changed, tuple(fixed), tuple(refused.values()), outcome)


def _undisturbed(settings: Settings, only: Collection[str]) -> Settings:
    """The settings without rules that would speak in the place of those named."""
    rules = load()
    louder = {other for name in only for other in rules[name].yields_to}.difference(only)
    select = tuple(name for name in settings.select if name not in louder) or settings.select
    return replace(settings, select=select, ignore=(*settings.ignore, *sorted(louder)))


def first_edits(findings: Iterable[Finding], texts: Mapping[str, str]) -> dict[Finding, list[Edit]]:
    """For each finding whose first fix can be carried out, the lines that this fix alone would change."""
    from brownout.fixes.apply import each_alone

    offered: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fixes and finding.location.path in texts:
            offered.setdefault(finding.location.path, []).append(finding)
    found: dict[Finding, list[Edit]] = {}
    for path, wanted in offered.items():
        fixed = each_alone(texts[path], [finding.fixes[0] for finding in wanted])
        pairs = zip(wanted, fixed, strict=True)
        found.update((finding, edits(texts[path], text)) for finding, text in pairs if text is not None)
    return found


def save(root: Path, path: str, before: str, after: str) -> str | None:
    """Write a fixed file in its own encoding; why not, if it cannot be written or has changed since it was read."""
    place = root / path
    try:
        data = place.read_bytes()
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        if data != mark + before.encode(encoding):
            return "changed while it was being fixed; run again"
        write_atomically(place, mark + after.encode(encoding))
    except UnicodeEncodeError as error:
        return f"the fix cannot be written as {error.encoding}"
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    return None


def _jobs(
    outcome: Outcome, texts: dict[str, str], unsafe: bool, only: Collection[str], tried: Collection[object]
) -> dict[str, list[tuple[Finding, Fix]]]:
    jobs: dict[str, list[tuple[Finding, Fix]]] = {}
    for finding in outcome.findings:
        path = finding.location.path
        if (only and finding.rule not in only) or _key(finding, texts[path]) in tried:
            continue
        fix = next((fix for fix in finding.fixes if fix.safe or unsafe), None)
        if fix is not None:
            jobs.setdefault(path, []).append((finding, fix))
    for wanted in jobs.values():  # an argument first: a call that has become an argument itself is harder to change
        wanted.sort(key=lambda job: job[1].recipe != "add_keyword")
    return jobs


def _key(finding: Finding, text: str) -> tuple[str, str, str, str]:
    """What a finding is by rule, place and the code on its line: a fix that leaves it is not tried again."""
    lines = list(io.StringIO(text, newline=""))
    return (finding.rule, finding.site.path, finding.site.qualname, lines[finding.location.span.line - 1].strip())


def _with(source: SourceFile, changed: dict[str, str]) -> SourceFile:
    return replace(source, text=changed[source.path]) if source.path in changed else source
