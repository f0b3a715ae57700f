"""Literate cases: a Markdown page is a list of small projects with the expected findings marked on their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

MARK = re.compile(r"[ \t]*# expect\b:?[ \t]*(.*)$")
_PATH = re.compile(r"^`([^`\n]+)`\s*$")


@dataclass(slots=True)
class Case:
    """One case: files by path, and the lines of each on which exactly one finding is expected."""

    title: str
    page: Path
    files: dict[str, str] = field(default_factory=dict[str, str])
    expected: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])

    @property
    def name(self) -> str:
        """How pytest prints the case."""
        return f"{self.page.stem}: {self.title}"


def cases(page: Path) -> list[Case]:
    """The cases of one page, in order."""
    found: list[Case] = []
    path, fence, lines = "", "", list[str]()
    for line in page.read_text(encoding="utf-8").splitlines():
        if fence:
            if line.strip() == fence:
                _add(found[-1], path or "app.py", lines)
                path, fence = "", ""
            else:
                lines.append(line)
        elif line.startswith("## "):
            found.append(Case(line[3:].strip(), page))
        elif match := _PATH.match(line):
            path = match[1]
        elif line.startswith("```") and found:
            fence, lines = "```", []
    return [case for case in found if case.files]


def _add(case: Case, path: str, lines: list[str]) -> None:
    plain: list[str] = []
    for number, line in enumerate(lines, 1):
        match = MARK.search(line) if path.endswith(".py") else None
        if match:
            case.expected.append((path, number, match[1].strip()))
            line = line[: match.start()]
        plain.append(line)
    case.files[path] = "\n".join(plain) + "\n"
