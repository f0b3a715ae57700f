"""Time limits that are given as an object which limits nothing, and comments that say why there is none."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout.facts.call import Call

OBJECTS = {"aiohttp.ClientTimeout": "total", "httpx.Timeout": "timeout", "httpx2.Timeout": "timeout"}
"""Objects that hold a limit, and the parameter for all of it: the first one."""
_WHY = re.compile(
    r"time-?out|\blimit|\bwait|long|purpose|deliberate|intention|forever|stream|\bhours?\b|\bminutes?\b", re.IGNORECASE
)


def by_object(call: Call) -> Call | None:
    """What makes the limit of a call an object such as `httpx.Timeout(None)` that never ends a wait."""
    entry = call.entry
    if entry is None or entry.timeout is None or entry.timeout.parameter is None:
        return None
    given = call.argument(entry.timeout.parameter, entry.timeout.position)
    if isinstance(given, ast.Name):
        bindings = call.code.names.bindings(given.id, call.function.scope) or []
        given = bindings[0].value if len(bindings) == 1 else None
    made = call.code.call_of(given)
    if made is None or made.canonical not in OBJECTS:
        return None
    wanted = OBJECTS[made.canonical]
    value = made.argument(wanted, 0)
    others = [keyword.arg for keyword in made.node.keywords if keyword.arg not in (wanted, "connect", "sock_connect")]
    return made if isinstance(value, ast.Constant) and value.value is None and not others else None


def explained(call: Call) -> bool:
    """Whether a comment beside the call, or in the two lines above it, says why it may take for ever."""
    first, last = call.node.lineno, call.node.end_lineno or call.node.lineno
    lines = call.code.module.lines
    above = [line for line in lines[max(first - 3, 0) : first - 1] if line.lstrip().startswith("#")]
    return any(_WHY.search(line.partition("#")[2]) for line in (*above, *lines[first - 1 : last]))


def in_url(call: Call) -> bool:
    """Whether a URL given to the call brings a limit along: `mongodb://…/?socketTimeoutMS=5000`."""
    return any(
        "timeout" in call.code.text_of(argument, call.function).lower()
        for argument in call.node.args
        if not isinstance(argument, ast.Starred)
    )
