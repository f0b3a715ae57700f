"""Dependency of many routes without a circuit breaker.

## The Problem
{routes} routes hang on `{call}`. When {display} is down, each of their requests waits for its full time limit, although
the last hundred have failed: nothing remembers that it is down.

## Failure Scenario
{display} hangs for ten minutes at the busiest hour.

## Current Behavior
All workers wait for the same dead service, and routes that do not need it wait for a worker. When the service comes
back, it is met by everything that has piled up.

## How to Verify
{breaks} Then ask one of the routes, and one that does not need it, under ordinary load.

## The Fix
Count failures in one place. After some in a row refuse at once for half a minute, answer with a cached value or a clear
503, and then let a single request try again.

## Trade-off Consideration
A breaker that is too eager turns a hiccup into an outage; its state belongs on the dashboard and into the health route.

## Bad
```python
import requests
from fastapi import FastAPI

app = FastAPI()


def ask(path):
    answer = requests.get(f"http://label-studio/api/{path}", timeout=10)  # expect
    answer.raise_for_status()
    return answer.json()


@app.get("/projects")
def projects():
    return ask("projects")


@app.get("/tasks")
def tasks():
    return ask("tasks")


@app.get("/users")
def users():
    return ask("users")


@app.get("/views")
def views():
    return ask("views")


@app.get("/labels")
def labels():
    return ask("labels")
```

## Good
```python
import pybreaker
import requests
from fastapi import FastAPI

app = FastAPI()
breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)


@breaker
def ask(path):
    answer = requests.get(f"http://label-studio/api/{path}", timeout=10)
    answer.raise_for_status()
    return answer.json()


@app.get("/projects")
def projects():
    return ask("projects")


@app.get("/tasks")
def tasks():
    return ask("tasks")


@app.get("/users")
def users():
    return ask("users")


@app.get("/views")
def views():
    return ask("views")


@app.get("/labels")
def labels():
    return ask("labels")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.breakers import hangs_on


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(60, 240),
    certainty=Certainty.SUSPECTED,
)
def circuit_breaker_absent(code: Code) -> Iterator[Finding]:
    """The call of each remote library that most routes reach, in a project without a breaker."""
    told: set[str] = set()
    for call in code.library_calls:
        routes = hangs_on(call)
        if routes and call.entry is not None and call.entry.library not in told:
            told.add(call.entry.library)
            yield call.finding(
                f"{routes} routes hang on `{call.text}`, and nothing stops asking when {call.entry.display} is down",
                root=call.entry.name,
                routes=str(routes),
                display=call.entry.display,
                breaks=call.entry.breaks or "Put a proxy that never answers in front of it.",
            )
