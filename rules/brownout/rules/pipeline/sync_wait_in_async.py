"""Coroutine that waits like a thread.

## The Problem
`{call}` waits for another thread, and while it waits the event loop stands still: no other request of this process is
served. If what it waits for needs the loop itself, both wait for ever.

## Failure Scenario
The other thread takes longer than usual, or needs something that only this loop can give it.

## Current Behavior
Everything in the process stops until the wait is over: health checks, WebSockets, time limits. In the worst case that
is a deadlock, and only a restart helps.

## How to Verify
Let the other thread sleep for ten seconds, use the feature once, and ask the health route in a loop: no answer.

## The Fix
Wait in a way that gives way: `await asyncio.wrap_future(future)`, an `asyncio.Queue` or `asyncio.Event`, or
`await asyncio.to_thread(…)` around the wait. Hold an `asyncio.Lock`, not a `threading.Lock`, across an `await`.

## Trade-off Consideration
Objects of `asyncio` belong to one loop: other threads must hand over with `loop.call_soon_threadsafe`. A wait in a
thread still needs a time limit of its own.

## Bad
```python
import threading

ready = threading.Event()


async def status():
    ready.wait(30)  # expect
    return {"ready": True}
```

## Good
```python
import asyncio
import threading

ready = threading.Event()


async def status():
    await asyncio.to_thread(ready.wait, 30)
    return {"ready": True}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.waiting import waits
from brownout.fixes.waiting import await_future, run_in_thread


@rule(
    category=Category.PIPELINE,
    section="5C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def sync_wait_in_async(code: Code) -> Iterator[Finding]:
    """Waits for another thread in a coroutine, and locks of threads held across an `await`."""
    for call in code.library_calls:
        if waits.blocks_loop(call):
            yield call.finding(
                f"`{call.text}` waits for another thread and blocks the event loop meanwhile",
                fixes=[_fix(call)],
                lower=1 if call.has("lock") else 0,
                because="a lock is usually held briefly" if call.has("lock") else "",
            )
    for held in waits.locks_held(code):
        if code.judged(held.function):
            yield code.finding(
                held.node,
                f"`{held.text}` is held across an `await`: whoever wants it next blocks the event loop",
                function=held.function,
                name="with",
                call=f"with {held.text}",
            )


def _fix(call: Call) -> Fix | None:
    last = call.name.rpartition(".")[2]
    if last == "result" and call.receiver is not None and call.name.startswith("concurrent."):
        return await_future(call.span) if not call.node.args and not call.node.keywords else None
    return None if call.has("lock") else run_in_thread(call.span)
