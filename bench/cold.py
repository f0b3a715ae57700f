"""Cold CPU of brownout against bare `ast.parse`, per tree: `python bench/cold.py [--runs N] TREE [TREE …]`.

One process each, without a cache, the two taken in turns so that a busy machine strikes both. The ratio is of the best
runs; beside it stands the spread of the ratios of the turns.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench import HERE, PYTHON, Run, found, lines_of, measured


def turns(tree: Path, count: int) -> list[tuple[Run, Run]]:
    """Bare parsing and brownout on one tree, `count` times in turns."""
    program = found("brownout") or sys.exit("brownout is not installed beside this interpreter")
    parse = [PYTHON, str(HERE / "parse.py"), str(tree)]
    check = [program, "check", "-q", "-j1", "--no-cache", "--exit-zero", "--output-format", "json", str(tree)]
    return [(measured(parse), measured(check)) for _ in range(count)]


def main() -> None:
    """One line for each tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    print(
        f"Python {sys.version.split()[0]}; load {os.getloadavg()[0]:.1f}; best of {arguments.runs} turns, CPU seconds"
    )
    print(f"{'':28} {'lines':>9} {'parse':>7} {'check':>7} {'ratio':>6} {'spread':>11} {'k lines/s':>9} {'MiB':>6}")
    for tree in arguments.trees:
        pairs = turns(tree.resolve(), arguments.runs)
        ratios = sorted(check.cpu / parse.cpu for parse, check in pairs)
        parse = min(one.cpu for one, _ in pairs)
        check = min((one for _, one in pairs), key=lambda run: run.cpu)
        lines = lines_of(tree)
        print(
            f"{tree.name[:28]:28} {lines:9} {parse:7.2f} {check.cpu:7.2f} {check.cpu / parse:6.2f}"
            f" {ratios[0]:5.2f}–{ratios[-1]:5.2f} {lines / check.cpu / 1000:9.1f} {check.memory:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
