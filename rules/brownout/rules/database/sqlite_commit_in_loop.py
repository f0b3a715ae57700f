"""SQLite commit after every single row.

## The Problem
`{call}` commits once per row. Each commit waits until the disk has the data; a thousand rows wait a thousand times, and
a failure half way leaves half of the rows behind.

## Failure Scenario
An import of ten thousand rows on an ordinary disk, or an exception in the middle of it.

## Current Behavior
The import takes minutes and takes the write lock again for every row, so that others find the database locked. After a
failure nobody knows which rows are in.

## How to Verify
Time the import of ten thousand rows with the commit in the loop and after it.

## The Fix
Commit once after the loop, or after every few hundred rows when there are very many.

## Trade-off Consideration
One long transaction shuts out other writers while it lasts. Work that is slow between the rows should not be in it.

## Bad
```python
import sqlite3


def store(connection: sqlite3.Connection, rows: list[tuple[str, int]]):
    for row in rows:
        connection.execute("INSERT INTO sales VALUES (?, ?)", row)
        connection.commit()  # expect
```

## Good
```python
import sqlite3


def store(connection: sqlite3.Connection, rows: list[tuple[str, int]]):
    for row in rows:
        connection.execute("INSERT INTO sales VALUES (?, ?)", row)
    connection.commit()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.transactions import commits_per_row


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.RECOVERABLE, Recovery.AUTOMATIC),
    effort=(5, 15),
)
def sqlite_commit_in_loop(code: Code) -> Iterator[Finding]:
    """Commits in a loop over rows whose body does nothing but write them."""
    for call in commits_per_row(code):
        yield call.finding(f"`{call.text}` commits after every single row")
