"""SQLite write that is never committed.

## The Problem
`{call}` changes rows on a connection that this function opens and drops without a commit. Python opens a transaction by
itself before the first write; when the connection is closed, SQLite takes it back.

## Failure Scenario
Every time: nothing has to fail.

## Current Behavior
The row can be read on the same connection and is gone afterwards. The function returns as if it had been stored.

## How to Verify
Call the function and read the table from a second connection.

## The Fix
Commit after the last write, or put the writes into `with connection:`.

## Trade-off Consideration
None: what is not committed is not stored.

## Bad
```python
import sqlite3


def remember(name: str):
    connection = sqlite3.connect("documents.db")
    connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))  # expect
    connection.close()
```

## Good
```python
import sqlite3


def remember(name: str):
    connection = sqlite3.connect("documents.db")
    connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))
    connection.commit()
    connection.close()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.transactions import uncommitted
from brownout.fixes import commit_after


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.CRITICAL,
    likelihood=Level.HIGH,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(2, 10),
    fix="unsafe",
)
def sqlite_write_not_committed(code: Code) -> Iterator[Finding]:
    """Writes on a connection of the function's own that nobody commits."""
    for found in uncommitted(code):
        connection = found.session.name
        fixes = []
        if found.last is not None:
            fixes = [commit_after(code.module.span(found.last), connection, awaited=found.awaited)]
        yield found.write.call.finding(
            f"`{found.write.call.text}` changes rows, and `{connection}` is dropped without a commit", fixes=fixes
        )
