"""The Action on a pull request of ten files in a generated project of 1,000: setting up and checking, cold and warm.

`python bench/action.py [--files 1000]`. It runs what action.yml runs: setup.sh, then launch.py, each in a process.
Nothing is posted, as there is no token.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from server import generate  # noqa: E402

CHANGED = 10


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *author, "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def timed(name: str, command: list[str], environment: dict[str, str]) -> str:
    """Run a step, print its wall and CPU time; what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = next((line for line in done.stdout.splitlines() if " findings in " in line or "ready in" in line), "")
    print(f"{name}: {time.perf_counter() - began:.1f} s, CPU {cpu:.1f} s; {said}", flush=True)
    return done.stdout


def measure(files: int) -> None:
    """A repository, a pull request, and four jobs."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        project = folder / "project"
        project.mkdir()
        generate(project, files, [100])
        git(project, "init", "-q", "-b", "main")
        git(project, "add", "-A")
        git(project, "commit", "-qm", "base")
        base = git(project, "rev-parse", "HEAD")
        for number in range(CHANGED):
            path = project / "service" / f"module_{number * 7}.py"
            path.write_text(f"{path.read_text()}\n\ndef more(url):\n    return httpx.get(url, timeout=None)\n")
        git(project, "commit", "-qam", "change")
        pull = {"number": 1, "head": {"sha": git(project, "rev-parse", "HEAD")}, "base": {"sha": base}}
        (folder / "event.json").write_text(json.dumps({"number": 1, "pull_request": pull}))
        jobs(folder, project)


def jobs(folder: Path, project: Path) -> None:
    """Setting up and checking, twice each: the second time with what the first has kept; then without the score."""
    common = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_WORKSPACE": str(project),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "RUNNER_TEMP": str(folder),
        "RUNNER_TOOL_CACHE": str(folder / "tools"),
    }
    for kind in ("cold", "warm"):
        (folder / "output").unlink(missing_ok=True)
        timed(f"setting up, {kind}", ["bash", str(ROOT / "action" / "setup.sh")], common)
    told = dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())
    check = [told["python"], "-I", "-X", "utf8", str(ROOT / "action" / "launch.py")]
    for kind, more in (("cold", {}), ("warm", {}), ("warm, without score", {"BROWNOUT_INPUT_SCORE": "false"})):
        timed(f"check, {kind}", check, {**common, "BROWNOUT_CACHE_DIR": told["cache"], **more})


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    measure(parser.parse_args().files)


if __name__ == "__main__":
    main()
