"""Error in the log without its traceback.

## The Problem
`{call}` writes the text of the error and drops the rest. This handler catches everything, so the text may be as little
as `'name'` or `list index out of range`: what failed, but not where, and not on whose behalf.

## Failure Scenario
An error that nobody thought of, once in ten thousand requests, on a machine without a debugger.

## Current Behavior
The log holds a line that fits fifty places in the code. Finding the right one takes hours, or another outage.

## How to Verify
Raise `KeyError("name")` inside of the `try` and try to tell from the log alone which line raised it.

## The Fix
`logger.exception(…)` writes the same line and the traceback after it.

## Trade-off Consideration
Tracebacks make logs longer. For one expected error, catch that class by name and log a sentence of your own.

## Bad
```python
import logging

logger = logging.getLogger(__name__)


def index(document):
    try:
        return document["title"].split()
    except Exception as error:
        logger.error(f"indexing failed: {error}")  # expect
        return []
```

## Good
```python
import logging

logger = logging.getLogger(__name__)


def index(document):
    try:
        return document["title"].split()
    except Exception as error:
        logger.exception(f"indexing failed: {error}")
        return []
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import tracebacks
from brownout.fixes import log_traceback


@rule(
    category=Category.DEGRADATION,
    section="7C",
    severity=Severity.MONITOR,
    likelihood=Level.HIGH,
    impact=Impact(User.NONE, Data.NONE, Recovery.COMPLEX),
    effort=(2, 5),
    fix="safe",
)
def error_without_context(code: Code) -> Iterator[Finding]:
    """Handlers of everything that log or print the error's text, and not where it came from."""
    for line in tracebacks.without_context(code):
        yield code.finding(
            line.node,
            f"`{line.text}` drops the traceback of whatever was raised",
            function=line.function,
            name=line.text,
            fixes=[]
            if line.is_print or not line.text.endswith(".error")
            else [log_traceback(code.module.span(line.node))],
            lower=0 if code.serves(line.function) else 1,
            because="" if code.serves(line.function) else "no request or job is known to lead here",
            call=line.text,
        )
