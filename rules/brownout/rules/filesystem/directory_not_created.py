"""Directory that must be there, and that nothing makes.

## The Problem
`{call}` writes below {folder|a directory} when a request comes, and nothing in the project makes that directory. On the
developer's machine it is there since the first day.

## Failure Scenario
A new container, a fresh volume, a clone: the directory is missing, or belongs to somebody else.

## Current Behavior
The service starts, its health check is green, and every upload fails with `FileNotFoundError` until somebody makes the
directory by hand.

## How to Verify
Start the service in an empty directory and upload one file.

## The Fix
Make it at start-up with `mkdir(parents=True, exist_ok=True)`, and try there to write a file into it, so that a wrong
owner is noticed at once.

## Trade-off Consideration
If the directory is a volume that must be mounted, making it hides that the mount is missing: check for a marker file.

## Bad
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
UPLOADS = Path("uploads")


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    target = UPLOADS / f"{number}.pdf"
    target.write_bytes(await file.read(1_000_000))  # expect
    return {"stored": number}
```

## Good
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
UPLOADS = Path("uploads")
UPLOADS.mkdir(parents=True, exist_ok=True)


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    target = UPLOADS / f"{number}.pdf"
    target.write_bytes(await file.read(1_000_000))
    return {"stored": number}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import folders
from brownout.fixes.failing import make_folder


@rule(
    category=Category.FILESYSTEM,
    section="3B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 10),
    fix="safe",
)
def directory_not_created(code: Code) -> Iterator[Finding]:
    """Writes of requests below a fixed directory that no file of the project makes."""
    for missing in folders.never_made(code):
        call, folder, named = missing.call, missing.folder, missing.named
        place = code.module.span(call.table.statement if named is None else named)
        yield call.finding(
            f"`{call.text}` writes below `{folder}`, which nothing makes",
            fixes=[make_folder(place, missing.name, is_path=missing.is_path, after=named is not None)],
            folder=f"`{folder}`",
        )
