"""What the base has, kept between jobs: the second push to a pull request checks and audits its own commit only.

What is kept is named by all that it depends on: brownout itself, the settings, every source and every version that was
read of the base. Entries are signed data, as those of `brownout check` are: none of them is code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from brownout.project.baseline import Earlier, as_earlier, earlier_of, entry_of, trace_of
from brownout.project.cache.stamp import stamp
from brownout.project.cache.store import Store
from brownout.project.checking import Outcome
from brownout.project.history import texts_of
from brownout.project.settings import ConfigError, Settings
from brownout.project.workspace import Workspace
from brownout.report.matching import Trace

FOLDER = "BROWNOUT_CACHE_DIR"
"""Where entries are kept; nowhere, if it is not set."""
Scored = dict[str, float | None] | None
"""A score that was kept, by the key `score`; it may be None, where there is nothing to score."""


def store_of(root: Path, environment: Mapping[str, str]) -> Store | None:
    """Where what is known of a project is kept between jobs, if anywhere."""
    folder = environment.get(FOLDER, "")
    return Store(str(root), folder) if folder else None


def earlier(base: Workspace, settings: Settings, name: str, environment: Mapping[str, str]) -> Earlier:
    """The base's findings: remembered, or found now."""
    store = store_of(base.root, environment)
    if store is None:
        return earlier_of(base, settings, name, jobs=None)
    key = _name(base, settings, store)
    known = _read(store.load(key))
    if known is None:
        found = earlier_of(base, settings, name, jobs=None)
        _keep(store, key, found)
        return found
    store.used(key)
    return Earlier(name, known, texts_of(base))


def keep(outcome: Outcome, workspace: Workspace, settings: Settings, environment: Mapping[str, str]) -> None:
    """Keep what was found in a commit that pull requests will be compared with."""
    store = store_of(workspace.root, environment)
    if store is not None:
        _keep(store, _name(workspace, settings, store), as_earlier(outcome, workspace, ""))


def score(
    workspace: Workspace, settings: Settings, others: Mapping[str, str], environment: Mapping[str, str]
) -> Scored:
    """The score of a commit that was audited before; `others` are its files that are not Python."""
    store = store_of(workspace.root, environment)
    found = store.load(_score_name(workspace, settings, others, store)) if store is not None else None
    return found if isinstance(found, dict) and isinstance(found.get("score"), float | None) else None


def keep_score(
    value: float | None,
    workspace: Workspace,
    settings: Settings,
    others: Mapping[str, str],
    environment: Mapping[str, str],
) -> None:
    """Keep the score of a commit: pull requests may be compared with it."""
    store = store_of(workspace.root, environment)
    if store is not None:
        store.save(_score_name(workspace, settings, others, store), {"score": value})


def _score_name(workspace: Workspace, settings: Settings, others: Mapping[str, str], store: Store) -> str:
    parts = (part for item in sorted(others.items()) for part in item)
    return f"score-{_digest((_name(workspace, settings, store), *parts))}"


def _keep(store: Store, key: str, found: Earlier) -> None:
    store.save(key, [{**entry_of(trace), "line": trace.line} for trace in found.traces])
    store.tidy()


def _name(base: Workspace, settings: Settings, store: Store) -> str:
    wanted = sorted(base.wanted) if base.wanted is not None else None
    parts: list[object] = [stamp(store), settings, sorted(base.versions.items()), wanted, base.unreadable]
    parts += [(source.path, source.module, source.root, source.is_test) for source in base.sources]
    return f"base-{_digest((*map(repr, parts), *(source.text for source in base.sources)))}"


def _digest(texts: Iterable[str]) -> str:
    """A name for these texts, one after the other: what ends where counts, too."""
    digest = hashlib.blake2b(digest_size=20)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _read(found: object) -> tuple[Trace, ...] | None:
    if not isinstance(found, list):
        return None
    try:
        return tuple(trace_of(entry, "cache") for entry in found)
    except ConfigError:
        return None
