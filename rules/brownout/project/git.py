"""git, asked for what it has stored: nothing here writes, looks at the work tree, or runs a hook or a filter."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from brownout.project.settings import ConfigError

TIME_LIMIT = 120.0
"""Seconds for one command; a partial clone fetches what it lacks."""

LINK, SUBMODULE = "120000", "160000"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a commit; `path` is relative to the folder that was asked about."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that is compared with; `exact` unless it should have been the point where the branches part."""

    name: str
    id: str
    exact: bool = True


def fork_point(root: Path, name: str) -> Commit:
    """Where the current branch parted from `name`; `name` itself where the clone does not reach back that far."""
    if name.startswith("-") or not name.strip():
        raise ConfigError(f"--diff-base: {name!r} is no name of a commit")
    inside = _git(root, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0:
        raise ConfigError(f"--diff-base: {_reason(inside) or f'{root} is not in a git repository'}")
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if found.returncode != 0:
        raise ConfigError(f"--diff-base: there is no commit {name!r} here{_depth(root, name)}")
    commit = found.stdout.decode().strip()
    forked = _git(root, "merge-base", "HEAD", commit)
    if forked.returncode != 0:
        return Commit(name, commit, exact=False)
    return Commit(name, forked.stdout.decode().split()[0])


def exact(root: Path, commit: str) -> Commit | None:
    """A commit by its id, if the clone holds it."""
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    return Commit(commit[:10], found.stdout.decode().strip()) if found.returncode == 0 else None


def head(root: Path) -> list[str]:
    """The id of the commit that is checked out, and of its parents, those that a shallow clone lacks included."""
    found = _git(root, "cat-file", "commit", "HEAD")
    if found.returncode != 0:
        return []
    own = _asked(root, "rev-parse", "HEAD").decode().strip()
    lines = found.stdout.split(b"\n\n")[0].decode(errors="replace").splitlines()
    return [own, *(line.removeprefix("parent ") for line in lines if line.startswith("parent "))]


def prefix(root: Path) -> str | None:
    """The way from the repository's top to a folder, empty or ending in a slash; None outside of a repository."""
    found = _git(root, "rev-parse", "--show-prefix")
    return os.fsdecode(found.stdout.rstrip(b"\n")) if found.returncode == 0 else None


def files(root: Path, commit: str) -> list[Stored]:
    """All files below the folder `root` as the commit has them."""
    below = prefix(root) or ""
    listing = _asked(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *([below] if below else []))
    return [_stored(record, below) for record in listing.split(b"\0") if record]


def contents(root: Path, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each blob, in one go."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return
    answer = _asked(root, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in wanted).encode())
    start = 0
    for blob in wanted:
        end = answer.index(b"\n", start)
        head = answer[start:end].split()
        if head[1:2] != [b"blob"]:
            raise ConfigError(f"--diff-base: git has no content for {blob}: {answer[start:end].decode()}")
        size = int(head[2])
        yield blob, answer[end + 1 : end + 1 + size]
        start = end + 1 + size + 1


def _stored(record: bytes, below: str) -> Stored:
    facts, _, path = record.partition(b"\t")
    mode, _, blob = facts.split()
    return Stored(os.fsdecode(path).removeprefix(below), mode.decode(), blob.decode())


def _depth(root: Path, name: str) -> str:
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() != b"true":
        return ""
    remote, _, branch = name.rpartition("/")
    return f": the clone is shallow. Fetch it: git fetch --depth=1 {remote or 'origin'} {branch}"


def _asked(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = _git(root, *arguments, given=given)
    if done.returncode != 0:
        raise ConfigError(f"--diff-base: git {arguments[0]}: {_reason(done)}")
    return done.stdout


def _git(root: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(root), *arguments]
    quiet = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(command, input=given, capture_output=True, env=quiet, timeout=TIME_LIMIT, check=False)
    except FileNotFoundError as error:
        raise ConfigError("--diff-base: git is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"--diff-base: git {arguments[0]} took longer than {TIME_LIMIT:.0f} s") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else ""
