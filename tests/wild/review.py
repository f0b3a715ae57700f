"""Findings on published packages, read and judged: which wait for a verdict, and the precision of each rule."""

from __future__ import annotations

import argparse
import random
import tomllib
from collections import defaultdict
from pathlib import Path

from wild.check import Wild, load
from wild.fetch import HERE, fetch, packages

REVIEWED = HERE / "reviewed"
SAMPLE = 50
VERDICTS = ("true", "false alarm", "debatable")


def sample() -> dict[str, list[Wild]]:
    """Up to 50 findings of each rule over all packages, drawn with a fixed seed that the rule's name makes its own."""
    by_rule: dict[str, list[Wild]] = defaultdict(list)
    for package in packages():
        for wild in load(package.name):
            by_rule[wild.rule].append(wild)
    return {rule: _draw(rule, found) for rule, found in sorted(by_rule.items())}


def _draw(rule: str, found: list[Wild]) -> list[Wild]:
    found.sort(key=lambda wild: wild.key)
    if len(found) <= SAMPLE:
        return found
    # each finding has its own lot, so that a change of one rule does not draw all others anew
    return sorted(found, key=lambda wild: random.Random(f"{rule}{wild.key}").random())[:SAMPLE]


def verdicts() -> dict[str, dict[str, str]]:
    """The verdicts by key."""
    files = (tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(REVIEWED.glob("*.toml")))
    return {row["key"]: row for file in files for row in file.get("finding", [])}


def show(wild: Wild) -> None:
    """Print a finding with the code around it and the code of its notes."""
    folder = next(fetch(package) for package in packages() if package.name == wild.project)
    print(f"\n=== {wild.key} {wild.rule} {wild.severity} {wild.project} {wild.path}:{wild.line}\n    {wild.message}")
    for note in wild.notes:
        print(f"    note: {note}")
    _lines(folder / wild.path, wild.line, 12, 14)


def _lines(path: Path, line: int, before: int, after: int) -> None:
    text = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for number in range(max(1, line - before), min(len(text), line + after) + 1):
        print(f"{'>' if number == line else ' '}{number:5} {text[number - 1][:150]}")


def main() -> None:
    """Print the findings of the sample that have no verdict yet (--show), or the precision of each rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", metavar="RULE", help="print this rule's findings without a verdict")
    arguments = parser.parse_args()
    known = verdicts()
    for rule, found in sample().items():
        if arguments.show:
            if rule == arguments.show:
                for wild in found:
                    if wild.key not in known:
                        show(wild)
            continue
        judged = [known[wild.key]["verdict"] for wild in found if wild.key in known]
        true, false = judged.count("true"), judged.count("false alarm")
        rest = f"{judged.count('debatable')} debatable, {len(found) - len(judged)} not read"
        share = f"{true / (true + false):.2f}" if true + false else "  - "
        print(f"{rule:32} {share}  {true} of {true + false} true; {rest}")


if __name__ == "__main__":
    main()
