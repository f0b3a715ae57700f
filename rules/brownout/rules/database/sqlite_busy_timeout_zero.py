"""SQLite connection that does not wait for a lock.

## The Problem
`{call}` sets the busy timeout to {wait|almost nothing}. SQLite has one writer at a time; whoever comes while it
writes is turned away at once instead of waiting the few milliseconds that the other one needs.

## Failure Scenario
Two requests write at the same moment, or a backup or a shell holds the lock for a second.

## Current Behavior
`sqlite3.OperationalError: database is locked`, at once, for a user who did nothing wrong. It happens only under load.

## How to Verify
Hold the write lock in a shell (`BEGIN IMMEDIATE;`), use the service, and release the lock after one second: the
request has failed already.

## The Fix
Wait for the lock: leave `timeout` out (five seconds is the default), or name a time that a user can wait.

## Trade-off Consideration
A caller may now wait for that long. Where failing fast is wanted, catch the error and try again with a pause.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def order(item: str):
    connection = sqlite3.connect("orders.db", timeout=0)  # expect
    with connection:
        connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
    connection.close()
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def order(item: str):
    connection = sqlite3.connect("orders.db", timeout=5.0)
    with connection:
        connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
    connection.close()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.busy import impatient
from brownout.fixes import add_keyword, edit_text


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(5, 10),
    fix="unsafe",
)
def sqlite_busy_timeout_zero(code: Code) -> Iterator[Finding]:
    """Connections whose busy timeout is set to nothing, or nearly so, and that nobody tries again."""
    for found in impatient(code):
        if found.pragma is not None:
            span = code.module.span(found.pragma)
            fix = edit_text(span, r"(busy_timeout\s*=?\s*\(?\s*)\d+", r"\g<1>5000", "Wait five seconds")
        else:
            fix = add_keyword(found.call.span, "timeout", "5.0", 1)
        yield found.call.finding(
            f"`{found.call.text}` gives up on a locked database after {found.wait}",
            fixes=[fix] if found.fixable else [],
            wait=found.wait,
        )
