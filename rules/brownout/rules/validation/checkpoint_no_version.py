"""State written without a version.

## The Problem
`{call}` writes the service's state with these keys and says nowhere which version of the format it is. When the keys
change, nothing can tell an old file from a new or a broken one.

## Failure Scenario
The next release renames a key or changes its meaning, and reads the file of the release before; or is rolled back.

## Current Behavior
A `KeyError` at start-up; or worse, the old value is taken for the new one and work is skipped or done twice.

## How to Verify
Start the new release with a state file of the old one.

## The Fix
Write `"schema_version": 1`, compare it when reading, convert older ones and refuse newer ones with a clear message.

## Trade-off Consideration
A version that is written but never compared helps only the human who looks; compare it from the first day.

## Bad
```python
import json


def save(offset, done):
    with open("checkpoint.json", "w") as file:
        json.dump({"offset": offset, "done": done}, file)  # expect
```

## Good
```python
import json


def save(offset, done):
    with open("checkpoint.json", "w") as file:
        json.dump({"schema_version": 1, "offset": offset, "done": done}, file)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import checkpoints
from brownout.fixes import add_key


@rule(
    category=Category.VALIDATION,
    section="6B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(10, 30),
    fix="unsafe",
)
def checkpoint_no_version(code: Code) -> Iterator[Finding]:
    """Dict literals written as the service's state that name no version of their format."""
    for call, literal in checkpoints.unversioned(code):
        yield call.finding(
            f"`{call.text}` writes state that does not say which version of the format it is",
            fixes=[add_key(code.module.span(literal), "schema_version", "1")],
        )
