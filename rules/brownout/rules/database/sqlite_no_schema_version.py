"""SQLite schema without a version.

## The Problem
`{call}` makes the table if there is none, and nothing in the project knows which version of the schema a file has.
When a column is added to this statement, existing databases do not get it.

## Failure Scenario
A new release adds a column, or an old one is started again after a roll-back.

## Current Behavior
New installations work. Every existing one fails with `no such column`, and only there, after the release.

## How to Verify
Start the old release once, then the new one with the same file.

## The Fix
Keep a number in `PRAGMA user_version`, and at the start run the steps from that number to the current one.

## Trade-off Consideration
A few lines to keep in order for ever. A migration tool does it too, and brings a dependency.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


def connect():
    connection = sqlite3.connect("documents.db")
    connection.execute("CREATE TABLE IF NOT EXISTS documents (name TEXT, pages INTEGER)")  # expect
    return connection


@app.get("/documents")
def documents():
    return connect().execute("SELECT name, pages FROM documents").fetchall()
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()

STEPS = ["CREATE TABLE documents (name TEXT)", "ALTER TABLE documents ADD COLUMN pages INTEGER"]


def connect():
    connection = sqlite3.connect("documents.db")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.execute(step)
        connection.execute(f"PRAGMA user_version = {number}")
    return connection


@app.get("/documents")
def documents():
    return connect().execute("SELECT name, pages FROM documents").fetchall()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files.precautions import unversioned_schemas


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(20, 60),
    certainty=Certainty.SUSPECTED,
)
def sqlite_no_schema_version(code: Code) -> Iterator[Finding]:
    """Tables made if there are none, in a project that knows no version of its schema."""
    for statement in unversioned_schemas(code):
        yield statement.call.finding("the table is made if there is none, but nothing knows which schema a file has")
