"""Loop in a coroutine that only computes, millions of times.

## The Problem
`{loop}` makes {turns} turns in `{function}` and awaits nothing in between. Python needs about a tenth of a second for
two million empty turns; all that time the event loop serves nobody else.

## Failure Scenario
Two clients ask at the same time, or the health check comes in the middle.

## Current Behavior
Every other request, WebSocket and timer of this process waits until the loop is done. The latency of all routes grows
with the use of this one.

## How to Verify
Call the route, and a trivial one a moment later: the second answers only after the first.

## The Fix
Compute in another process, `ProcessPoolExecutor` with `run_in_executor`, or let a library do it that works on whole
arrays. A thread helps the others little while Python code holds the interpreter's lock, but it lets them in between.

## Trade-off Consideration
A process costs memory, and what it is given and answers is copied.

## Bad
```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/checksum/{seed}")
async def checksum(seed: int):
    value = seed
    for _ in range(10_000_000):  # expect
        value = (value * 31 + 7) % 1_000_003
    return value
```

## Good
```python
import asyncio
from concurrent.futures import ProcessPoolExecutor

from fastapi import FastAPI

app = FastAPI()
pool = ProcessPoolExecutor(2)


def mixed(value):
    for _ in range(10_000_000):
        value = (value * 31 + 7) % 1_000_003
    return value


@app.get("/checksum/{seed}")
async def checksum(seed: int):
    return await asyncio.get_running_loop().run_in_executor(pool, mixed, seed)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting import crunching


@rule(
    category=Category.PIPELINE,
    section="5C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
    certainty=Certainty.SUSPECTED,
)
def cpu_loop_in_async(code: Code) -> Iterator[Finding]:
    """Loops of coroutines with millions of turns, as their literal bounds say, and no await in any."""
    for function, node, turns in crunching.long_loops(code):
        line = code.module.lines[code.location(node).span.line - 1].strip().removesuffix(":")
        yield code.finding(
            node,
            f"{turns:,} turns without an await keep the event loop waiting",
            function=function,
            name="loop",
            loop=line.replace("{", "(").replace("}", ")"),
            turns=f"{turns:,}",
        )
