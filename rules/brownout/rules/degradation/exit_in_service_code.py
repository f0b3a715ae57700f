"""Process that ends because of one request.

## The Problem
`{call}` ends the whole process, or at least the worker, in code that requests or jobs lead to. Everybody else whose
request is being served there is cut off.

## Failure Scenario
One document cannot be converted, one setting is missing, one dependency refuses.

## Current Behavior
All connections of the worker are reset. Work in memory is lost, clean-up is skipped (with `os._exit`, all of it), and
the supervisor starts a new worker, which meets the same request again as soon as its sender repeats it.

## How to Verify
Send the request that leads here while another one is running: the other one fails, too.

## The Fix
Raise an exception that says what went wrong, and let the edge of the service turn it into an answer.

## Trade-off Consideration
A process in an unknown state should end, but by telling its supervisor: fail the liveness check, and finish first.

## Bad
```python
import sys

from fastapi import FastAPI

app = FastAPI()


@app.post("/documents/{name}")
def convert(name: str):
    if not name.endswith(".pdf"):
        sys.exit("not a PDF")  # expect
    return {"name": name}
```

## Good
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.post("/documents/{name}")
def convert(name: str):
    if not name.endswith(".pdf"):
        raise HTTPException(422, "not a PDF")
    return {"name": name}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import exits


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.HIGH,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(10, 20),
)
def exit_in_service_code(code: Code) -> Iterator[Finding]:
    """Exits of the process in code that serves."""
    for call in exits.in_service(code):
        yield call.finding(f"`{call.text}` ends the process for everybody it serves")
