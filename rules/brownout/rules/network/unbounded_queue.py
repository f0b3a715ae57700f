"""Queue that grows without end.

## The Problem
`{call}` has no `maxsize`. What comes from outside is put in at the speed of the clients, and taken out at the speed of
the worker: whenever the first is faster, the difference is kept in memory.

## Failure Scenario
The worker's database is slow for ten minutes, or one client sends as fast as it can.

## Current Behavior
Everything looks well: requests are accepted in milliseconds. Memory grows until the process is killed, and with it
goes all accepted work, none of which was stored.

## How to Verify
Let the worker sleep a minute per item, send ten thousand requests, and watch the memory and the answers.

## The Fix
Give the queue a `maxsize`, and answer 503 when `put_nowait` raises `queue.Full` (`asyncio.QueueFull`).

## Trade-off Consideration
A full queue turns clients away. That is the point: they can try again, lost work cannot.

## Bad
```python
import asyncio

from fastapi import FastAPI

app = FastAPI()
jobs = asyncio.Queue()  # expect


@app.post("/jobs")
async def accept(job: dict):
    await jobs.put(job)
    return {"accepted": True}
```

## Good
```python
import asyncio

from fastapi import FastAPI

app = FastAPI()
jobs = asyncio.Queue(maxsize=1000)


@app.post("/jobs")
async def accept(job: dict):
    await jobs.put(job)
    return {"accepted": True}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import queues
from brownout.fixes import add_keyword


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(15, 45),
    fix="unsafe",
)
def unbounded_queue(code: Code) -> Iterator[Finding]:
    """Queues without a limit that requests or sockets fill."""
    for call in queues.unbounded(code):
        yield call.finding(
            f"`{call.text}` takes in as much as clients send: no `maxsize`",
            fixes=[add_keyword(call.span, "maxsize", "1000", 0)],
        )
