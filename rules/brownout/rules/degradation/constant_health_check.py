"""Health check that cannot fail.

## The Problem
`{route|the health route}` answers the same whatever happens: it asks neither {dependencies|the database, the model} nor
anything else. Load balancers and operators believe it and keep sending users to a service that cannot serve them.

## Failure Scenario
The database is locked, the disk full or a dependency gone, while the web server itself still answers.

## Current Behavior
The route says that all is well. The outage is noticed by users first.

## How to Verify
Stop or break one dependency and ask the route: it still answers 200.

## The Fix
Ask each dependency that requests cannot do without, with a time limit of a second or two, and answer 503 if one fails.

## Trade-off Consideration
Liveness must not depend on others, or an orchestrator restarts a healthy process because its database is down. Keep
a constant route for liveness (`/livez`) and add one that tells readiness.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/documents")
def documents():
    return sqlite3.connect("documents.db").execute("SELECT name FROM documents").fetchall()


@app.get("/health")
def health():  # expect
    return {"status": "ok"}
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/documents")
def documents():
    return sqlite3.connect("documents.db").execute("SELECT name FROM documents").fetchall()


@app.get("/health")
def health():
    sqlite3.connect("documents.db", timeout=1).execute("SELECT 1")
    return {"status": "ok"}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import health


@rule(
    category=Category.DEGRADATION,
    section="7B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(20, 60),
)
def constant_health_check(code: Code) -> Iterator[Finding]:
    """Health and readiness routes that look at nothing, in a project that depends on something."""
    dependencies = health.dependencies(code.project)
    if not dependencies:
        return
    for route in health.constant_routes(code):
        yield code.finding(
            route.node,
            f"`{route.path}` says that all is well without asking {', '.join(dependencies[:3])}",
            function=route.function,
            name="def",
            lower=0 if route.is_readiness else 1,
            because="" if route.is_readiness else "the route does not claim readiness",
            route=route.path,
            dependencies=" nor ".join(dependencies[:3]),
        )
