"""Live data removed before its replacement exists.

## The Problem
`{call}` {how|removes} {path|the old version}, and only then is the new one made. Making it can fail; then there is
neither the old one nor the new one.

## Failure Scenario
The disk fills up while the new version is copied, the download breaks off, or the process is restarted in between.

## Current Behavior
The service stands without its data. Also when all goes well, every request in between finds nothing.

## How to Verify
Make the second step fail: fill the disk, cut the network, or kill the process between the two.

## The Fix
Make the new version beside the old one, check it, and swap the two with a rename; remove the old one last.

## Trade-off Consideration
For a moment both versions need space. That is the price of always having one.

## Bad
```python
import shutil

INDEX = "/data/index"


def publish(source):
    shutil.rmtree(INDEX)  # expect
    shutil.copytree(source, INDEX)
```

## Good
```python
import os
import shutil

INDEX = "/data/index"


def publish(source):
    shutil.copytree(source, f"{INDEX}.new")
    os.rename(INDEX, f"{INDEX}.old")
    os.rename(f"{INDEX}.new", INDEX)
    shutil.rmtree(f"{INDEX}.old")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.destroying import destroyed_first


@rule(
    category=Category.DATABASE,
    section="2C",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(15, 60),
)
def destroy_before_create(code: Code) -> Iterator[Finding]:
    """Removals of live data after which the replacement is made out of something that may fail."""
    for found in destroyed_first(code):
        path = code.text(found.path)
        yield found.call.finding(
            f"`{found.call.text}` {found.how} `{path}` before its replacement exists",
            notes=found.notes,
            how=found.how,
            path=f"`{path}`",
        )
