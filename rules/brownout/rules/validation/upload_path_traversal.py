"""File name from the client joined into a path.

## The Problem
`{given|the file name of an upload}` is whatever the client says. Joined into a path, `../../etc/cron.d/x` leaves the
upload directory and an absolute name replaces it altogether, so a request can overwrite any file that the service may
write.

## Failure Scenario
A client sends a file name with `../` in it, by malice or because a tool puts the whole local path there.

## Current Behavior
The service writes or reads outside of its directory: another user's document, its own database, its own code.

## How to Verify
`curl -F 'file=@x.pdf;filename="../../tmp/escaped"' http://localhost:8000/upload`, then look in `/tmp`.

## The Fix
Keep only the last part of the name (`Path(name).name`), or store under a name of your own and keep theirs as data.

## Trade-off Consideration
Names alone still collide: two users' `scan.pdf` overwrite each other. A generated name solves both.

## Bad
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
UPLOADS = Path("uploads")


@app.post("/upload")
async def upload(file: UploadFile):
    target = UPLOADS / file.filename  # expect
    target.write_bytes(await file.read(1_000_000))
    return {"stored": target.name}
```

## Good
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
UPLOADS = Path("uploads")


@app.post("/upload")
async def upload(file: UploadFile):
    target = UPLOADS / Path(file.filename or "upload").name
    target.write_bytes(await file.read(1_000_000))
    return {"stored": target.name}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import clientnames
from brownout.fixes import base_name


@rule(
    category=Category.VALIDATION,
    section="6C",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(5, 15),
    fix="unsafe",
)
def upload_path_traversal(code: Code) -> Iterator[Finding]:
    """Joins of a path with a name that a client chose, where nothing keeps the result inside the directory."""
    for join in clientnames.joins(code):
        name = code.text(join.name)
        yield code.finding(
            join.node,
            f"`{name}` comes from the client and is joined into a path unchecked",
            function=join.function,
            name="path-join",
            notes=join.notes,
            fixes=[base_name(code.module.span(join.name))] if join.fixable else [],
            given=name,
        )
