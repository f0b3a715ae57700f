"""A project with a cache of its own, checked through the command line's door in this process."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from brownout import cli
from brownout.commands import judging

BAD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
GOOD = "import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=3)\n"


class Checked:
    """What a check said, and whether it did the work or remembered."""

    def __init__(self, code: int, text: str, errors: str, *, worked: bool) -> None:
        self.code = code
        self.text = text
        self.errors = errors
        self.worked = worked

    @property
    def said(self) -> tuple[int, str, str]:
        return (self.code, self.text, self.errors)


class Desk:
    """A folder to be checked."""

    def __init__(self, root: Path, capsys, monkeypatch) -> None:
        self.root = root
        self.capsys = capsys
        self.work = 0
        real = judging.judge

        def counted(*arguments):
            self.work += 1
            return real(*arguments)

        monkeypatch.setattr(judging, "judge", counted)

    @property
    def entries(self) -> list[Path]:
        """What is kept."""
        return sorted((self.root / ".brownout_cache" / "entries").glob("*"))

    def write(self, path: str, text: str) -> Path:
        """Write a file; its folder is made."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def check(self, *arguments: str, path: str = "") -> Checked:
        """Check; columns and times of a terminal have no part in it."""
        before = self.work
        self.capsys.readouterr()
        code = cli.main(["check", "--output-format", "json-lines", *arguments, str(self.root / path)])
        gc.enable()
        text, errors = self.capsys.readouterr()
        return Checked(code, text, errors, worked=self.work > before)

    def fresh(self, *arguments: str) -> Checked:
        """Check without a cache."""
        return self.check("--no-cache", *arguments)

    def age(self) -> None:
        """Make all files so old that their times can be trusted, but for the time of their last status change."""
        for path in self.root.rglob("*"):
            if ".brownout_cache" not in path.parts:
                os.utime(path, (1_000_000_000, 1_000_000_000))


def in_child(work) -> int:
    """Do something in a process of its own; the status that it ended with, as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        try:
            code = work()
            os._exit(code if isinstance(code, int) else 0)
        finally:
            os._exit(99)
    return os.waitpid(child, 0)[1]
