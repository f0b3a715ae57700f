"""Loop in a coroutine that never gives way.

## The Problem
The loop `{loop}` in `{function}` can go round without awaiting anything. An event loop does one thing at a time: for as
long as this one turns, no other coroutine of the process runs, not even the one that it waits for.

## Failure Scenario
There is nothing to do for a moment: the queue is empty, the flag is not set yet.

## Current Behavior
One core is busy and the whole process stands still: no request, no health check, no WebSocket message. Often for ever,
because what would end the loop cannot run.

## How to Verify
Start the service with nothing to do and ask its health route; look at the CPU time of the process.

## The Fix
Wait for what is to come: `await queue.get()`, `await event.wait()`. At the least, give way: `await asyncio.sleep(0.1)`.

## Trade-off Consideration
A pause between two looks is a delay for what comes in; waiting for the thing itself has none. `asyncio.sleep(0)` lets
others run but still uses a whole core.

## Bad
```python
import asyncio

queue = asyncio.Queue()


async def worker(store):
    while True:  # expect
        if queue.empty():
            continue
        await store(queue.get_nowait())
```

## Good
```python
import asyncio

queue = asyncio.Queue()


async def worker(store):
    while True:
        await asyncio.sleep(0)
        if queue.empty():
            continue
        await store(queue.get_nowait())
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting.spins import spins
from brownout.fixes.waiting import give_way


@rule(
    category=Category.PIPELINE,
    section="5C",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def async_spin(code: Code) -> Iterator[Finding]:
    """Loops in coroutines that never await, or have a way round on which nothing is awaited and nothing changes."""
    for row in spins(code):
        test = row.node.test if isinstance(row.node, ast.While) else ast.Constant(True)
        head = f"while {code.text(test)}"
        yield code.finding(
            row.node,
            f"`{head}` can go round without awaiting anything, and blocks the event loop",
            function=row.function,
            name="while",
            fixes=[give_way(code.module.span(row.node))],
            loop=head,
        )
