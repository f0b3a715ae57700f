"""Bad code and what the fixes make of it, run for real in a process that may be cut short."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from brownout.fixes.apply import apply
from brownout.report.pages import parse
from checking import RULES, findings
from literate import MARK


def bad(rule: str) -> str:
    """The first Bad example of a rule's page."""
    example = parse(RULES[rule].doc).code("Bad")[0]
    return "\n".join(MARK.sub("", line) for line in example.splitlines()) + "\n"


def fixed(rule: str, source: str) -> str:
    """What the rule's own fix makes of a source; the fix must be offered, and change something."""
    offered = [found.fixes[0] for found in findings({"app.py": source}, rule) if found.fixes]
    assert offered, f"{rule} offers no fix"
    after = apply(source, offered).source
    assert after != source
    return after


def run(source: str, accident: str, folder: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a module and then the accident, in a process of its own whose current folder is `folder`."""
    script = folder / "accident.py"
    script.write_text(f"{before}\n{source}\n{accident}\n", encoding="utf-8")
    command = [sys.executable, str(script)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
