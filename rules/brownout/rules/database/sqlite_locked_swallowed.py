"""Write that a locked database drops without a word.

## The Problem
`except {caught}` around `{sql}` only passes or logs. `database is locked` and `disk I/O error` are such errors: the
row is not written, and the caller goes on as if it were.

## Failure Scenario
Another process holds the write lock for longer than the busy timeout, or the disk is full.

## Current Behavior
The request answers with success. The data is gone; at best a line in a log says so.

## How to Verify
Hold the write lock in a shell (`sqlite3 app.db 'BEGIN IMMEDIATE'`, left open), use the feature, and look for the row.

## The Fix
Let the error reach the caller, or try again a few times with a pause and raise the last error.

## Trade-off Consideration
Callers now see failures that they did not see before: they need an answer such as 503 with `Retry-After`.

## Bad
```python
import logging
import sqlite3

logger = logging.getLogger(__name__)


def remember(connection: sqlite3.Connection, name: str):
    try:
        connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))
        connection.commit()
    except sqlite3.OperationalError:  # expect
        logger.warning("could not remember %s", name)
```

## Good
```python
import logging
import sqlite3

logger = logging.getLogger(__name__)


def remember(connection: sqlite3.Connection, name: str):
    try:
        connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))
        connection.commit()
    except sqlite3.OperationalError:
        logger.warning("could not remember %s", name)
        raise
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.busy import swallowed


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(10, 30),
)
def sqlite_locked_swallowed(code: Code) -> Iterator[Finding]:
    """Handlers of SQLite's errors around a write that neither raise, nor try again, nor tell the caller."""
    for found in swallowed(code):
        yield code.finding(
            found.handler,
            f"`except {found.caught}` drops a failed {found.statement.verb} without telling the caller",
            function=found.statement.call.function,
            name=f"except:{found.caught}",
            caught=found.caught,
            sql=found.statement.sql[:60],
        )
