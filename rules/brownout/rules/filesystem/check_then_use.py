"""File looked for first and used afterwards.

## The Problem
The test says that `{path}` is {state|there}, and `{call}` in the next line relies on it. In between somebody else may
have removed or made it: another request, a worker, a clean-up.

## Failure Scenario
Two requests for the same document arrive together; or the clean-up runs at the wrong moment.

## Current Behavior
{effect|`FileNotFoundError` from a line that was meant to be safe: a failed request, or a worker that ends.}

## How to Verify
Put `time.sleep(5)` between the test and the use, and remove or make the file meanwhile.

## The Fix
Do it and deal with the answer, in one step: `unlink(missing_ok=True)`, `mkdir(exist_ok=True)`, or
`except FileNotFoundError`.

## Trade-off Consideration
None; one system call less.

## Bad
```python
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
STORE = Path("/data/documents")


@app.delete("/documents/{name}")
def delete(name: str):
    path = STORE / Path(name).name
    if path.exists():  # expect
        path.unlink()
```

## Good
```python
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
STORE = Path("/data/documents")


@app.delete("/documents/{name}")
def delete(name: str):
    path = STORE / Path(name).name
    path.unlink(missing_ok=True)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.lookfirst import races
from brownout.fixes import without_test

GONE = "`FileNotFoundError` from a line that was meant to be safe: a failed request, or a worker that ends."
EXISTS = "`FileExistsError` from a line that was meant to be safe: a failed request, or a worker that ends."
LOST = "The second one empties the file that the first one has just written, and nobody is told."


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(2, 10),
    fix="safe",
)
def check_then_use(code: Code) -> Iterator[Finding]:
    """Tests for a file whose use in the next line fails when somebody else comes in between."""
    for race in races(code):
        effect = {"mkdir": EXISTS, "open": LOST, "write_text": LOST, "write_bytes": LOST} if race.denied else {}
        yield race.look.finding(
            f"`{race.use.text}` relies on a test that may be out of date: `{race.path}`",
            notes=[Note(code.location(race.use.node.func), "it is used here")],
            fixes=[without_test(code.module.span(race.test), race.fix)] if race.fix is not None else [],
            call=race.use.text,
            path=race.path,
            state="not there" if race.denied else "there",
            effect=effect.get(race.use.name.rpartition(".")[2], GONE),
        )
