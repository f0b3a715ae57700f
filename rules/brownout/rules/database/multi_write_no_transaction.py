"""Writes that belong together, each committed on its own.

## The Problem
The connection is in autocommit mode: `{call}` is stored the moment it is done, and so is each write after it. They
belong together ({why|they name the same thing}), but nothing makes them one step.

## Failure Scenario
The process is killed, the disk is full or the database is locked after the first write and before the last.

## Current Behavior
Half of the change is stored: money has left one account and not reached the other, an order has no lines. No later
start repairs it, since nothing tells that it is unfinished.

## How to Verify
Raise an exception between the two writes, and read both tables.

## The Fix
Put them between `BEGIN IMMEDIATE` and `COMMIT`, with a `ROLLBACK` when one fails. In autocommit mode `with
connection:` begins no transaction.

## Trade-off Consideration
Other writers wait until the last of the writes is done. Keep everything slow out of the transaction.

## Bad
```python
import sqlite3


def transfer(source: int, target: int, amount: int):
    connection = sqlite3.connect("bank.db", isolation_level=None)
    connection.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, source))  # expect
    connection.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, target))
    connection.close()
```

## Good
```python
import sqlite3


def transfer(source: int, target: int, amount: int):
    connection = sqlite3.connect("bank.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, source))
        connection.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, target))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    connection.close()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.related import related_writes
from brownout.fixes import begin_transaction


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(10, 30),
    fix="unsafe",
)
def multi_write_no_transaction(code: Code) -> Iterator[Finding]:
    """Dependent writes on a connection in autocommit mode that no transaction holds together."""
    for found in related_writes(code):
        first, last = found.first.call, found.last.call
        spans = code.module.span(found.start), code.module.span(found.end)
        yield first.finding(
            f"`{first.text}` commits by itself; the write in line {last.node.lineno} belongs to it",
            notes=[Note(code.location(last.node.func), "this write belongs to it")],
            fixes=[begin_transaction(*spans, found.connection, awaited=last.awaited)],
            why=found.why,
        )
