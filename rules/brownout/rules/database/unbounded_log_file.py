"""Log file that grows without end.

## The Problem
`{call}` writes the log of a service into one file that nothing rotates. Each request adds lines; an error in a loop
adds them by the thousand.

## Failure Scenario
The service runs for months, or a dependency fails and every attempt logs a traceback.

## Current Behavior
The disk is full. Then everything that writes fails: uploads, checkpoints, the database, and the log itself, which
would have said why.

## How to Verify
Log in a loop for a minute, and look at the size of the file and at how it ever gets smaller.

## The Fix
`logging.handlers.RotatingFileHandler` with a size and a number of old files, or log to standard error and leave files
to the platform.

## Trade-off Consideration
Several processes must not share a rotating file. With logrotate, use `WatchedFileHandler` and say so in a comment.

## Bad
```python
import logging

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)
logger.addHandler(logging.FileHandler("service.log"))  # expect


@app.get("/")
def index():
    logger.info("asked")
```

## Good
```python
import logging
import logging.handlers

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)
logger.addHandler(logging.handlers.RotatingFileHandler("service.log", maxBytes=10_000_000, backupCount=5))


@app.get("/")
def index():
    logger.info("asked")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.logfiles import HANDLER, unbounded
from brownout.fixes import rotate_log


@rule(
    category=Category.DATABASE,
    section="2C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def unbounded_log_file(code: Code) -> Iterator[Finding]:
    """Log files of a service that nothing rotates."""
    for call in unbounded(code):
        plain = call.target == HANDLER and len(call.node.args) == 1
        yield call.finding(
            f"`{call.text}` lets the log file grow until the disk is full",
            fixes=[rotate_log(call.span)] if plain else [],
        )
