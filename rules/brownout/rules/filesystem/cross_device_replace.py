"""File replaced from a temporary directory on another disk.

## The Problem
The new file is made in the default temporary directory, and `{call}` moves it onto the target. A rename works within
one file system only, and `/tmp` is often another one: a tmpfs, or a volume of its own in a container.

## Failure Scenario
The service runs in a container whose data is a mounted volume. On the developer's machine it has always worked.

## Current Behavior
{effect|`OSError: [Errno 18] Invalid cross-device link`, every time.}

## How to Verify
Mount a small tmpfs on the temporary directory (`TMPDIR=/mnt/small`) and save once.

## The Fix
Make the temporary file beside the target: `dir=os.path.dirname(path)`. Then the rename is one step again.

## Trade-off Consideration
After a crash the leftover lies beside the target, where somebody who lists the directory may see it.

## Bad
```python
import json
import os
import tempfile


def save(path, state):
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        json.dump(state, file)
    os.replace(file.name, path)  # expect
```

## Good
```python
import json
import os
import tempfile


def save(path, state):
    with tempfile.NamedTemporaryFile("w", delete=False, dir=os.path.dirname(path) or ".") as file:
        json.dump(state, file)
    os.replace(file.name, path)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.replacing import cross_device
from brownout.fixes import add_keyword

NOT_ATOMIC = (
    "On another disk the move becomes a copy: a crash in the middle leaves half a file in place of the old one."
)
FAILS = "`OSError: [Errno 18] Invalid cross-device link`, every time."


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def cross_device_replace(code: Code) -> Iterator[Finding]:
    """Replaces of a target by a file that was made in the default temporary directory."""
    for found in cross_device(code):
        call, made = found.replace.call, found.made
        fixes, notes = [], []
        if made is not None:
            notes = [Note(code.location(made.node.func), "it is made here, without dir=")]
        if made is not None and found.fixable:
            value = f'os.path.dirname({code.text(found.replace.target)}) or "."'
            fixes = [add_keyword(made.span, "dir", value, found.position)]
        yield call.finding(
            f"`{call.text}` moves a file from the default temporary directory, which may be another disk",
            notes=notes,
            fixes=fixes,
            lower=1 if found.replace.moves else 0,
            because="`shutil.move` copies where it cannot rename" if found.replace.moves else "",
            effect=NOT_ATOMIC if found.replace.moves else FAILS,
        )
