"""Directory made after a look whether it is there.

## The Problem
`{call}` makes a directory that was not there when `{asked|the code before it}` looked. Between the look and the call
somebody else can make it: another request, another worker, the same service starting twice.

## Failure Scenario
Two uploads of a new user arrive together, or four workers start at the same moment on an empty volume.

## Current Behavior
The slower one gets `FileExistsError`: its request fails, or its worker does not start, although the directory is there.

## How to Verify
Put `time.sleep(1)` between the look and the call, and send two requests at once.

## The Fix
Do not ask: make it with `exist_ok=True`, which is content with a directory that is there already.

## Trade-off Consideration
None to speak of. A file of that name still raises, as it should.

## Bad
```python
import os

from fastapi import FastAPI

app = FastAPI()


@app.post("/users/{user}")
def add(user: int):
    folder = f"users/{user}"
    if not os.path.exists(folder):
        os.makedirs(folder)  # expect
    return {"folder": folder}
```

## Good
```python
import os

from fastapi import FastAPI

app = FastAPI()


@app.post("/users/{user}")
def add(user: int):
    folder = f"users/{user}"
    os.makedirs(folder, exist_ok=True)
    return {"folder": folder}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import directories
from brownout.fixes import make_directory


@rule(
    category=Category.FILESYSTEM,
    section="3B",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(2, 5),
    fix="safe",
)
def makedirs_race(code: Code) -> Iterator[Finding]:
    """Directories made only where a look just before did not find them, without `exist_ok`."""
    for race in directories.races(code):
        yield race.call.finding(
            f"`{race.call.text}` fails where another request made the directory since `{code.text(race.asked.test)}`",
            fixes=[make_directory(race.call.span, code.module.span(race.asked))],
            asked=code.text(race.asked.test),
        )
