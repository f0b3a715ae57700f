"""Calls that end the whole process, and whether the code that makes them serves others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.facts.entrypoints import REQUEST_KINDS
from brownout.facts.nodes import blocks
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_EXITS = frozenset({"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"})
_STARTS = frozenset({"cli", "startup", "lifespan", "task", "thread"})
"""What also leads to the call before anybody is served, or may."""


def in_service(code: Code) -> Iterator[Call]:
    """The exits of a file in code that requests or jobs lead to."""
    if practices.is_tooling(code.module.path):
        return
    for call in code.index.named(_EXITS):
        if call.canonical not in _EXITS or call.function.name == "<module>":
            continue
        kinds = code.kinds(call.function)
        if not kinds & (REQUEST_KINDS | {"worker", "scheduled"}) or kinds & _STARTS:
            continue
        if not _is_child(call) and not _in_signal_handler(call):
            yield call


def _is_child(call: Call) -> bool:
    """Whether the exit ends a child that was forked for it."""
    return any(
        "fork" in unparse(test) or "pid" in unparse(test)
        for block in blocks(call.table.block)
        if (test := getattr(block.node, "test", None)) is not None
    ) or any(row.canonical == "os.fork" for row in call.code.calls_in(call.function))


def _in_signal_handler(call: Call) -> bool:
    """Whether the function is called by a signal."""
    names = [parameter.arg for parameter in call.function.parameters]
    return any(name in ("signum", "sig", "signal_number", "frame") for name in names)
