"""SQLite connection that several threads use at once.

## The Problem
`{call}` switches off SQLite's check of the thread (`check_same_thread=False`) and keeps the connection as `{name}`,
where several threads use it without a lock. A connection has one transaction: what one request has begun, another
commits or rolls back.

## Failure Scenario
Two requests arrive together. One fails and rolls back, the other has just written and not yet committed.

## Current Behavior
Rows disappear or half of a change is stored, without any error. Sometimes `recursive use of cursors` or `cannot start
a transaction within a transaction` appears in the log.

## How to Verify
Send a hundred writes from twenty threads, let every tenth one fail after its first statement, and count the rows.

## The Fix
Open a connection per request (it takes less than a millisecond), or take one lock around every transaction.

## Trade-off Consideration
With a lock all requests wait for one another. Connections of their own need WAL, so that readers and the writer do
not shut each other out.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()
connection = sqlite3.connect("orders.db", check_same_thread=False)  # expect


@app.post("/orders")
def order(item: str):
    connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
    connection.commit()
```

## Good
```python
import sqlite3
import threading

from fastapi import FastAPI

app = FastAPI()
connection = sqlite3.connect("orders.db", check_same_thread=False)
lock = threading.Lock()


@app.post("/orders")
def order(item: str):
    with lock, connection:
        connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.sharing import shared


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.CRITICAL,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(15, 60),
)
def sqlite_shared_connection(code: Code) -> Iterator[Finding]:
    """Connections without the thread check that requests share without a lock."""
    for found in shared(code):
        yield found.call.finding(
            f"`{found.name}` is shared by threads without the thread check and without a lock",
            notes=found.notes,
            name=found.name,
        )
