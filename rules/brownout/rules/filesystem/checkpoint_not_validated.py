"""Checkpoint believed as it is.

## The Problem
`{call}` loads a checkpoint, and the function uses it without looking: no type, no version, no checksum. What is in
the file decides how the service goes on.

## Failure Scenario
The file was cut off, edited by hand, or written by another release.

## Current Behavior
A `KeyError` far from the cause; or, worse, the work goes on with wrong numbers and stores them.

## How to Verify
Change one value in the file to another type, remove a key, and start the service.

## The Fix
Load it through a model (pydantic, msgspec) or check the keys and a version, and keep a checksum beside the data.

## Trade-off Consideration
A format that is checked must be kept up: old checkpoints need a version and a way to be read or refused.

## Bad
```python
import json

CHECKPOINT = "checkpoint.json"


def resume():
    with open(CHECKPOINT) as file:
        state = json.load(file)  # expect
    return state["page"] + 1
```

## Good
```python
import json

CHECKPOINT = "checkpoint.json"


def resume():
    with open(CHECKPOINT) as file:
        state = json.load(file)
    if not isinstance(state, dict) or state.get("version") != 2:
        raise ValueError(f"{CHECKPOINT} is no checkpoint of this release")
    return state["page"] + 1
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.precautions import trusted_checkpoints


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(20, 60),
    certainty=Certainty.SUSPECTED,
)
def checkpoint_not_validated(code: Code) -> Iterator[Finding]:
    """Loads of checkpoints whose content nobody looks at before it is used."""
    for load in trusted_checkpoints(code):
        yield load.call.finding(f"`{load.call.text}` loads a checkpoint that is used without a look at what is in it")
