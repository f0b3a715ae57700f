"""Upload written to the disk without a bound.

## The Problem
`{call}` writes whatever the client sends until the client stops. The memory stays small, the disk does not: one upload
can fill it, and then everything that writes on this disk fails, the database first.

## Failure Scenario
A user uploads a 200 GB backup by mistake, or somebody sends zeros until the connection breaks.

## Current Behavior
The disk is full; the half file stays. `OSError: [Errno 28] No space left on device` for all others.

## How to Verify
Mount a small tmpfs as the upload directory and send more than it holds: `head -c 2G /dev/zero | curl -F file=@- …`.

## The Fix
Count the bytes while copying, stop at a limit, remove what was written and answer 413; or set a limit for the whole
application.

## Trade-off Consideration
A limit turns some users away: say how much is allowed in the message. A proxy in front may already limit the body;
then say so in a suppression comment.

## Bad
```python
import shutil

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/upload")
def upload(number: int, file: UploadFile):
    with open(f"uploads/{number}.pdf", "wb") as target:
        shutil.copyfileobj(file.file, target)  # expect
    return {"stored": number}
```

## Good
```python
import os
import shutil

from fastapi import FastAPI, HTTPException, UploadFile

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
app = FastAPI()


@app.post("/upload")
def upload(number: int, file: UploadFile):
    with open(f"uploads/{number}.pdf", "wb") as target:
        while chunk := file.file.read(1024 * 1024):
            target.write(chunk)
            if target.tell() > MAX_UPLOAD_BYTES:
                os.remove(f"uploads/{number}.pdf")
                raise HTTPException(413, "the file is too large")
    return {"stored": number}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import copies
from brownout.facts.intake import uploads
from brownout.fixes import bound_copy


@rule(
    category=Category.VALIDATION,
    section="6C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def upload_unbounded_copy(code: Code) -> Iterator[Finding]:
    """Copies of a client's file to the disk that nothing bounds: before, while copying, or for all requests."""
    if uploads.limited_by_application(code.project):
        return
    for copy in copies.unbounded(code):
        yield copy.call.finding(
            f"`{copy.call.text}` writes the whole upload to the disk, however large it is",
            fixes=[bound_copy(code.module.span(copy.call.table.statement))] if copy.fixable else [],
        )
