"""Coroutine route that blocks and never awaits.

## The Problem
`{route}` is an `async def` that awaits nothing, and it blocks: {path}. As a plain `def` the framework would run it in a
thread of its own; as a coroutine it runs on the event loop, and everybody else waits until it is done.

## Failure Scenario
{display} takes seconds instead of milliseconds while other users are connected.

## Current Behavior
Requests are served one after the other, however many come in. Health checks fail under load, and a healthy process is
restarted.

## How to Verify
{breaks} Call the route ten times at once: the last answer takes ten times as long as the first.

## The Fix
Delete the word `async`: the route needs none of it. Or await the asynchronous counterpart of what it calls.

## Trade-off Consideration
Threads are limited (40 by default), and what the route touches must be safe to use from several of them.

## Bad
```python
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/projects")
async def projects():  # expect
    return requests.get("http://label-studio/api/projects", timeout=10).json()
```

## Good
```python
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/projects")
def projects():
    return requests.get("http://label-studio/api/projects", timeout=10).json()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts import routes
from brownout.facts.code import Code
from brownout.facts.effects import weight
from brownout.fixes.waiting import make_plain


@rule(
    category=Category.PIPELINE,
    section="5C",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
    yields_to=("blocking-call-in-async", "sync-wait-in-async"),
)
def async_route_never_awaits(code: Code) -> Iterator[Finding]:
    """Routes that are coroutines, wait for something that blocks, and for nothing else."""
    for function, chain in routes.never_awaiting(code):
        yield code.finding(
            function.node,
            f"`{function.name}` blocks the event loop and awaits nothing: {chain.path}",
            function=function,
            name="async def",
            fixes=[make_plain(code.module.span(function.node))] if routes.may_be_plain(function, code) else [],
            lower=weight(chain.entry),
            because="" if weight(chain.entry) == 0 else "what it waits for usually takes milliseconds",
            root=chain.entry.name,
            route=function.name,
            path=chain.path,
            display=chain.entry.display,
            breaks=chain.entry.breaks or "Make the call take ten seconds.",
        )
