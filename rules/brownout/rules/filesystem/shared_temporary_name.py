"""One temporary name for all who replace a file.

## The Problem
`{call}` puts a file in place that every request writes under one and the same temporary name. Two at once write into
that one file, and the first to finish puts the other's half in place.

## Failure Scenario
Two requests change the same state in the same second, or two workers of the queue do.

## Current Behavior
The replaced file holds a mixture of both, or half of one; the slower request finds its temporary file gone and fails.

## How to Verify
Put `time.sleep(1)` before the replace, and send two requests at once.

## The Fix
A temporary name of its own for each writer, from `tempfile` in the same directory, or a lock around the whole change.

## Trade-off Consideration
Names that are new each time are left behind by a process that is killed: clear them at start-up. A lock of threads
does not hold between processes. Where one writer alone is certain, nothing is wrong.

## Bad
```python
import os

from fastapi import FastAPI

app = FastAPI()
STATE = "/srv/shop/state.json"


@app.put("/state")
def put(state: str):
    with open(STATE + ".tmp", "w") as file:
        file.write(state)
    os.replace(STATE + ".tmp", STATE)  # expect
    return {"ok": True}
```

## Good
```python
import os
import tempfile

from fastapi import FastAPI

app = FastAPI()
STATE = "/srv/shop/state.json"


@app.put("/state")
def put(state: str):
    with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(STATE), delete=False) as file:
        file.write(state)
    os.replace(file.name, STATE)
    return {"ok": True}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.sharednames import shared_names


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.DATA_LOSS),
    effort=(10, 20),
    certainty=Certainty.SUSPECTED,
)
def shared_temporary_name(code: Code) -> Iterator[Finding]:
    """Replaces in requests and workers whose new file has one fixed temporary name, no lock held."""
    for replace in shared_names(code):
        yield replace.call.finding(
            f"`{replace.call.text}` puts `{code.text(replace.source)}` in place, a name that all writers share",
            certainty=Certainty.SUSPECTED,
        )
