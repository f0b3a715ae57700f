"""Temporary file that stays behind.

## The Problem
`{call}` makes {what|a file or folder} that nothing removes by itself, and {gap|on some path nobody removes it}. Every
such failure leaves one more behind; in a
service that works on documents the disk is full after weeks, and then everything that writes fails at once.

## Failure Scenario
A document cannot be converted, a request is cancelled, or simply: the service runs for a month.

## Current Behavior
The temporary directory grows. Nobody notices until the disk is full.

## How to Verify
Count the entries of the temporary directory, run the failing case a hundred times, and count again.

## The Fix
Remove it in `finally`, or use the context manager that does so (`TemporaryDirectory`, `NamedTemporaryFile`).

## Trade-off Consideration
A process that is killed leaves its temporary files in any case: a directory of the service's own, emptied at
start-up, takes care of those.

## Bad
```python
import os
import subprocess
import tempfile


def render(data):
    handle, path = tempfile.mkstemp(suffix=".pdf")  # expect
    os.write(handle, data)
    os.close(handle)
    pages = subprocess.run(["pdftotext", path, "-"], capture_output=True, timeout=60).stdout
    os.unlink(path)
    return pages
```

## Good
```python
import os
import subprocess
import tempfile


def render(data):
    handle, path = tempfile.mkstemp(suffix=".pdf")
    try:
        os.write(handle, data)
        os.close(handle)
        pages = subprocess.run(["pdftotext", path, "-"], capture_output=True, timeout=60).stdout
    finally:
        os.unlink(path)
    return pages
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import temporaries
from brownout.fixes import remove_in_finally


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 20),
    fix="unsafe",
)
def leaked_temporary_file(code: Code) -> Iterator[Finding]:
    """Temporary files and directories that some way out of the function leaves behind."""
    for leak in temporaries.leaks(code):
        removal = leak.removal
        yield leak.call.finding(
            f"`{leak.call.text}` makes {leak.what}, and {leak.gap}",
            notes=leak.notes,
            fixes=[remove_in_finally(leak.call.span, code.module.span(removal))] if removal and leak.fixable else [],
            lower=1 if leak.usually else 0,
            because=leak.usually,
            what=leak.what,
            gap=leak.gap,
        )
