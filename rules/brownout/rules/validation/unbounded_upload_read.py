"""Upload read into memory without a bound.

## The Problem
`{call}` reads the whole body into memory before anything has looked at its size. One large upload, or a few at once,
takes all the memory of the process; the kernel then kills it, together with everybody else's requests.

## Failure Scenario
A user uploads a 4 GB scan, or somebody sends zeros until the connection breaks.

## Current Behavior
The process grows until it is killed (exit code 137). A check of the length after the read comes too late.

## How to Verify
`head -c 4G /dev/zero | curl -F file=@- http://localhost:8000/upload` against a container with a memory limit.

## The Fix
Read at most one byte more than you accept and answer 413, or set a limit for the whole application.

## Trade-off Consideration
A limit turns some users away: say how much is allowed in the message. A proxy in front may already limit the body;
then say so in a suppression comment.

## Bad
```python
from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/upload")
async def upload(file: UploadFile):
    content = await file.read()  # expect
    return {"size": len(content)}
```

## Good
```python
from fastapi import FastAPI, HTTPException, UploadFile

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
app = FastAPI()


@app.post("/upload")
async def upload(file: UploadFile):
    content = await file.read(MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise HTTPException(413, "the file is too large")
    return {"size": len(content)}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import uploads
from brownout.fixes import bound_read


@rule(
    category=Category.VALIDATION,
    section="6C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(10, 30),
    fix="unsafe",
)
def unbounded_upload_read(code: Code) -> Iterator[Finding]:
    """Reads of a client's body without a size, where neither a check before nor the application bounds it."""
    if uploads.limited_by_application(code.project):
        return
    for call in code.library_calls:
        if uploads.reads_everything(call) and not uploads.checked_before(call):
            body = call.name.rpartition(".")[2] == "body"
            yield call.finding(
                f"`{call.text}` reads the whole upload into memory, however large it is",
                fixes=[bound_read(code.module.span(call.table.statement))] if uploads.is_assigned(call) else [],
                lower=1 if body else 0,
                because="a body, not a file: servers and proxies in front often bound it" if body else "",
            )
