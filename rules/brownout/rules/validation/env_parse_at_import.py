"""Variable of the environment parsed on import, without a default.

## The Problem
`{call}` turns the variable `{variable}` into a value while the module is imported. Where it is not set, or is not what
is expected, the import fails, and with it everything that imports this module: also the command that would tell what
is wrong, and the tests.

## Failure Scenario
A new deployment lacks the variable, or somebody writes `30s` where a number is expected.

## Current Behavior
The process ends with a `KeyError` or a `ValueError` in a line of code. The orchestrator starts it again and again, and
whoever is on call reads a traceback to find out which setting is meant.

## How to Verify
Start the service without `{variable}`, and once with `abc` in it.

## The Fix
Read all settings in one place, check them together, and say which one is wrong: pydantic-settings does that. A default
does where one makes sense.

## Trade-off Consideration
To fail at the start is right for a setting that must be there. The message should say so.

## Bad
```python
import os

from fastapi import FastAPI

WORKERS = int(os.environ["WORKERS"])  # expect
app = FastAPI()


@app.get("/workers")
def workers():
    return WORKERS
```

## Good
```python
import os

from fastapi import FastAPI

try:
    WORKERS = int(os.environ.get("WORKERS", "4"))
except ValueError as error:
    raise SystemExit("WORKERS must be a whole number") from error
app = FastAPI()


@app.get("/workers")
def workers():
    return WORKERS
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.environment import parsed_at_import


@rule(
    category=Category.VALIDATION,
    section="6B",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    certainty=Certainty.SUSPECTED,
)
def env_parse_at_import(code: Code) -> Iterator[Finding]:
    """Variables without a default that a served module turns into numbers and the like when it is imported."""
    for call, variable in parsed_at_import(code):
        yield call.finding(f"a missing or malformed `{variable}` ends the import with a traceback", variable=variable)
