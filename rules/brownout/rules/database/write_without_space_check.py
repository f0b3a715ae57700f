"""Data of unknown size written to a disk that may be full.

## The Problem
`{call}` stores what a request brings. Nobody asks before whether there is room, and nobody handles the answer that
there is none.

## Failure Scenario
The disk is full, or becomes full with this very file.

## Current Behavior
`OSError: [Errno 28] No space left on device` as an unexplained 500, and a cut-off file stays behind. Logs, the
database and all other requests fail next.

## How to Verify
Mount a tmpfs of one megabyte on the folder and upload a file of two.

## The Fix
Ask `shutil.disk_usage` before accepting and answer 507 when little is left; remove the part that was written when an
`OSError` comes.

## Trade-off Consideration
The answer may be out of date a moment later: the handler is needed in any case.

## Bad
```python
import shutil
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
STORE = Path("/data/documents")


@app.post("/documents")
def upload(file: UploadFile):
    with open(STORE / "upload.pdf", "wb") as out:
        shutil.copyfileobj(file.file, out)  # expect
```

## Good
```python
import shutil
from pathlib import Path

from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()
STORE = Path("/data/documents")
RESERVE = 1_000_000_000


@app.post("/documents")
def upload(file: UploadFile):
    if shutil.disk_usage(STORE).free < RESERVE:
        raise HTTPException(507, "no room for more documents")
    with open(STORE / "upload.pdf", "wb") as out:
        shutil.copyfileobj(file.file, out)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.precautions import blind_writes


@rule(
    category=Category.DATABASE,
    section="2C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(15, 45),
    certainty=Certainty.SUSPECTED,
)
def write_without_space_check(code: Code) -> Iterator[Finding]:
    """Stores of what a request brings, in a project that never asks for free space, with no handler for a full disk."""
    for call in blind_writes(code):
        yield call.finding(
            f"`{call.text}` stores data of unknown size, and nobody checks for space or handles its lack"
        )
