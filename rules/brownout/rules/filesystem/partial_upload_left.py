"""Upload stored under its final name before it is known to be whole.

## The Problem
`{call}` writes the upload to the place where others look for it, and only afterwards
{later|it is checked or processed}. If that fails, the file stays: nothing here removes it.

## Failure Scenario
The upload breaks off after half of its bytes, the disk is full, or the file is refused after it was stored.

## Current Behavior
The client is told that the upload failed, and the broken file lies among the good ones. The next listing, import or
retry takes it for a document.

## How to Verify
Upload a file that is refused, and look at the upload directory.

## The Fix
Write to a temporary name in the same directory, check, and put it in place with `os.replace`; or remove it in an
`except` before the error goes on.

## Trade-off Consideration
A killed process leaves its temporary name behind: clear those at start-up.

## Bad
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile
from pypdf import PdfReader

app = FastAPI()


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    target = Path("uploads") / f"{number}.pdf"
    target.write_bytes(await file.read(1_000_000))  # expect
    return {"pages": len(PdfReader(target).pages)}
```

## Good
```python
from pathlib import Path

from fastapi import FastAPI, UploadFile
from pypdf import PdfReader

app = FastAPI()


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    target = Path("uploads") / f"{number}.pdf"
    target.write_bytes(await file.read(1_000_000))
    try:
        return {"pages": len(PdfReader(target).pages)}
    except Exception:
        target.unlink()
        raise
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import partials
from brownout.fixes.failing import remove_on_failure


@rule(
    category=Category.FILESYSTEM,
    section="3B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.CORRUPTION, Recovery.MANUAL),
    effort=(10, 20),
    fix="unsafe",
)
def partial_upload_left(code: Code) -> Iterator[Finding]:
    """Uploads written to their final name whose later check or processing may fail, and that nothing removes then."""
    for found in partials.left(code):
        later = f"`{code.text(found.later)}` follows"
        yield found.call.finding(
            f"`{found.call.text}` stores the upload before {later}, and nothing removes it when that fails",
            notes=[Note(code.location(found.later), "when this fails, the file stays")],
            fixes=[_fix(found, code)],
            later=later,
        )


def _fix(found: partials.Partial, code: Code) -> Fix | None:
    """Removal where the path has a name of its own."""
    access = found.access
    if not isinstance(access.path, ast.Name):
        return None
    is_path = code.target(access.path, access.call.function) == "pathlib.Path()"
    statement = access.with_node or access.call.table.statement
    return remove_on_failure(code.module.span(statement), access.path.id, is_path=is_path)
