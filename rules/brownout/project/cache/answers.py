"""Whole answers of `brownout check`: what was printed about a tree of this content, asked in these words."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping

from brownout.project.cache.reading import Look, Reading, Record, content_id, tree_id
from brownout.project.cache.stamp import stamp
from brownout.project.cache.store import Store

_TABLES = {"folders": list, "files": list, "fixed": str, "links": str, "probes": bool}


class Answer:
    """What a check prints, in parts between which the seconds stand that it took; `errors`; whether it fails."""

    __slots__ = ("errors", "failing", "parts")

    def __init__(self, parts: list[str], errors: str, failing: bool) -> None:
        self.parts = parts
        self.errors = errors
        self.failing = failing


class Question:
    """A check to be made: of the project at `root`, with words that decide what is read, and words for the rest."""

    def __init__(self, store: Store, root: str, reading: Mapping[str, object], rest: Mapping[str, object]) -> None:
        self.store = store
        self.root = root
        self._asker = [stamp(store), str(getattr(os, "geteuid", int)())]
        self._rest = rest
        self._tree = f"tree-{self._name(root, reading)}"

    def recall(self) -> Answer | None:
        """The answer, if nothing that it depends on has changed since it was given."""
        record = _record(self.store.load(self._tree))
        if record is None:
            return None
        look = Look(self.root, record, self._index)
        if not look.same:
            return None
        name = self._answer(record)
        found = _answer(self.store.load(name))
        if found is not None:
            self.store.used(name)
            if look.touched:
                self.store.save(self._tree, record)
        return found

    def _index(self) -> Mapping[str, tuple[int, str]]:
        from brownout.project.cache import gitindex

        return gitindex.blobs(self.root)

    def remember(self, reading: Reading, answer: Answer) -> None:
        """Keep an answer, unless what decided about it has changed meanwhile."""
        if not reading.complete or any(content_id(reading.place(path)) != id for path, id in reading.fixed.items()):
            return
        found = _record(json.loads(json.dumps(reading.record())))
        if found is not None and self.store.save(self._tree, found):
            page = {name: getattr(answer, name) for name in Answer.__slots__}
            self.store.save(self._answer(found), page)
            self.store.tidy()

    def _answer(self, record: Record) -> str:
        return f"answer-{self._name(self._tree, tree_id(record), self._rest)}"

    def _name(self, *parts: object) -> str:
        text = json.dumps([*self._asker, *parts], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def _record(found: object) -> Record | None:
    """What is a record by its form; the signature says that it is one of ours."""
    if not isinstance(found, dict) or found.keys() != _TABLES.keys():
        return None
    return found


def _answer(found: object) -> Answer | None:
    return Answer(**found) if isinstance(found, dict) and found.keys() == set(Answer.__slots__) else None
