"""Health check that answers 200 although it knows better.

## The Problem
`{route|The health route}` asks `{asked|a dependency}`, catches its failure, and answers with status 200 all the same. A
load balancer reads the status, not the body: to it the service is well.

## Failure Scenario
The dependency is down on one machine of three.

## Current Behavior
A third of the requests go to the machine that cannot serve them. Monitoring stays green, and an orchestrator does not
take the instance out of service.

## How to Verify
Stop the dependency and run `curl -i` on the route: the body may say "error", the first line says `200 OK`.

## The Fix
Answer 503 when something fails that requests cannot do without.

## Trade-off Consideration
Only what requests really need belongs there: an optional dependency that turns the route red takes the whole service
down with it. Report such a one in the body.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    try:
        sqlite3.connect("documents.db", timeout=1).execute("SELECT 1")
    except sqlite3.Error as error:  # expect
        return {"status": "database error"}
    return {"status": "ok"}
```

## Good
```python
import sqlite3

from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/health")
def health():
    try:
        sqlite3.connect("documents.db", timeout=1).execute("SELECT 1")
    except sqlite3.Error as error:
        raise HTTPException(503, "not ready") from error
    return {"status": "ok"}
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import answers
from brownout.facts.operating import probing
from brownout.fixes.failing import answer_status


@rule(
    category=Category.DEGRADATION,
    section="7B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 20),
    fix="unsafe",
)
def health_always_200(code: Code) -> Iterator[Finding]:
    """Health routes that catch a dependency's failure and answer with success."""
    for hidden in probing.always_200(code):
        yield code.finding(
            hidden.handler,
            f"`{hidden.route}` answers 200 although `{hidden.asked}` has failed",
            function=hidden.function,
            name="except",
            fixes=[_fix(hidden, code)],
            route=hidden.route,
            asked=hidden.asked,
        )


def _fix(hidden: probing.Hidden, code: Code) -> Fix | None:
    """503 where the handler itself answers, in a framework whose way of saying so is known."""
    made, last = answers.made_with(hidden.function, code), hidden.handler.body[-1]
    if not made or not isinstance(last, ast.Return):
        return None
    return answer_status(code.module.span(last), 503, "not ready", flask=made == "flask")
