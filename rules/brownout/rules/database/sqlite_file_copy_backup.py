"""Backup of a live SQLite database by copying its file.

## The Problem
`{call}` copies the file of a database that is in use. A copy takes time: its first half is from before a transaction,
its second half from after it, and in WAL mode the newest rows are not in this file at all.

## Failure Scenario
Somebody writes while the copy runs. That is any night in which the backup runs and the service too.

## Current Behavior
The copy looks fine. When it is needed, it is `database disk image is malformed`, or lacks the last hours.

## How to Verify
Write to the database in a loop, copy it a hundred times, and run `PRAGMA integrity_check` on each copy.

## The Fix
Let SQLite do it: `Connection.backup`, or `VACUUM INTO 'copy.db'`. Both see one consistent state while others write.

## Trade-off Consideration
The backup reads through SQLite: it starts again when another process writes, and takes a little longer than a copy.

## Bad
```python
import shutil
import sqlite3

DATABASE = "documents.db"


def count():
    return sqlite3.connect(DATABASE).execute("SELECT count(*) FROM documents").fetchone()


def nightly():
    shutil.rmtree("/backups/old")
    shutil.copyfile(DATABASE, "/backups/documents.db")  # expect
```

## Good
```python
import shutil
import sqlite3
from contextlib import closing

DATABASE = "documents.db"


def count():
    return sqlite3.connect(DATABASE).execute("SELECT count(*) FROM documents").fetchone()


def nightly():
    shutil.rmtree("/backups/old")
    with closing(sqlite3.connect(DATABASE)) as live, closing(sqlite3.connect("/backups/documents.db")) as copied:
        live.backup(copied)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.databasefiles import copies
from brownout.fixes import back_up


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.CORRUPTION, Recovery.DATA_LOSS),
    effort=(5, 20),
    fix="unsafe",
)
def sqlite_file_copy_backup(code: Code) -> Iterator[Finding]:
    """Calls that copy or move a live database as an ordinary file."""
    for found in copies(code):
        yield found.call.finding(
            f"`{found.call.text}` copies a live database as a file; the copy may be torn",
            fixes=[back_up(found.call.span)] if found.plain else [],
            source=code.text(found.source),
        )
