"""SQLite connection that nobody closes.

## The Problem
`{call}` opens a connection, and {gap|nothing closes it}. `with connection:` is a transaction, not a closing: after it
the file, its locks and a WAL that cannot be cleaned up stay open until the garbage collector comes by.

## Failure Scenario
The service runs for weeks, an exception keeps the frame alive in a log handler, or a statement was left half read.

## Current Behavior
Open file handles grow until `unable to open database file`. A reader that was never finished keeps the WAL growing,
and writers may find the database locked. Python 3.13 prints a `ResourceWarning`.

## How to Verify
Count the entries of `/proc/PID/fd` that name the database, use the feature a hundred times, and count again.

## The Fix
Close it on every way: `with contextlib.closing(sqlite3.connect(path)) as connection, connection:` commits and closes.

## Trade-off Consideration
None for single calls. A connection that lives as long as the process may stay open; then open it once.

## Bad
```python
import sqlite3


def remember(name: str):
    with sqlite3.connect("documents.db") as connection:  # expect
        connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))
```

## Good
```python
import sqlite3
from contextlib import closing


def remember(name: str):
    with closing(sqlite3.connect("documents.db")) as connection, connection:
        connection.execute("INSERT INTO documents (name) VALUES (?)", (name,))
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.leftopen import left_open
from brownout.fixes import close_connection


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def sqlite_not_closed(code: Code) -> Iterator[Finding]:
    """Connections that their function opens for itself and does not close."""
    for found in left_open(code):
        yield found.call.finding(
            f"`{found.call.text}` opens a connection, and {found.gap}",
            fixes=[close_connection(found.call.span)] if found.with_item else [],
            lower=1 if found.sometimes else 0,
            because="it is closed where all goes well" if found.sometimes else "",
            gap=found.gap,
        )
