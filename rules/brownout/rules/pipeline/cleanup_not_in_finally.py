"""Clean-up after a yield that an exception skips.

## The Problem
`{function}` gives something out at its `yield` and tidies up after it. An exception in the `with` block, or in the
request that uses it, is raised at the `yield`: everything after it is skipped, `{cleanup|the clean-up}` first of all.

## Failure Scenario
The code inside of the `with` fails once, or the task is cancelled.

## Current Behavior
The connection, lock, directory or setting stays as it was. After enough failures the pool is empty or the lock is held
for ever.

## How to Verify
Raise an exception inside of the `with` block and look whether the clean-up ran.

## The Fix
Put the `yield` under `try` and the clean-up under `finally`.

## Trade-off Consideration
What must only happen when all went well (a commit) stays after the `yield`, outside of `finally`.

## Bad
```python
import os
from contextlib import contextmanager


@contextmanager
def inside(folder):
    before = os.getcwd()
    os.chdir(folder)
    yield  # expect
    os.chdir(before)
```

## Good
```python
import os
from contextlib import contextmanager


@contextmanager
def inside(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import cleanups
from brownout.fixes import clean_up_in_finally


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(2, 10),
    fix="unsafe",
)
def cleanup_not_in_finally(code: Code) -> Iterator[Finding]:
    """Context managers, dependencies and lifespans whose clean-up after a bare `yield` is skipped by a failure."""
    for found in cleanups.skipped(code):
        cleanup = code.text(found.cleanup)
        yield code.finding(
            found.node,
            f"a failure at this `yield` skips `{cleanup}`",
            function=found.function,
            name="yield",
            notes=[Note(code.location(found.cleanup), "the clean-up that is skipped")],
            fixes=[clean_up_in_finally(code.module.span(found.statement))] if found.fixable else [],
            lower=1 if (ends := cleanups.ends_with_process(found.function, code)) else 0,
            because="a lifespan is thrown into only when the server itself fails, and the process ends" if ends else "",
            cleanup=cleanup,
        )
