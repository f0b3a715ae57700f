"""Side by side with the peers on one tree: wall time, CPU time and memory, cold and warm, as ratios to bare parsing.

`python bench/bench.py TREE [TREE …]`. A tool that is not installed (next to this interpreter or on PATH) is named and
left out. Each runs in a process of its own; the first of three runs is `cold` (its own caches removed), the best of the
other two `warm`. Seconds of a shared machine mean little, ratios within one run do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIMIT = 1800


@dataclass(frozen=True, slots=True)
class Tool:
    """A command to measure; `{tree}` and `{cache}` are filled in."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One measured process: seconds of wall and CPU time, and the peak of its memory in MiB."""

    wall: float
    cpu: float
    memory: float


PYTHON = sys.executable
TOOLS = (
    Tool("ast.parse", (PYTHON, str(HERE / "parse.py"), "{tree}")),
    Tool(
        "brownout", ("brownout", "check", "--exit-zero", "--output-format", "json", "--cache-dir", "{cache}", "{tree}")
    ),
    Tool(
        "ruff S113,ASYNC", ("ruff", "check", "--select", "S113,ASYNC", "--cache-dir", "{cache}", "-q", "-e", "{tree}")
    ),
    Tool("bandit", ("bandit", "-q", "-r", "--exit-zero", "{tree}")),
    Tool("flake8-async", ("flake8", "--isolated", "--select=ASYNC", "-j1", "--exit-zero", "-q", "{tree}")),
    Tool("ty-async", ("ty-async", "{tree}")),
    Tool(
        "pylint, 3 checks",
        ("pylint", "--disable=all", "--enable=W3101,W1510,W0718", "--exit-zero", "--recursive=y", "{tree}"),
    ),
    Tool(
        "semgrep, 4 rules", ("semgrep", "scan", "--metrics=off", "-q", "--config", str(HERE / "semgrep.yml"), "{tree}")
    ),
)


def measured(command: list[str]) -> Run:
    """Run a command to its end; raises `subprocess.TimeoutExpired` after half an hour."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env={**os.environ, "SEMGREP_SEND_METRICS": "off"})
        deadline = started + LIMIT
        while True:
            pid, _status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.perf_counter() > deadline:
                process.kill()
                raise subprocess.TimeoutExpired(command, LIMIT)
            time.sleep(0.002)
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def found(program: str) -> str | None:
    """Where a program is: next to this interpreter first."""
    near = Path(sys.executable).parent / program
    return str(near) if near.exists() else shutil.which(program)


def runs(tool: Tool, tree: Path, cache: Path) -> tuple[Run, Run] | None:
    """The cold run and the best warm one; None for a tool that is not here."""
    program = found(tool.command[0])
    if program is None:
        return None
    command = [program, *(part.format(tree=tree, cache=cache) for part in tool.command[1:])]
    cold = measured(command)
    warm = min((measured(command) for _ in range(2)), key=lambda run: run.cpu)
    return cold, warm


def lines_of(tree: Path) -> int:
    """Lines of Python below a folder."""
    return sum(path.read_bytes().count(b"\n") for path in tree.rglob("*.py"))


def main() -> None:
    """Measure every tool on every tree and print one table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--only", action="append", help="measure only tools with this in their name")
    arguments = parser.parse_args()
    for tree in arguments.trees:
        lines = lines_of(tree)
        print(f"\n{tree.name}: {lines} lines; load {os.getloadavg()[0]:.1f}; Python {sys.version.split()[0]}")
        print(
            f"{'':18} {'cold s':>8} {'cpu s':>8} {'warm s':>8} {'cpu s':>8} {'MiB':>6} {'k lines/s':>10} {'x parse':>8}"
        )
        floor = 0.0
        with tempfile.TemporaryDirectory() as cache:
            for tool in TOOLS:
                if arguments.only and not any(word in tool.name for word in (*arguments.only, "ast.parse")):
                    continue
                pair = runs(tool, tree.resolve(), Path(cache))
                if pair is None:
                    print(f"{tool.name:18} is not installed")
                    continue
                cold, warm = pair
                floor = floor or cold.cpu
                print(
                    f"{tool.name:18} {cold.wall:8.2f} {cold.cpu:8.2f} {warm.wall:8.2f} {warm.cpu:8.2f}"
                    f" {cold.memory:6.0f} {lines / cold.cpu / 1000:10.1f} {cold.cpu / floor:8.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
