"""Service without a mode for when its dependency is down.

## The Problem
{routes|Many} routes reach `{call}`, and nothing in the project remembers an older answer, looks at a flag or has
anything else to offer. When {display} is down, all of these routes are.

## Failure Scenario
{display} is down for an hour, or somebody has to switch it off for an hour.

## Current Behavior
Every page that needs it shows an error, including those that could show yesterday's answer, or leave a part out. There
is no switch that operators could turn.

## How to Verify
{breaks} Then open each page and note which of them still help the user.

## The Fix
Decide per route what it can do without: an older answer from a cache, an empty list with a note, a feature that is
switched off. Tell the user about it.

## Trade-off Consideration
A degraded mode that is never used rots: exercise it. Some routes have no honest answer without the dependency, and an
error is right there.

## Bad
```python
import requests
from fastapi import FastAPI

app = FastAPI()


def ask(path):
    return requests.get(f"http://search:9200/{path}", timeout=5).json()  # expect


@app.get("/books")
def books():
    return ask("books")


@app.get("/films")
def films():
    return ask("films")


@app.get("/songs")
def songs():
    return ask("songs")


@app.get("/games")
def games():
    return ask("games")


@app.get("/maps")
def maps():
    return ask("maps")
```

## Good
```python
import requests
from cachetools import TTLCache, cached
from fastapi import FastAPI

app = FastAPI()


@cached(TTLCache(maxsize=100, ttl=3600))
def ask(path):
    return requests.get(f"http://search:9200/{path}", timeout=5).json()


@app.get("/books")
def books():
    return ask("books")


@app.get("/films")
def films():
    return ask("films")


@app.get("/songs")
def songs():
    return ask("songs")


@app.get("/games")
def games():
    return ask("games")


@app.get("/maps")
def maps():
    return ask("maps")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.degrading import routes_without_fallback


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(60, 480),
    certainty=Certainty.SUSPECTED,
)
def no_degraded_mode(code: Code) -> Iterator[Finding]:
    """The call of each remote library that most routes reach, in a project that has nothing to offer without it."""
    told: set[str] = set()
    for call in code.library_calls:
        routes = routes_without_fallback(call)
        if routes and call.entry is not None and call.entry.library not in told:
            told.add(call.entry.library)
            yield call.finding(
                f"{routes} routes have nothing to offer when {call.entry.display} is down",
                root=call.entry.name,
                routes=str(routes),
                display=call.entry.display,
                breaks=call.entry.breaks or "Put a proxy that never answers in front of it.",
            )
