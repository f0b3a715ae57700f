"""Git repositories for tests, made by the real git and by nobody's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", *AUTHOR, "-C", str(folder), *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, **NOBODY},
        timeout=60,
    )
    return done.stdout.decode().strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Files by path, as they are to be, byte for byte."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")


def commit(folder: Path, message: str = "work") -> str:
    """Commit everything; the commit's id."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    """A repository with one commit on `main`."""
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder
