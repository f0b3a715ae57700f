"""New file put in place before it has reached the disk.

## The Problem
`{call}` replaces the old file with one whose content is still in memory. The rename and the content take different ways
to the disk; nothing makes the content arrive first.

## Failure Scenario
The machine loses power, the node is reset or the kernel panics within the next half a minute.

## Current Behavior
After the start the file has its name and no content, or zeros, and the old content is gone: what the replacement was
meant to prevent.

## How to Verify
Reset a virtual machine (not the process: that loses nothing here) right after the write, and read the file.

## The Fix
Before the file is closed: `file.flush()` and `os.fsync(file.fileno())`. Then replace.

## Trade-off Consideration
A sync takes milliseconds on an SSD and more on network disks. For a cache or a status file, leave it out.

## Bad
```python
import json
import os


def save_checkpoint(checkpoint, state):
    temporary = f"{checkpoint}.tmp"
    with open(temporary, "w") as file:
        json.dump(state, file)
    os.replace(temporary, checkpoint)  # expect
```

## Good
```python
import json
import os


def save_checkpoint(checkpoint, state):
    temporary = f"{checkpoint}.tmp"
    with open(temporary, "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, checkpoint)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.replacing import unsynced
from brownout.fixes import sync_file


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.DATA_LOSS),
    effort=(2, 10),
    fix="safe",
)
def replace_without_fsync(code: Code) -> Iterator[Finding]:
    """Replaces of a file that matters by one which the same function has written and not synced."""
    for found in unsynced(code):
        call = found.replace.call
        fixes = []
        if found.block is not None and found.handle is not None:
            fixes = [sync_file(code.module.span(found.block), found.handle)]
        yield call.finding(
            f"`{call.text}` puts a file in place that may not be on the disk yet", notes=found.notes, fixes=fixes
        )
