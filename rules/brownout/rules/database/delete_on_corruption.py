"""Database removed because SQLite complained about it.

## The Problem
When SQLite raises `{caught}`, `{call}` takes the database away. That error is not only corruption: it is also a locked
file, a full disk, a missing permission or a wrong statement. And a damaged database can mostly be read in part.

## Failure Scenario
The disk is full for a minute, or another process holds the lock, and the service starts.

## Current Behavior
All data is gone, and the service goes on with an empty database as if nothing had happened.

## How to Verify
Make the file read-only or hold an exclusive lock on a copy of it, and start the service.

## The Fix
Stop and tell it. If the service must go on, move the database aside under a new name together with its `-wal` and
`-shm` files, log it as an error, and keep it for `.recover`.

## Trade-off Consideration
A service that stops needs somebody to look at it. For data that can be built again, such as a cache, removing is right.

## Bad
```python
import os
import sqlite3

DATABASE = "documents.db"


def start():
    try:
        sqlite3.connect(DATABASE).execute("SELECT 1 FROM documents")
    except sqlite3.DatabaseError:
        os.remove(DATABASE)  # expect
```

## Good
```python
import logging
import sqlite3

logger = logging.getLogger(__name__)

DATABASE = "documents.db"


def start():
    try:
        sqlite3.connect(DATABASE).execute("SELECT 1 FROM documents")
    except sqlite3.DatabaseError:
        logger.exception("%s cannot be read; restore it from a backup", DATABASE)
        raise
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.databasefiles import destroyed_when_broken


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.CRITICAL,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(10, 30),
)
def delete_on_corruption(code: Code) -> Iterator[Finding]:
    """Handlers of SQLite's errors that remove the database, or put it where nothing finds it."""
    for found in destroyed_when_broken(code):
        yield found.call.finding(
            f"`{found.call.text}` takes the database away on any `{found.caught}`", caught=found.caught
        )
