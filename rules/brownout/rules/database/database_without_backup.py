"""Live database without any backup.

## The Problem
`{call}` opens the database of the service. Nothing in the project makes a copy of it: no `Connection.backup`, no
`VACUUM INTO`, no replication. Perhaps the platform does; it should be known.

## Failure Scenario
A disk fails, a volume is deleted with its container, or a wrong statement empties a table.

## Current Behavior
Everything since the first day is gone.

## How to Verify
Delete the volume of a test installation, and bring the service back with all its data. Note how long it takes.

## The Fix
Copy it every night with `Connection.backup` to another machine, and restore such a copy once a month.

## Trade-off Consideration
Space, a schedule, and somebody who looks at whether it ran. A backup that was never restored is a hope.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/documents")
def documents():
    return sqlite3.connect("documents.db").execute("SELECT name FROM documents").fetchall()  # expect
```

## Good
```python
import sqlite3
from contextlib import closing

from fastapi import FastAPI

app = FastAPI()


@app.get("/documents")
def documents():
    return sqlite3.connect("documents.db").execute("SELECT name FROM documents").fetchall()


def nightly():
    with closing(sqlite3.connect("documents.db")) as live, closing(sqlite3.connect("/backups/documents.db")) as copy:
        live.backup(copy)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.precautions import unsaved_databases


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(30, 120),
    certainty=Certainty.SUSPECTED,
)
def database_without_backup(code: Code) -> Iterator[Finding]:
    """Databases of a service that nothing in the project ever copies."""
    for call in unsaved_databases(code):
        yield call.finding(f"`{call.text}` opens a live database that nothing in the project backs up")
