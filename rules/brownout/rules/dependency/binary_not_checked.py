"""Program that nobody looks for at start-up.

## The Problem
`{call}` needs the program `{program}` on this machine, and nothing in the project looks whether it is there. Python's
package manager does not install it, so a new image, node or laptop may well lack it.

## Failure Scenario
The base image changes, a package is renamed, the service is started somewhere without it.

## Current Behavior
The service starts and reports that all is well. The first user who needs the program gets a `FileNotFoundError`.

## How to Verify
Start the service with `{program}` off the `PATH`: it starts, and the health route answers.

## The Fix
Look for it once at start-up: `shutil.which("{program}")`, and its version. Report it in the readiness route.

## Trade-off Consideration
None, where the image is built and tested together with the program: then say so in a suppression comment.

## Bad
```python
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(path: str):
    subprocess.run(["soffice", "--convert-to", "pdf", path], check=True, timeout=60)  # expect
    return {"done": path}
```

## Good
```python
import shutil
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.on_event("startup")
def programs():
    if shutil.which("soffice") is None:
        raise RuntimeError("soffice is not installed")


@app.post("/convert")
def convert(path: str):
    subprocess.run(["soffice", "--convert-to", "pdf", path], check=True, timeout=60)
    return {"done": path}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import binaries


@rule(
    category=Category.DEPENDENCY,
    section="1C",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 20),
    certainty=Certainty.SUSPECTED,
)
def binary_not_checked(code: Code) -> Iterator[Finding]:
    """The first call of a file for each program that nothing in the project looks for."""
    told: set[str] = set()
    for call in code.library_calls:
        program = binaries.needed(call)
        if program and program not in told and code.serves(call.function) and not binaries.looked_for(call, program):
            told.add(program)
            yield call.finding(
                f"`{call.text}` needs `{program}`, and nothing looks for it at start-up", program=program
            )
