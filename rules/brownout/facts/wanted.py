"""Which calls other files may need to know of: the rest never leaves its file."""

from __future__ import annotations

import re

from brownout.catalog import Catalog
from brownout.facts.link import Links

_HEAD = re.compile(r"[^.()\[\]{}^]+")
_ALWAYS = frozenset({"argparse", "billiard", "loky", "pebble"})
"""A function that parses arguments is a command; pools of processes can kill what hangs."""
_TELLING = re.compile(r"(Response|Exception|Middleware|Pool|Executor|abort)$|\.state\.")
"""Names that say what a function answers, or where it runs, whichever library they are of; what applications keep."""


class Wanted:
    """Which calls other files may need to know of: those of the project's modules, and what the catalog speaks of.

    `heads` are the first words of the project's module names. Most calls of most files are of neither kind.
    """

    def __init__(self, heads: frozenset[str], catalog: Catalog) -> None:
        self.heads = heads
        self.links = Links((), catalog)
        self._known: dict[str, bool] = {}

    def __call__(self, symbol: str) -> bool:
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = self._is_wanted(symbol)
        return found

    def _is_wanted(self, symbol: str) -> bool:
        head = _HEAD.match(symbol)
        if head is None or head[0] in self.heads or head[0] in _ALWAYS or _TELLING.search(symbol):
            return True
        return self.links.entry(symbol) is not None
