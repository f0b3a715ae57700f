"""Call that can wait forever.

## The Problem
`{call}` has no time limit. If {display} accepts the connection and then says nothing, this line never returns, and
neither does the worker that runs it. A handful of such calls uses up every worker: one slow dependency becomes a full
outage, and nothing is logged, because nothing has failed.

## Failure Scenario
{display} is overloaded, or a firewall between the two drops packets silently: it neither answers nor refuses.

## Current Behavior
The caller hangs until the process is killed. Requests queue behind it and time out one after the other.

## How to Verify
{breaks} Then send twice as many requests as there are workers: the health check stops answering too.

## The Fix
Give `{limit}` a value that a user would accept to wait, and treat reaching it as an ordinary failure.

## Trade-off Consideration
A limit below the slowest honest answer turns slow successes into errors. Start above the 99th percentile, and keep the
value in one named setting. The fix is not safe to apply unread: it adds an exception that callers may not handle.

## Bad
```python
import requests


def projects(url):
    return requests.get(f"{url}/api/projects")  # expect
```

## Good
```python
import requests


def projects(url):
    return requests.get(f"{url}/api/projects", timeout=30)
```
"""

import re
from collections.abc import Iterator, Sequence

from brownout.catalog import Effect, Entry
from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.offloads import handed_call, lacks_limit, takes_keywords
from brownout.facts.waiting import switchedoff
from brownout.facts.waiting.prepared import PARTIAL, without_limit
from brownout.facts.waiting.timeouts import Limit, limit_of_wrapper
from brownout.fixes import add_keyword
from brownout.model.syntax import unparse

SECONDS = "30"
MILLISECONDS = "30000"
_STREAM = re.compile(r"stream|event|sse|poll|watch|listen|subscri|download|tail", re.IGNORECASE)
"""What goes on for as long as it lasts."""
REMOTE = (Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE, Effect.CLIENT)


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def missing_timeout(code: Code) -> Iterator[Finding]:
    """Calls whose library waits forever by default, directly or through a function that hands the limit on."""
    for call in code.calls:
        entry = call.entry
        if entry is None and (call.callee is None or call.callee.name not in code.project.wrappers):
            continue
        if not code.judged(call.function):
            continue
        if entry is not None and entry.timeout is not None:
            if entry.effect in REMOTE and _waits_forever(call) and not code.limited_elsewhere(call):
                yield _finding(call, entry.timeout.parameter, entry.timeout.position, entry)
        elif call.callee is not None and (wrapper := code.project.wrappers.get(call.callee.name)):
            found = limit_of_wrapper(call.row, wrapper, code.project.links)
            if wrapper.entry.effect in REMOTE and found is Limit.MISSING:
                notes = [Note(step.location, f"`{step.text}` is limited by it here") for step in wrapper.steps]
                yield _finding(call, wrapper.parameter, None, wrapper.entry, notes)
        elif (handed := handed_call(call)) and handed[0].effect in REMOTE and lacks_limit(handed, call):
            yield _finding(call, "timeout" if takes_keywords(call) else None, None, handed[0])
    for prepared in without_limit(code):
        if code.judged(prepared.call.function):
            yield _finding(prepared.call, "timeout", None, prepared.entry)


def _waits_forever(call: Call) -> bool:
    """Whether no limit is given, or one that means forever; a stream is meant to be read for as long as it lasts."""
    if call.limit is Limit.DISABLED or switchedoff.by_object(call) is not None:
        lasts = _STREAM.search(unparse(call.node)) or _STREAM.search(call.function.qualname)
        return not lasts and not switchedoff.explained(call)
    return call.limit is Limit.MISSING and not switchedoff.in_url(call)


def _finding(
    call: Call, parameter: str | None, position: int | None, entry: Entry, notes: Sequence[Note] = ()
) -> Finding:
    wanted = parameter or "timeout"
    made = switchedoff.by_object(call)
    if call.limit is Limit.DISABLED or made is not None:
        state = f"its `{wanted}` is switched off"
    else:
        state = f"no `{wanted}` given" + (f": `{entry.name}` gets it from here" if notes else "")
    is_other = call.symbol == PARTIAL or (call.entry is not None and call.entry.offload is not None)
    what = entry.name if is_other else call.text
    return call.finding(
        f"`{what}` can wait forever: {state}",
        notes=notes,
        fixes=_fixes(call, parameter, position, made),
        root=entry.name,
        limit=wanted,
        display=entry.display,
        breaks=entry.breaks or "Put a proxy that never answers in front of the other side.",
    )


def _fixes(call: Call, parameter: str | None, position: int | None, made: Call | None) -> list[Fix]:
    """A limit for the call; where an object holds it, for the object: `aiohttp.ClientSession` takes no number."""
    if made is not None:
        return [add_keyword(made.span, switchedoff.OBJECTS[made.canonical], SECONDS, 0)]
    if parameter is None:
        return []
    return [add_keyword(call.span, parameter, MILLISECONDS if parameter.endswith("MS") else SECONDS, position)]
