"""Cancellation that a handler keeps to itself.

## The Problem
`{handler|the handler}` catches the `CancelledError` that is thrown into a task to end it, and goes on. The task does
not end: whoever cancelled it waits, and a time limit around it does not limit anything.

## Failure Scenario
The service is told to stop, a client has gone, or `asyncio.timeout` runs out, while the task waits inside of the `try`.

## Current Behavior
A shut-down hangs until the process is killed, in the middle of whatever it was doing. Requests that were given up go
on using connections. With a time limit, the caller waits as long as it ever would have.

## How to Verify
Start the task, cancel it, and await it with a limit of a second: the limit is reached.

## The Fix
End the handler with `raise`, after the clean-up; or catch `Exception`, which leaves cancellation alone.

## Trade-off Consideration
None: the outermost function of a program may end quietly, everybody else must pass it on.

## Bad
```python
import asyncio


async def poll(fetch):
    while True:
        try:
            await fetch()
            await asyncio.sleep(10)
        except BaseException:  # expect
            print("once more")
```

## Good
```python
import asyncio


async def poll(fetch):
    while True:
        try:
            await fetch()
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise
        except BaseException:
            print("once more")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import cancelling
from brownout.fixes import raise_again


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(2, 10),
    fix="unsafe",
)
def cancellation_swallowed(code: Code) -> Iterator[Finding]:
    """Handlers in coroutines that take a cancellation and go on."""
    for found in cancelling.swallowed(code):
        yield code.finding(
            found.handler,
            f"`{found.text}` swallows the cancellation of its task",
            function=found.function,
            name=found.text,
            fixes=[raise_again(code.module.span(found.handler))],
            handler=found.text,
        )
