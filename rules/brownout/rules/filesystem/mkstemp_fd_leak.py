"""Open file descriptor of a temporary file that nobody closes.

## The Problem
`{call}` opens the file and gives back its descriptor, a plain number. Python does not close it when the number is
forgotten, so each call leaves one open until the process ends.

## Failure Scenario
A thousand requests later the process has reached its limit of open files.

## Current Behavior
`OSError: [Errno 24] Too many open files`, everywhere at once: files, sockets, database connections. A restart helps
until the next time.

## How to Verify
Use the feature fifty times and count the entries of `/proc/PID/fd`.

## The Fix
Close the descriptor with `os.close(descriptor)`, or take it over with `os.fdopen(descriptor, "wb")` in a `with`.

## Trade-off Consideration
`NamedTemporaryFile` does both and is shorter; on Windows a second opening needs the first one to be closed.

## Bad
```python
import tempfile
from pathlib import Path


def store(data):
    descriptor, name = tempfile.mkstemp(suffix=".pdf")  # expect
    Path(name).write_bytes(data)
    return name
```

## Good
```python
import os
import tempfile
from pathlib import Path


def store(data):
    descriptor, name = tempfile.mkstemp(suffix=".pdf")
    os.close(descriptor)
    Path(name).write_bytes(data)
    return name
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import descriptors
from brownout.fixes import close_descriptor


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(2, 10),
    fix="safe",
)
def mkstemp_fd_leak(code: Code) -> Iterator[Finding]:
    """Descriptors of `mkstemp` that are neither closed nor given to anybody."""
    for leak in descriptors.leaks(code):
        yield leak.call.finding(
            f"`{leak.call.text}` opens a descriptor that nobody closes",
            fixes=[close_descriptor(leak.call.span, leak.name)] if leak.name else [],
        )
