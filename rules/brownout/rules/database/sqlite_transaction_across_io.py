"""SQLite transaction held open while something slow runs.

## The Problem
Between the first write of the transaction and its commit, `{call}` waits for {display|something outside}. SQLite has
one write lock for the whole file, and this transaction holds it for all that time.

## Failure Scenario
The other side takes thirty seconds to answer, or never does.

## Current Behavior
Every other writer waits for its busy timeout of five seconds and then fails with `database is locked`. One slow
neighbour stops the whole service from writing.

## How to Verify
{breaks|Let the slow call take a minute.} Meanwhile write through any other request.

## The Fix
Do the slow work first, and keep only the statements between begin and commit. Where the work needs a row that is
written first, commit that row with a status, do the work, and write the result in a second transaction.

## Trade-off Consideration
Two transactions can be torn apart by a crash: the status of the first one must tell what is unfinished.

## Bad
```python
import sqlite3

import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def order(item: str):
    connection = sqlite3.connect("orders.db")
    connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
    requests.post("https://billing.example/charge", json={"item": item}, timeout=30)  # expect
    connection.commit()
    connection.close()
```

## Good
```python
import sqlite3

import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def order(item: str):
    requests.post("https://billing.example/charge", json={"item": item}, timeout=30)
    connection = sqlite3.connect("orders.db")
    connection.execute("INSERT INTO orders (item) VALUES (?)", (item,))
    connection.commit()
    connection.close()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.busy import held


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(15, 60),
)
def sqlite_transaction_across_io(code: Code) -> Iterator[Finding]:
    """Slow calls between the first write of an SQLite transaction and its end."""
    for found in held(code):
        yield found.call.finding(
            f"`{found.call.text}` runs while the transaction on `{found.begun.connection}` holds the write lock",
            notes=found.notes,
            display=found.what,
        )
