"""The second time: a check of a tree that has not changed, that was only touched, and with one changed file.

`python bench/again.py TREE [--runs 5] [--edits 100] [--steady 0]`. The tree is copied first. Commands are measured as
processes (CPU time of theirs, least and median), edits in a session as an editor makes them: `same` leaves what other
files know of the file as it is, `new` adds a function. `--steady N` makes N edits more and tells the memory on the way.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from brownout.project.cache.store import Store
from brownout.project.remembering import keep, recall
from brownout.project.session import Session
from brownout.project.settings import Settings

from bench import Run, lines_of, measured

SETTLED = 2.1
"""Seconds after which the time of a change can be trusted."""
EDITS = {"same": "\n# {}\n", "new": "\n\ndef new_{0}():\n    return open('{0}')\n"}
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> float:
    """MiB of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


def tell(name: str, runs: list[Run]) -> None:
    """One line about the runs of a command."""
    cpu = [run.cpu for run in runs]
    least, middle = min(cpu), statistics.median(cpu)
    wall, memory = min(run.wall for run in runs), max(run.memory for run in runs)
    print(f"{name:34} cpu {least:7.3f} s, median {middle:7.3f}; wall {wall:7.3f} s; {memory:5.0f} MiB", flush=True)


def commands(root: Path, sources: list[Path], runs: int, cold: bool) -> None:
    """What the command line costs."""
    brownout = [sys.executable, "-m", "brownout"]
    check = [*brownout, "check", "--exit-zero", "--output-format", "concise", str(root)]
    largest = middle_sized(sources)
    tell("python -c pass", [measured([sys.executable, "-c", "pass"]) for _ in range(runs)])
    tell("brownout --version", [measured([*brownout, "--version"]) for _ in range(runs)])
    if cold:
        tell("cold, one process", [measured([*check, "--no-cache", "-j", "1"])])
        tell("cold, two processes", [measured([*check, "--no-cache", "-j", "2"])])
    time.sleep(SETTLED)
    tell("cold, all processes, kept", [measured(check)])
    tell("unchanged", [measured(check) for _ in range(runs)])

    def touched(count: int) -> Run:
        for path in sources:
            os.utime(path, (1_000_000_000 + count, 1_000_000_000 + count))
        time.sleep(SETTLED)
        return measured(check)

    tell("touched", [touched(count) for count in range(runs)])
    for name, text in (
        ("same", "\n# {}\n"),
        ("new", "\n\ndef new_{0}():\n    return open('{0}')\n"),
    ):

        def changed(count: int, text: str = text) -> Run:
            with largest.open("a", encoding="utf-8") as file:
                file.write(text.format(count))
            return measured(check)

        tell(f"one changed file, {name}", [changed(count) for count in range(runs)])


def middle_sized(sources: list[Path]) -> Path:
    """The file that is nearest to 1,000 lines."""
    plain = [path for path in sources if "test" not in path.name and "tests" not in path.parts]
    return min(plain, key=lambda path: abs(path.read_bytes().count(b"\n") - 1000))


def edits(root: Path, sources: list[Path], count: int, steady: int) -> None:
    """What an edit costs in a session that is held open, and what it holds."""
    gc.disable()
    store = Store(str(root), str(root.parent / "kept"))
    first = Session(root)
    first.open()
    keep(first, store)
    print(f"{'session, read from scratch':34} {resident():5.0f} MiB", flush=True)
    path = middle_sized(sources).relative_to(root).as_posix()
    if (child := os.fork()) == 0:
        os.execv(sys.executable, [sys.executable, __file__, str(root), "--held", path, "--steady", str(steady)])
    os.waitpid(child, 0)
    text = first.text(path) or ""
    for name, more in (("same", "\n# {}\n"), ("new", "\n\ndef new_{0}():\n    return open('{0}')\n")):
        many = count if name == "same" else max(3, count // 20)
        times = [
            timed(lambda number=number, more=more: first.update(path, text + more.format(number)))
            for number in range(many)
        ]
        slow = sorted(times)[int(len(times) * 0.95)] * 1000
        print(
            f"edit, {name:28} median {statistics.median(times) * 1000:7.1f} ms, p95 {slow:7.1f} ms of CPU; {many} edits"
        )


def timed(work: Callable[[], object]) -> float:
    """Seconds of CPU that something takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def held(root: Path, path: str, steady: int) -> None:
    """A session that starts from what was kept: its memory at first, and after many edits."""
    gc.disable()
    session = Session(root)
    start = timed(lambda: (recall(session, Settings(), Store(str(root), str(root.parent / "kept"))), session.open()))
    gc.collect()
    print(f"{'session, from what was kept':34} {resident():5.0f} MiB, {start:.2f} s of CPU", flush=True)
    text = session.text(path) or ""
    for number in range(steady):
        session.update(path, f"{text}\n# {number}\n")
        if number % 20 == 0:
            gc.collect()
        if number % max(1, steady // 5) == 0 or number == steady - 1:
            print(f"{f'after {number + 1} edits':34} {resident():5.0f} MiB", flush=True)


def main() -> None:
    """Measure a copy of the tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--steady", type=int, default=0)
    parser.add_argument("--cold", action="store_true", help="measure one and two processes from scratch, too")
    parser.add_argument("--held", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.held:
        return held(arguments.tree, arguments.held, arguments.steady)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "tree"
        shutil.copytree(arguments.tree, root, ignore=shutil.ignore_patterns(".brownout_cache", ".git"))
        (root / "pyproject.toml").touch()
        os.environ["XDG_STATE_HOME"] = folder
        sources = sorted(root.rglob("*.py"))
        print(f"{arguments.tree.name}: {len(sources)} files, {lines_of(root)} lines; load {os.getloadavg()[0]:.1f}")
        commands(root, sources, arguments.runs, arguments.cold)
        edits(root, sources, arguments.edits, arguments.steady)
    return None


if __name__ == "__main__":
    main()
