"""What the job's log is told. No line of ours can be taken for a command to the runner, whatever a file is called."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from brownout.render.report import plain


@dataclass(slots=True)
class Log:
    """The log, and the remarks: one honest line for each thing that could not be done as it should."""

    stream: TextIO
    remarks: list[str] = field(default_factory=list[str])

    def say(self, text: str) -> None:
        """A line of the log."""
        print(f"brownout: {plain(text)}", file=self.stream, flush=True)

    def remark(self, text: str) -> None:
        """A line that the summary repeats."""
        self.remarks.append(text)
        self.say(text)

    def error(self, text: str) -> None:
        """Why nothing could be done at all."""
        message = plain(text).replace("%", "%25")
        self.command(f"::error title=brownout::{message}\n")

    def command(self, text: str) -> None:
        """Workflow commands, made by whoever calls."""
        self.stream.write(text)
        self.stream.flush()


def append(path: str, text: str) -> None:
    """Add to one of the runner's files; without the file, as outside of GitHub, nothing is done."""
    if path:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def outputs(path: str, values: dict[str, str]) -> None:
    """Set the step's outputs; the word that ends a value cannot be guessed by what is in it."""
    end = f"end-{secrets.token_hex(16)}"
    append(path, "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items()))
