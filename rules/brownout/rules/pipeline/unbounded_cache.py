"""Cache that only grows.

## The Problem
`{cache}` keeps every result of `{function}` for as long as the process lives, one for each different argument or key.
These come from requests, so there is no end of them.

## Failure Scenario
The service runs for a month, or a crawler asks for every page once.

## Current Behavior
The memory grows a little with each new argument until the process is killed, at night, far from the cause. Until then
old results are answered although the files behind them have changed.

## How to Verify
Ask ten thousand different arguments and watch the memory of the process.

## The Fix
Give it a size: `lru_cache(maxsize=128)`, or a cache with an age where results go out of date (`cachetools.TTLCache`
in place of a dictionary).

## Trade-off Consideration
A small cache computes some things again: look at `cache_info()` before choosing the size.

## Bad
```python
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


@lru_cache(maxsize=None)  # expect
def content(number):
    return Path(f"uploads/{number}.txt").read_text()


@app.get("/content/{number}")
def show(number: int):
    return content(number)
```

## Good
```python
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


@lru_cache(maxsize=128)
def content(number):
    return Path(f"uploads/{number}.txt").read_text()


@app.get("/content/{number}")
def show(number: int):
    return content(number)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import caches, piles
from brownout.fixes import bound_cache


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(2, 10),
    fix="unsafe",
)
def unbounded_cache(code: Code) -> Iterator[Finding]:
    """Caches without a size on functions that requests call with arguments of their own."""
    for function, decorator in caches.unbounded(code):
        text = f"@{code.text(decorator)}"
        yield code.finding(
            decorator,
            f"`{text}` keeps one result of `{function.name}` for every argument that requests bring",
            function=function,
            name="cache",
            fixes=[bound_cache(code.module.span(decorator))],
            cache=text,
        )
    for pile in piles.growing(code):
        yield code.finding(
            pile.node,
            f"`{pile.name}` gets a new key from each request, and nothing ever takes one out",
            function=pile.function,
            name="cache",
            cache=pile.name,
        )
