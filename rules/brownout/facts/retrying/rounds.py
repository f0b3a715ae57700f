"""Endless rounds of asking somebody outside, where a failure starts the next round at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.nodes import around
from brownout.facts.retrying.attempts import OUTSIDE, Attempt, leaves_on_success
from brownout.facts.retrying.pauses import at_once
from brownout.facts.tasks.workers import is_endless

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Row

_BLOCKS = re.compile(
    r"^(a?get\w*|a?next|recv\w*|receive\w*|poll\w*|consum\w*|listen\w*|accept|select|read\w*|join|acquire|wait\w*|iter\w*|"
    r"b[lr]?pop\w*|xread\w*|subscribe\w*|run\w*|serve\w*|start\w*|main|loop\w*|work\w*|stream\w*|watch\w*|follow|tail|input)$"
)
"""Names of what may wait for the next thing by design, where the library is not known."""
_CONSUMES = re.compile(r"^(recv|receive|poll|consum|listen|b[lr]?pop|xread|subscribe|iter|watch|wait)")


def hot(code: Code) -> Iterator[tuple[Attempt, ast.ExceptHandler]]:
    """The loops of a file that never end, and whose handler goes straight into the next round."""
    for row in code.module.tries:
        attempt = _attempt(row, code)
        handler = at_once(attempt) if attempt is not None else None
        if attempt is not None and handler is not None:
            yield attempt, handler


def _attempt(row: Row, code: Code) -> Attempt | None:
    """The round that a `try` makes of a loop, if all that it waits for is an answer."""
    node, block = row.node, row.block
    if not isinstance(node, ast.Try) or block is None or block.kind != "loop" or not node.handlers:
        return None
    loop = block.node
    if not isinstance(loop, ast.While) or not is_endless(loop) or leaves_on_success(node, loop):
        return None
    calls = [call for call in code.calls_in(row.function) if _stands_in(call, loop)]
    if any(_blocks(call) for call in calls):
        return None
    asks = [call for call in calls if _asks(call) and any(one is node for one in around(call, "try"))]
    return Attempt(loop, node, row.function, asks) if asks else None


def _asks(call: Call) -> bool:
    return call.entry is not None and call.entry.effect in OUTSIDE


def _blocks(call: Call) -> bool:
    """Whether a call may wait for the next thing: then it is the loop's pause, also after a failure."""
    if call.entry is not None:
        waits = call.entry.effect in (Effect.WAIT, Effect.MESSAGE) or call.has("queue-get", "ws-receive", "ws-iter")
        return waits or _CONSUMES.match(call.last) is not None
    return _BLOCKS.match(call.last) is not None


def _stands_in(call: Call, loop: ast.While) -> bool:
    return any(node is loop for node in around(call, "loop"))
