"""The scores of published packages, for the audit to compare with: `make scores` renews the audit's own page."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brownout.project.auditing import audit_workspace
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace

from wild.fetch import fetch, packages

PAGE = Path(__file__).parents[2] / "rules" / "brownout" / "audit" / "scores.toml"
HEAD = "# Scores of published projects at pinned versions, by tests/wild/scores.py (`make scores`).\n[scores]\n"


def main() -> None:
    """Audit the named packages, or all, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args().names
    lines: list[str] = []
    for package in packages():
        if chosen and package.name not in chosen:
            continue
        started = time.perf_counter()
        folder = fetch(package)
        settings = Settings(respect_gitignore=False)
        audit = audit_workspace(open_workspace(folder, [folder], settings), settings)
        score = audit.score
        seconds = time.perf_counter() - started
        print(f"{package.name} {score.value} effects={score.effects} burden={score.burden} {seconds:.0f} s", flush=True)
        if score.value is not None:
            lines.append(f'"{package.name} {package.version}" = {score.value}\n')
            PAGE.write_text(HEAD + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
