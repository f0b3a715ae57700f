"""State read back and believed to have every key.

## The Problem
`{subscript}` takes an element of an element of what was read from a file. If the file is older than this code, cut off
and repaired, or edited by hand, a key is missing and the line raises.

## Failure Scenario
The service is upgraded and meets the state that the version before has written.

## Current Behavior
`KeyError: 'offset'` at the first use, often at start-up: the service does not come up again until somebody edits or
deletes the file.

## How to Verify
Remove one key from the file and start the service.

## The Fix
Validate what was read once, where it is read: a pydantic model with defaults, or `.get` with a default and a check. Say
in the message which file and which key.

## Trade-off Consideration
A default hides that something was lost: log it.

## Bad
```python
import json


def resume():
    with open("checkpoint.json") as file:
        state = json.load(file)
    return state["progress"]["offset"]  # expect
```

## Good
```python
import json


def resume():
    with open("checkpoint.json") as file:
        state = json.load(file)
    return state.get("progress", {}).get("offset", 0)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import checkpoints
from brownout.model.syntax import unparse


@rule(
    category=Category.VALIDATION,
    section="6B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(10, 30),
)
def checkpoint_key_unchecked(code: Code) -> Iterator[Finding]:
    """Chained keys on state that was read from a file and that nothing has validated."""
    for found in checkpoints.chained(code):
        yield code.finding(
            found.subscript,
            f"`{unparse(found.subscript)}` fails where the file lacks a key, and nothing has validated it",
            function=found.function,
            name="subscript",
            notes=[Note(code.location(found.load.node), "the state is read here")],
            subscript=unparse(found.subscript),
        )
