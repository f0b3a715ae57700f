"""Whole file read into memory only to hash or copy it.

## The Problem
`{call}` takes all of the file into memory at once, although {use|a hash or a copy} needs one piece after the other. The
memory of the process follows the largest file that anybody sends.

## Failure Scenario
A video or a scanned archive of some gigabytes arrives, or ten workers do this at the same time.

## Current Behavior
The process is killed for its memory (exit code 137), and its other requests with it.

## How to Verify
`truncate -s 4G big.bin`, then run the function on it in a container with 1 GB.

## The Fix
Hash with `hashlib.file_digest(file, "sha256")` (Python 3.11), copy with `shutil.copyfileobj` or `shutil.copyfile`.

## Trade-off Consideration
None for large files; for files of a known small size it makes no difference.

## Bad
```python
import hashlib

from fastapi import FastAPI

app = FastAPI()


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()  # expect


@app.get("/checksum/{number}")
def show(number: int):
    return {"sha256": checksum(f"uploads/{number}.pdf")}
```

## Good
```python
import hashlib

from fastapi import FastAPI

app = FastAPI()


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@app.get("/checksum/{number}")
def show(number: int):
    return {"sha256": checksum(f"uploads/{number}.pdf")}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import wholereads
from brownout.fixes import digest_file


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def whole_file_read(code: Code) -> Iterator[Finding]:
    """Files of unknown size read whole, in code that serves, for a hash or a copy."""
    for found in wholereads.whole(code):
        yield found.call.finding(
            f"`{found.call.text}` takes the whole file into memory for {found.use}",
            fixes=[digest_file(code.module.span(found.hashing), found.algorithm)] if found.hashing is not None else [],
            use=found.use,
        )
