"""Temporary files that a killed process leaves for ever.

## The Problem
`{call}` makes a temporary {what|file} that the code removes when it is done. A process that is killed in between
removes nothing, and nothing clears such leftovers when the service starts again.

## Failure Scenario
Each redeploy, each kill for memory, each crash leaves what was being worked on.

## Current Behavior
The temporary directory grows a little with every restart. On a host that runs for a year, or a volume that outlives
its containers, the disk is full one day.

## How to Verify
Kill the process with `kill -9` in the middle of its work, start it again and look into the temporary directory.

## The Fix
Put them into a directory of the service's own and empty that at start-up, or remove there what is older than a day.

## Trade-off Consideration
With several workers on one directory, remove by age only. In a container whose disk is thrown away with it, there is
nothing to do.

## Bad
```python
import shutil
import tempfile

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert/{number}")
def convert(number: int):
    folder = tempfile.mkdtemp(dir="/var/lib/convert")  # expect
    try:
        return {"done": number}
    finally:
        shutil.rmtree(folder)
```

## Good
```python
import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    for left in Path("/var/lib/convert").iterdir():
        shutil.rmtree(left)
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/convert/{number}")
def convert(number: int):
    folder = tempfile.mkdtemp(dir="/var/lib/convert")
    try:
        return {"done": number}
    finally:
        shutil.rmtree(folder)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import orphans


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(15, 45),
    certainty=Certainty.SUSPECTED,
)
def orphaned_temporary_files(code: Code) -> Iterator[Finding]:
    """Temporary files and folders of requests and workers that no start-up or schedule ever clears."""
    if orphans.cleared(code.project):
        return
    for call, what in orphans.made(code):
        yield call.finding(
            f"a killed process leaves the {what} of `{call.text}` behind, and nothing clears it at start-up",
            certainty=Certainty.SUSPECTED,
            what=what,
        )
