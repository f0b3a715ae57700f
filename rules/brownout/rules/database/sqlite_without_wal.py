"""SQLite database opened without write-ahead logging in a concurrent service.

## The Problem
`{call}` opens a database file in the default rollback-journal mode, where one writer shuts out every reader and every
reader shuts out the writer. With requests in parallel, readers and writers wait for each other.

## Failure Scenario
A request reads a long list while a worker stores its result, or two requests write at once.

## Current Behavior
`sqlite3.OperationalError: database is locked` after the busy timeout of five seconds, for users who did nothing wrong.

## How to Verify
Hold a read transaction open in a shell (`BEGIN; SELECT * FROM …;`) and use the service: its writes fail.

## The Fix
Set `PRAGMA journal_mode=WAL` once after connecting; readers then no longer block the writer. Keep transactions short.

## Trade-off Consideration
The mode stays with the file and adds `-wal` and `-shm` files beside it, so plain file copies are no backup any more.
It does not work on network file systems. SQLite reports a refusal by returning the old mode, not by raising.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


def connect():
    connection = sqlite3.connect("documents.db")  # expect
    return connection


@app.get("/documents")
def documents():
    return connect().execute("SELECT name FROM documents").fetchall()
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


def connect():
    connection = sqlite3.connect("documents.db")
    connection.execute("PRAGMA journal_mode=WAL")
    return connection


@app.get("/documents")
def documents():
    return connect().execute("SELECT name FROM documents").fetchall()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases import sqlite
from brownout.fixes import enable_wal


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def sqlite_without_wal(code: Code) -> Iterator[Finding]:
    """Connections to a database file in a project that works concurrently and sets WAL nowhere."""
    if not sqlite.is_concurrent(code.project) or sqlite.sets_wal(code.project):
        return
    for call in code.library_calls:
        if not sqlite.opens_file(call) or not sqlite.is_served(call):
            continue
        if not sqlite.is_disposable(call) and not sqlite.is_copied(call):
            name = sqlite.bound_name(call)
            yield call.finding(
                f"`{call.text}` opens the database without write-ahead logging, and requests share it",
                fixes=[enable_wal(code.module.span(call.table.statement), name)] if name else [],
            )
