"""Pool of processes that is broken for good after one crash.

## The Problem
`{call}` makes a pool that lives as long as the service. If one of its processes dies (killed for its memory, a crash in
C code), the executor is broken: every later call raises `BrokenProcessPool`, and nothing here makes a new one.

## Failure Scenario
One huge picture lets a worker process run out of memory, and the kernel kills it.

## Current Behavior
From then on every request that needs the pool fails at once, until somebody restarts the service.

## How to Verify
Start the service, `kill -9` one of the pool's processes, and use the feature twice.

## The Fix
Catch `BrokenProcessPool` where work is submitted, make a new executor, and try this piece once more or mark it failed.

## Trade-off Consideration
The piece that killed the process kills the next one, too: give it up after the second time.

## Bad
```python
from concurrent.futures import ProcessPoolExecutor

from fastapi import FastAPI

app = FastAPI()
pool = ProcessPoolExecutor(4)  # expect


def render(number):
    return number


@app.post("/render/{number}")
def start(number: int):
    return pool.submit(render, number).result(timeout=60)
```

## Good
```python
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from fastapi import FastAPI

app = FastAPI()
pool = ProcessPoolExecutor(4)


def render(number):
    return number


@app.post("/render/{number}")
def start(number: int):
    global pool
    try:
        return pool.submit(render, number).result(timeout=60)
    except BrokenProcessPool:
        pool = ProcessPoolExecutor(4)
        raise
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import pools


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.HIGH,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(15, 45),
)
def pool_not_rebuilt(code: Code) -> Iterator[Finding]:
    """Process pools that outlive a request, in a project that expects `BrokenProcessPool` nowhere."""
    if pools.expects_a_broken_one(code.project):
        return
    for call in pools.long_lived(code):
        yield call.finding(f"one killed process breaks `{call.text}` for good, and nothing makes a new one")
