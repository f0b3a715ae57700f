"""Temporary name that somebody else can take first.

## The Problem
`{call}` only makes up a name; no file is made. Until the service opens it, any other program on the machine can put
a file or a symbolic link there, and two of the service's own workers may be given the same name.

## Failure Scenario
Another user of the host plants a link under the name, or two workers run on hosts that share the temporary directory.

## Current Behavior
The service writes through the link into a file that is not its own, or reads what somebody else has put there.

## How to Verify
Put a breakpoint after the call, make a symbolic link of that name to a file of yours, and go on: your file changes.

## The Fix
Use what makes the file as it finds the name: `tempfile.mkstemp()`, `NamedTemporaryFile` or `TemporaryDirectory`.

## Trade-off Consideration
A program that insists on making the file itself needs a name inside a fresh `TemporaryDirectory`: nobody else can
write there.

## Bad
```python
import subprocess
import tempfile


def convert(source):
    target = tempfile.mktemp(suffix=".pdf")  # expect
    subprocess.run(["soffice", "--convert-to", target, source], check=True, timeout=60)
    return target
```

## Good
```python
import subprocess
import tempfile
from pathlib import Path


def convert(source):
    target = Path(tempfile.mkdtemp()) / "converted.pdf"
    subprocess.run(["soffice", "--convert-to", target, source], check=True, timeout=60)
    return target
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.MINOR, Data.CORRUPTION, Recovery.MANUAL),
    effort=(5, 15),
)
def insecure_mktemp(code: Code) -> Iterator[Finding]:
    """Calls of `tempfile.mktemp` outside of a directory that the same code has just made for itself."""
    for call in code.index.to(("tempfile.mktemp",)):
        if call.target == "tempfile.mktemp" and code.judged(call.function):
            folder = call.argument("dir", 2)
            private = code.target(folder, call.function) if folder is not None else None
            if private is None or not private.startswith(("tempfile.TemporaryDirectory", "tempfile.mkdtemp")):
                yield call.finding(f"`{call.text}` only makes up a name, which somebody else can take first")
