"""Findings on published packages: counts per rule against the committed ones, and every finding that came or went."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from brownout.core import Finding
from brownout.project.checking import check_workspace
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace

from wild.fetch import CACHE, HERE, Package, fetch, packages

COUNTS = HERE / "counts.toml"
FOUND = CACHE / "findings"


@dataclass(frozen=True, slots=True)
class Wild:
    """One finding in a package: its key survives edits elsewhere in the file."""

    key: str
    project: str
    rule: str
    path: str
    line: int
    severity: str
    message: str
    notes: tuple[str, ...]


def check(package: Package) -> tuple[str, list[Wild], str]:
    """The findings in one package that a user would see by default, and a word on how it went."""
    started = time.perf_counter()
    folder = fetch(package)
    workspace = open_workspace(folder, [folder], Settings())
    outcome = check_workspace(workspace, Settings())
    for item in outcome.unreadable:
        if "bug in brownout" in item.message:
            print(f"FAILED: {package.name}/{item.path}: {item.message}", flush=True)
    texts = {source.path: source.text.split("\n") for source in workspace.sources}
    seen: Counter[str] = Counter()
    found: list[Wild] = []
    for finding in outcome.findings:
        key = _key(package, finding, texts[finding.location.path])
        seen[key] += 1
        notes = tuple(f"{n.location.path}:{n.location.span.line} {n.message}" for n in finding.notes)
        found.append(
            Wild(
                f"{key}-{seen[key]}", package.name, finding.rule, finding.location.path, finding.location.span.line,
                finding.severity.value, finding.message, notes,
            )
        )  # fmt: skip
    seconds = time.perf_counter() - started
    word = (
        f"{len(workspace.sources)} files, {outcome.lines} lines, {len(outcome.unreadable)} unreadable, {seconds:.1f} s"
    )
    return package.name, found, word


def _key(package: Package, finding: Finding, lines: list[str]) -> str:
    line = lines[finding.location.span.line - 1].strip()
    parts = (package.name, finding.rule, finding.site.path, finding.site.qualname, finding.site.name, line)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def load(name: str) -> list[Wild]:
    """The findings of the last run in a package."""
    path = FOUND / f"{name}.jsonl"
    if not path.exists():
        return []
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Wild(key, project, rule, file, line, severity, message, tuple(notes))
        for key, project, rule, file, line, severity, message, notes in rows
    ]


def _save(name: str, found: Iterable[Wild]) -> None:
    FOUND.mkdir(parents=True, exist_ok=True)
    rows = [[w.key, w.project, w.rule, w.path, w.line, w.severity, w.message, w.notes] for w in found]
    (FOUND / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def counts_page(counts: dict[str, Counter[str]]) -> str:
    """`counts.toml`: findings per package and rule."""
    lines = ["# Findings per package and rule at the default settings. Written by `make wild`; read the diff."]
    for project in sorted(counts):
        lines += ["", f'["{project}"]', *(f"{rule} = {counts[project][rule]}" for rule in sorted(counts[project]))]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Check all packages, or those named; print what changed since the last run; write the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rule", help="print only this rule's changes")
    arguments = parser.parse_args()
    chosen = [package for package in packages() if not arguments.names or package.name in arguments.names]
    counts: dict[str, Counter[str]] = {}
    with ProcessPoolExecutor(2) as pool:
        for name, found, word in pool.map(check, chosen):
            print(f"{name}: {len(found)} findings; {word}", flush=True)
            before = {wild.key: wild for wild in load(name)}
            now = {wild.key: wild for wild in found}
            for sign, rows, other in (("-", before, now), ("+", now, before)):
                for key, wild in rows.items():
                    if key not in other and arguments.rule in (None, wild.rule):
                        print(f"{sign} {wild.rule} {name}/{wild.path}:{wild.line} {wild.severity} {wild.message}")
            _save(name, found)
            counts[name] = Counter(wild.rule for wild in found)
    if not arguments.names:
        COUNTS.write_text(counts_page(counts), encoding="utf-8")
    total = sum(counts.values(), Counter())
    print(*(f"{rule}: {count}" for rule, count in total.most_common()), sep="\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
