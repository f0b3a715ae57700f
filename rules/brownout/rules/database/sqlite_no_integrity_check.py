"""SQLite database that nobody checks for damage.

## The Problem
`{call}` opens the database when the service starts, and nothing in the project ever asks SQLite whether the file is
whole. A damaged page stays unseen until a query comes across it.

## Failure Scenario
The machine lost power, the disk has bad blocks, or somebody copied the file while it was in use.

## Current Behavior
The service works for weeks with a damaged file, and every backup holds the damage too. Then `database disk image is
malformed` comes in the middle of a request.

## How to Verify
Overwrite a page in the middle of a copy of the database (`dd conv=notrunc`), and start the service with it.

## The Fix
Run `PRAGMA quick_check` when the service starts, and stop with a clear message if it does not answer *ok*.

## Trade-off Consideration
The check reads the whole file: about a second per gigabyte on an SSD. For large files, do it in a nightly job.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


def init_db():
    connection = sqlite3.connect("documents.db")  # expect
    connection.execute("CREATE TABLE IF NOT EXISTS documents (name TEXT)")
    return connection


@app.get("/documents")
def documents():
    return init_db().execute("SELECT name FROM documents").fetchall()
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


def init_db():
    connection = sqlite3.connect("documents.db")
    if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise RuntimeError("the database is damaged: restore it from a backup")
    connection.execute("CREATE TABLE IF NOT EXISTS documents (name TEXT)")
    return connection


@app.get("/documents")
def documents():
    return init_db().execute("SELECT name FROM documents").fetchall()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases import sqlite
from brownout.facts.files.precautions import unchecked_openings
from brownout.fixes import check_integrity


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(10, 30),
    certainty=Certainty.SUSPECTED,
    fix="unsafe",
)
def sqlite_no_integrity_check(code: Code) -> Iterator[Finding]:
    """Openings of a database at start-up in a project that never checks it."""
    for call in unchecked_openings(code):
        name = sqlite.bound_name(call) if call.name == "sqlite3.connect" else None
        statement = code.module.span(call.table.statement)
        yield call.finding(
            f"`{call.text}` opens a database that nothing ever checks for damage",
            fixes=[check_integrity(statement, name)] if name else [],
        )
