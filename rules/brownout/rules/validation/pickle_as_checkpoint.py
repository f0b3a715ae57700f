"""State kept as a pickle.

## The Problem
`{call}` keeps state in the form of Python's own objects. A pickle names the classes and modules of the code that wrote
it: rename one, upgrade a library, and the file cannot be read any more. Reading a changed one runs code.

## Failure Scenario
The service is upgraded, a class moves to another module, and the state of last night is on the disk.

## Current Behavior
`AttributeError` or `ModuleNotFoundError` while loading, at start-up: all progress is lost or somebody must go back to
the old version to read it.

## How to Verify
Write the state, rename one of its classes, and start the service.

## The Fix
Write plain data with a version (JSON, SQLite), and make the objects from it when it is read.

## Trade-off Consideration
JSON knows no dates, sets or arrays: give them a form. For a cache that may be lost, a version in the file's name is
enough.

## Bad
```python
import pickle


def save(jobs):
    with open("checkpoint.pkl", "wb") as file:
        pickle.dump(jobs, file)  # expect
```

## Good
```python
import json


def save(jobs):
    with open("checkpoint.json", "w") as file:
        json.dump({"schema_version": 1, "jobs": jobs}, file)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import checkpoints


@rule(
    category=Category.VALIDATION,
    section="6B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.COMPLEX),
    effort=(30, 120),
)
def pickle_as_checkpoint(code: Code) -> Iterator[Finding]:
    """Pickles that hold the service's state, written or read."""
    for call in checkpoints.pickled(code):
        yield call.finding(f"`{call.text}` keeps state in a form that the next version may not be able to read")
