"""One fixed name in the shared temporary directory.

## The Problem
`{call}` writes to {file|a fixed name in the temporary directory}, the same for every request. Two requests at once
write into the same file, and each reads what the other has left there.

## Failure Scenario
Two users convert a document in the same second; or two workers, or two services of the host, use the same name.

## Current Behavior
One user gets the other's document, or a file that is half of each. Nothing fails, so nothing is logged.

## How to Verify
Send two requests with different documents at once, in a loop, and compare each answer with its question.

## The Fix
A name of its own for each request: `tempfile.TemporaryDirectory()` or `NamedTemporaryFile` around the work.

## Trade-off Consideration
Files must then be removed by whoever makes them, which the context managers do; a killed process leaves some behind.

## Bad
```python
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(text: str):
    with open("/tmp/input.txt", "w") as file:  # expect
        file.write(text)
    return subprocess.run(["wc", "/tmp/input.txt"], capture_output=True, timeout=10).stdout
```

## Good
```python
import subprocess
import tempfile
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(text: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.txt"
        path.write_text(text)
        return subprocess.run(["wc", path], capture_output=True, timeout=10).stdout
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import handed, written


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(10, 20),
)
def fixed_temp_path(code: Code) -> Iterator[Finding]:
    """Writes of requests and workers to one fixed name in a shared temporary directory, no lock held."""
    for call, path, found in written.writes(code):
        if not code.serves(call.function) or written.in_lock(call):
            continue
        shape = written.uncounted(found, call)
        notes = list[Note]()
        if not written.is_fixed_temporary(shape):
            given = next((g for g in handed.given(path, shape, call) if written.is_fixed_temporary(g.shape)), None)
            if given is None:
                continue
            shape, notes = given.shape, given.notes
        file = "/".join(part.strip("/") for part in shape.literals)
        yield call.finding(
            f"`{call.text}` writes to `{code.text(path)}`, the same file for every request",
            notes=notes,
            file=f"`{file}`",
        )
