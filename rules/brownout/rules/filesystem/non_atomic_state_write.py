"""State file overwritten in place.

## The Problem
`{call}` empties {file|the file} first and fills it afterwards. Whatever stops the process in between (a crash, a full
disk, a redeploy, an exception while serialising) leaves half a file, and the old content is already gone.

## Failure Scenario
The disk fills up, or the container is killed, while the state is being written.

## Current Behavior
The file is empty or cut off. The next start fails to read it, or silently starts from nothing: {why|the program reads
it back}.

## How to Verify
Limit the size of files (`ulimit -f 1`) or kill the process during the write, then start it again.

## The Fix
Write to a temporary file in the same directory, flush it to the disk, and put it in place with `os.replace`.

## Trade-off Consideration
The replacement is a new file: it has default permissions and no ACLs (copy them where the file holds secrets), does
not follow a symbolic or hard link, and fails with EBUSY where the target itself is a bind mount. `fsync` costs
milliseconds; for a mere cache, leave it out.

## Bad
```python
import json

CHECKPOINT = "checkpoint.json"


def save(progress):
    with open(CHECKPOINT, "w") as file:  # expect
        json.dump(progress, file)
```

## Good
```python
import json
import os

CHECKPOINT = "checkpoint.json"


def save(progress):
    temporary = f"{CHECKPOINT}.tmp"
    with open(temporary, "w") as file:
        json.dump(progress, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, CHECKPOINT)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.files import Access, accesses, is_plain, is_state, replaced_later
from brownout.facts.files.handed import state_given
from brownout.facts.files.sharednames import runs_at_once
from brownout.fixes import write_atomically


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.DATA_LOSS),
    effort=(10, 30),
    fix="unsafe",
)
def non_atomic_state_write(code: Code) -> Iterator[Finding]:
    """Writes onto a path that the service also reads back, or that is named as its state, without a replace."""
    found = list(accesses(code))
    read = {access.shape.key for access in found if access.mode.startswith("r")}
    for access in found:
        call = access.call
        if not access.writes or not code.judged(call.function):
            continue
        why, notes = is_state(access, read), list[Note]()
        if why is None and (given := state_given(access, code)) is not None:
            why, notes = given[1], given[0].notes
        if why is None or replaced_later(access, code):
            continue
        yield call.finding(
            f"`{call.text}` overwrites a state file in place: {why}",
            notes=notes,
            fixes=_fixes(access, code),
            why=why,
            file=f"`{code.text(access.path)}`",
        )


def _fixes(access: Access, code: Code) -> list[Fix]:
    if not is_plain(access):
        return []
    call = access.call
    position = next((index for index, one in enumerate(call.node.args) if one is access.path), None)
    is_saver = access.with_node is None and position is not None
    span = code.module.span(access.with_node or call.table.statement)
    return [write_atomically(span, position if is_saver else None, own=runs_at_once(call))]
