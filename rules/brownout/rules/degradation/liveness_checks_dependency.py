"""Liveness check that depends on others.

## The Problem
`{route|The liveness route}` asks {display}. Liveness answers one question: must this process be restarted? A process
whose {display} is down is not helped by a restart.

## Failure Scenario
The dependency is gone for a minute.

## Current Behavior
The orchestrator restarts every instance at once, again and again. What could have gone on without the dependency is
interrupted, and when it comes back, it meets all instances that start and warm up at the same time.

## How to Verify
Stop the dependency for five minutes and count the restarts of the pods.

## The Fix
Let liveness answer a constant, and move the question to readiness (`/readyz`), which takes the instance out of the
balance without killing it.

## Trade-off Consideration
A process that hangs must still fail its liveness: answer from the same event loop or pool that serves requests.

## Bad
```python
import psycopg2
from fastapi import FastAPI

app = FastAPI()


@app.get("/livez")
def livez():
    psycopg2.connect("dbname=documents", connect_timeout=2).close()  # expect
    return {"status": "alive"}
```

## Good
```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/livez")
def livez():
    return {"status": "alive"}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import liveness


@rule(
    category=Category.DEGRADATION,
    section="7B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 20),
)
def liveness_checks_dependency(code: Code) -> Iterator[Finding]:
    """Liveness routes that ask a database or another service."""
    for found in liveness.dependent(code):
        yield found.call.finding(
            f"`{found.probe.path}` asks {found.display}: when that is down, every instance is restarted",
            notes=found.notes,
            route=found.probe.path,
            display=found.display,
        )
