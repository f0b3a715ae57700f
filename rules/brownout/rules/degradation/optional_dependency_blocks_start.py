"""Start that an optional dependency can prevent.

## The Problem
`{call}` asks {display} while the application starts, and nothing handles a no. What could be served without it is not
served either.

## Failure Scenario
{display} is down for ten minutes, and in these ten minutes the service is deployed, scaled or restarted.

## Current Behavior
The application does not start. An orchestrator tries again and again, and then waits longer and longer, so that the
service stays away even after {display} has come back.

## How to Verify
{breaks} Then start the application.

## The Fix
Catch the failure, log it, and keep a mark (`app.state.labels = None`) that the routes look at; try again later.

## Trade-off Consideration
Routes must then expect that it is missing. What no request can do without may stop the start, but let readiness tell.

## Bad
```python
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    app.state.labels = httpx.get("http://labels:8080/labels", timeout=5).json()  # expect
    yield


app = FastAPI(lifespan=lifespan)
```

## Good
```python
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    try:
        app.state.labels = httpx.get("http://labels:8080/labels", timeout=5).json()
    except httpx.HTTPError:
        app.state.labels = None
    yield


app = FastAPI(lifespan=lifespan)
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import starting
from brownout.fixes.failing import fall_back

SURE_STEPS = 3
"""A longer chain has conditions on its way, such as which service is configured."""


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(15, 45),
    fix="unsafe",
)
def optional_dependency_blocks_start(code: Code) -> Iterator[Finding]:
    """Start-up code that asks a service which requests can do without, and does not expect a no."""
    for asked in starting.at_startup(code):
        entry = asked.chain.entry
        yield asked.call.finding(
            f"the application does not start while {entry.display} is down: {asked.chain.path}",
            certainty=Certainty.CERTAIN if len(asked.chain.steps) <= SURE_STEPS else Certainty.SUSPECTED,
            notes=asked.call.notes(asked.chain),
            fixes=_fixes(asked, code),
            root=entry.name,
            display=entry.display,
            breaks=entry.breaks or "Make the other side unreachable.",
        )


def _fixes(asked: starting.Asked, code: Code) -> list[Fix]:
    """None instead, where the answer is given one name."""
    statement = asked.call.table.statement
    if not asked.direct or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    if not isinstance(statement.targets[0], ast.Name | ast.Attribute):
        return []
    return [fall_back(code.module.span(statement), asked.chain.entry.raises)]
