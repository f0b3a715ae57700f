"""Traceback sent to the client.

## The Problem
`{call}` goes into an answer. A traceback shows the paths, versions and source lines of the service to whoever can
make it fail, and nothing to a user who wants to know what to do.

## Failure Scenario
Any error in production, or somebody who tries until one occurs.

## Current Behavior
The client gets pages of source code. Attackers learn which libraries are used and where the data lies.

## How to Verify
Make the route fail and read the answer with `curl`.

## The Fix
Write the traceback to the log, and answer with a fixed sentence and an id under which the log has it.

## Trade-off Consideration
While developing, a traceback in the browser is handy: keep it behind a debug setting that production cannot turn on.

## Bad
```python
import traceback

from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/report/{name}")
def report(name: str):
    try:
        return open(name).read()
    except OSError:
        raise HTTPException(500, detail=traceback.format_exc())  # expect
```

## Good
```python
import logging

from fastapi import FastAPI, HTTPException

logger = logging.getLogger(__name__)
app = FastAPI()


@app.get("/report/{name}")
def report(name: str):
    try:
        return open(name).read()
    except OSError:
        logger.exception("the report failed")
        raise HTTPException(500, detail="the report is not available") from None
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import tracebacks


@rule(
    category=Category.DEGRADATION,
    section="7C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
)
def traceback_to_client(code: Code) -> Iterator[Finding]:
    """Tracebacks that become part of an answer."""
    for call in tracebacks.to_client(code):
        yield call.finding(f"`{call.text}` goes into the answer: the client reads the traceback")
