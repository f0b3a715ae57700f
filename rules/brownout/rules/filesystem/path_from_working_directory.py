"""Path that depends on where the service was started.

## The Problem
`{call}` opens {file|a relative path}. What that is depends on the directory from which the service was started.

## Failure Scenario
The unit file, the container or a colleague starts it from another directory.

## Current Behavior
Nothing fails. The service begins with an empty database or folder, and what it had written lies where nobody looks; in
a container it lies in the layer that the next deploy throws away.

## How to Verify
Start the service from `/tmp`, and look for its data.

## The Fix
Take the directory from a setting, or from the place of the program, and refuse to start where it is missing.

## Trade-off Consideration
A unit file with `WorkingDirectory=` or an image with `WORKDIR` settles it too, as long as nobody starts it otherwise.

## Bad
```python
from fastapi import FastAPI

app = FastAPI()


@app.post("/notes/{number}")
def note(number: int, text: str):
    with open(f"notes/{number}.txt", "w") as file:  # expect
        file.write(text)
    return {"ok": True}
```

## Good
```python
import os
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
NOTES = Path(os.environ["NOTES_DIR"])


@app.post("/notes/{number}")
def note(number: int, text: str):
    with open(NOTES / f"{number}.txt", "w") as file:
        file.write(text)
    return {"ok": True}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.folders import relative


@rule(
    category=Category.FILESYSTEM,
    section="3B",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(5, 15),
    certainty=Certainty.SUSPECTED,
)
def path_from_working_directory(code: Code) -> Iterator[Finding]:
    """Files that requests write, and databases that they open, under a relative path that is written out."""
    for found in relative(code):
        yield found.call.finding(
            f"`{found.call.text}` opens `{found.path}`, relative to wherever the service was started",
            certainty=Certainty.SUSPECTED,
            notes=found.notes,
            file=f"`{found.path}`",
        )
