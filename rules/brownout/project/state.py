"""What a session knows, as bytes: summaries, findings and what they were found by; no syntax trees.

It is a pickle, since nothing else reads a hundred thousand rows in a fraction of a second. It is taken only from a
store, which believes only what is signed with this user's key; and even then nothing is made but values that a few
modules define, so that no pickle, whoever wrote it, can call a function.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from enum import Enum

from brownout.core import Finding
from brownout.engine import shared_heads
from brownout.facts.asked import Reads
from brownout.facts.summary import ModuleSummary
from brownout.model.source import SourceFile, Unreadable
from brownout.project.pickling import MODULES as VALUES
from brownout.project.pickling import quicken

MOST = 0.2
"""The share of files that may be unknown for it to pay to read them in one process alone."""


@dataclass(slots=True)
class Told:
    """What the rules said of one file, where one of them failed, and what they asked the project."""

    findings: list[Finding] = field(default_factory=list[Finding])
    failed: list[Unreadable] = field(default_factory=list[Unreadable])
    reads: Reads = field(default_factory=dict[str, tuple[object, ...]])


@dataclass(slots=True)
class Known:
    """One file: the name of its source, what others may know of it, what was told of it."""

    id: str
    summary: ModuleSummary
    told: Told


@dataclass(slots=True)
class State:
    """`basis` is what summaries depend on besides the sources, `asked` what findings do."""

    basis: object
    asked: object
    files: dict[str, Known]


def source_id(source: SourceFile, heads: Mapping[str, str]) -> str:
    """A name for all that a file's tables are made from."""
    names = (source.path, source.module, source.is_test, source.root, sorted(heads.items()))
    found = hashlib.blake2b(repr(names).encode("utf-8", "surrogatepass"), digest_size=20)
    found.update(source.text.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def named(
    sources: Iterable[SourceFile],
    heads: Mapping[str, Mapping[str, str]],
    known: Iterable[tuple[ModuleSummary, Told]],
) -> dict[str, Known]:
    """What is known of the sources, in their order, under the names of their texts."""
    told = {summary.path: (summary, told) for summary, told in known}
    return {
        source.path: Known(source_id(source, heads.get(source.root, {})), *told[source.path])
        for source in sources
        if source.path in told
    }


def is_mostly_known(sources: Sequence[SourceFile], files: Mapping[str, Known]) -> bool:
    """Whether so few sources are others than these that it pays to start from them in one process alone."""
    heads = shared_heads(sources) if files else {}
    unknown = sum(
        1
        for source in sources
        if (known := files.get(source.path)) is None or known.id != source_id(source, heads.get(source.root, {}))
    )
    return unknown <= MOST * len(sources)


def pack(state: State) -> bytes:
    """The state as bytes."""
    quicken()
    return pickle.dumps(state, protocol=5)


def unpack(data: bytes | memoryview) -> State | None:
    """The state that `pack` made bytes of; None for anything else."""
    try:
        found = _Reader(io.BytesIO(data)).load()
    except Exception:  # whatever a pickle can be wrong in
        return None
    return found if isinstance(found, State) else None


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        found = getattr(sys.modules.get(module), name, None) if module in _MODULES else None
        if isinstance(found, type) and found.__module__ == module and (is_dataclass(found) or issubclass(found, Enum)):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a state")


_MODULES = VALUES | {State.__module__}
"""Where values are defined; only their dataclasses and enumerations are made."""
