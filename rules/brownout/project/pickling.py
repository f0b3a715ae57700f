"""What goes from process to process, or into a store, is taken apart quickly.

By itself pickle goes through a dataclass that is frozen and has slots field by field in Python, on the way out and on
the way in, which takes twice as long as all the rest of it.
"""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter

from brownout.catalog import Effect
from brownout.core import Finding
from brownout.facts.paths import PathShape
from brownout.facts.rows import CallRow
from brownout.facts.summary import ModuleSummary
from brownout.model.source import Unreadable

MODULES = frozenset(one.__module__ for one in (Finding, Unreadable, ModuleSummary, CallRow, PathShape, Effect))
"""Where the values are defined that files are known by."""
Parts = tuple[type[object], tuple[object, ...]]


@cache
def quicken() -> None:
    """From here on pickles hold dataclasses of these modules as their class and the fields that they are made from."""
    for module in MODULES:
        for kind in vars(sys.modules[module]).values():
            if isinstance(kind, type) and is_dataclass(kind):
                copyreg.dispatch_table[kind] = _reduction(kind, [field.name for field in fields(kind)])


def _reduction(kind: type[object], names: list[str]) -> Callable[[object], Parts]:
    if len(names) < 2:
        return lambda value: (kind, tuple(getattr(value, name) for name in names))
    values: Callable[[object], tuple[object, ...]] = attrgetter(*names)
    return lambda value: (kind, values(value))
