"""Folder that only grows.

## The Problem
`{call}` makes a new file for each request or job, and nothing in the project ever removes a file. The disk fills up by
itself, and then everything that writes to it fails at once.

## Failure Scenario
The service is used, for a year.

## Current Behavior
The disk is full one day, and everything that writes fails at once. Listing the folder had become slow long before.

## How to Verify
Multiply the files of one day by the days of two years, and compare with the disk.

## The Fix
Remove what is older than its purpose: after processing, or in a daily job. Or write down who does it.

## Trade-off Consideration
Somebody must decide how long things are kept; deleting the wrong ones is worse than a full disk.

## Bad
```python
import uuid
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
RENDERED = Path("/data/rendered")


@app.post("/render")
def render(text: str):
    path = RENDERED / f"{uuid.uuid4()}.txt"
    path.write_text(text)  # expect
    return {"path": str(path)}
```

## Good
```python
import time
import uuid
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
RENDERED = Path("/data/rendered")


@app.post("/render")
def render(text: str):
    for old in RENDERED.iterdir():
        if old.stat().st_mtime < time.time() - 86_400:
            old.unlink(missing_ok=True)
    path = RENDERED / f"{uuid.uuid4()}.txt"
    path.write_text(text)
    return {"path": str(path)}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.precautions import piling_up


@rule(
    category=Category.DATABASE,
    section="2C",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(30, 90),
    certainty=Certainty.SUSPECTED,
)
def nothing_ever_deleted(code: Code) -> Iterator[Finding]:
    """Files made for each request in a project that removes none."""
    for call in piling_up(code):
        yield call.finding(f"`{call.text}` makes a new file each time, and nothing in the project removes any")
