"""A check in parts on several machines: `check --shard I/N` writes one, `merge` puts them together.

Every part reads the whole project, since a helper in one file decides about a route in another; its rules are asked
about its own files only. The merged outcome is that of one check, to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from brownout.core import Finding, __version__
from brownout.model.source import Unreadable
from brownout.project.checking import Outcome, selected
from brownout.project.settings import ConfigError, Settings
from brownout.project.shares import divide
from brownout.project.workspace import Workspace
from brownout.rules import load


@dataclass(frozen=True, slots=True)
class Part:
    """What one part found, and what it is a part of.

    `number` counts from 1; `tree` names the content that was read, `arguments` are the command line's selection.
    """

    tool: str
    number: int
    count: int
    tree: str
    arguments: dict[str, str | bool | list[str] | None]
    findings: tuple[Finding, ...]
    hidden: int
    suppressed: tuple[tuple[Finding, str], ...]
    unreadable: tuple[Unreadable, ...]
    notices: tuple[Unreadable, ...]
    files: int
    lines: int


def part_of(workspace: Workspace, number: int, count: int) -> Workspace:
    """The same project, with findings wanted for the files of part `number` of `count` only."""
    shares = divide(workspace.sources, count)
    own = shares[number - 1] if number <= len(shares) else []
    paths = frozenset(workspace.sources[place].path for place in own)
    return replace(workspace, wanted=paths if workspace.wanted is None else paths & workspace.wanted)


def tree_of(workspace: Workspace, settings: Settings) -> str:
    """A name for what was read and for the settings in force."""
    found = hashlib.sha256(repr((settings, workspace.unreadable, sorted(workspace.versions.items()))).encode())
    for source in workspace.sources:
        found.update(f"{source.path}\0{source.text}\0".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def write(outcome: Outcome, tree: str, number: int, count: int, arguments: Mapping[str, object]) -> bytes:
    """A part as JSON."""
    from pydantic import TypeAdapter

    part = Part(
        __version__, number, count, tree, dict(arguments),  # type: ignore[arg-type]
        outcome.findings, outcome.hidden, outcome.suppressed, outcome.unreadable, outcome.notices,
        outcome.files, outcome.lines,
    )  # fmt: skip
    return TypeAdapter(Part).dump_json(part) + b"\n"


def read(texts: Mapping[str, bytes]) -> list[Part]:
    """The parts in these files, in their order; raises `ConfigError` unless they are all the parts of one check."""
    from pydantic import TypeAdapter, ValidationError

    parts: dict[int, tuple[str, Part]] = {}
    for name, text in texts.items():
        try:
            part = TypeAdapter(Part).validate_json(text)
        except ValidationError:
            raise ConfigError(f"{name}: not a part that `brownout check --shard` wrote") from None
        if part.tool != __version__:
            raise ConfigError(f"{name}: written by brownout {part.tool}, this is {__version__}")
        if part.number in parts:
            raise ConfigError(f"{name}: part {part.number} is in {parts[part.number][0]}, too")
        parts[part.number] = name, part
    first_name, first = next(iter(parts.values()))
    for name, part in parts.values():
        if (part.count, part.tree, part.arguments) != (first.count, first.tree, first.arguments):
            raise ConfigError(f"{name}: part of another check than {first_name}")
    missing = [str(number) for number in range(1, first.count + 1) if number not in parts]
    if missing:
        raise ConfigError(f"of {first.count} parts {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    return [parts[number][1] for number in sorted(parts)]


def merge(parts: Sequence[Part], settings: Settings) -> Outcome:
    """The outcome of the check of which these are all parts."""
    everything = sorted((finding for part in parts for finding in part.findings), key=lambda finding: finding.order)
    suppressed = sorted((pair for part in parts for pair in part.suppressed), key=lambda pair: pair[0].order)
    unreadable = sorted({(item.path, item.line, item.message) for part in parts for item in part.unreadable})
    notices = sorted((item.path, item.line, item.message) for part in parts for item in part.notices)
    return Outcome(
        tuple(everything),
        sum(part.hidden for part in parts),
        tuple(suppressed),
        tuple(Unreadable(*item) for item in unreadable),
        tuple(Unreadable(*item) for item in notices),
        selected(load(), settings),
        parts[0].files,
        parts[0].lines,
    )
