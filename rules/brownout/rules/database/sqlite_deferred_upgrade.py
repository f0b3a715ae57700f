"""SQLite transaction that reads first and writes later.

## The Problem
`{call}` begins a deferred transaction: it takes a read lock with its first SELECT, and asks for the write lock only
when it writes. If anybody else has written in between, SQLite refuses at once, because what was read is no longer
true.

## Failure Scenario
Two requests run the same read-then-write at the same time: a counter, a claim of the next job, a balance.

## Current Behavior
`database is locked` after no time at all: the busy timeout does not apply to this case, however long it is.

## How to Verify
Set a breakpoint after the SELECT, write to the database from a shell, and go on.

## The Fix
Say from the start that the transaction will write: `BEGIN IMMEDIATE`. Then the busy timeout applies, and what was
read stays true until the commit.

## Trade-off Consideration
Transactions of this kind now run one after the other, also those that turn out not to write.

## Bad
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.post("/jobs/next")
def claim():
    connection = sqlite3.connect("jobs.db", isolation_level=None)
    connection.execute("BEGIN")  # expect
    row = connection.execute("SELECT id FROM jobs WHERE state = 'new' LIMIT 1").fetchone()
    connection.execute("UPDATE jobs SET state = 'taken' WHERE id = ?", row)
    connection.execute("COMMIT")
    return row
```

## Good
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.post("/jobs/next")
def claim():
    connection = sqlite3.connect("jobs.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    row = connection.execute("SELECT id FROM jobs WHERE state = 'new' LIMIT 1").fetchone()
    connection.execute("UPDATE jobs SET state = 'taken' WHERE id = ?", row)
    connection.execute("COMMIT")
    return row
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.transactions import upgrades
from brownout.fixes import edit_text


@rule(
    category=Category.DATABASE,
    section="2A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def sqlite_deferred_upgrade(code: Code) -> Iterator[Finding]:
    """Deferred transactions that read before they write."""
    for begin, write in upgrades(code):
        literal = begin.call.node.args[0] if begin.call.node.args else None
        fixes = []
        if isinstance(literal, ast.Constant):
            pattern = r"BEGIN(\s+DEFERRED)?(\s+TRANSACTION)?"
            fixes = [edit_text(code.module.span(literal), pattern, "BEGIN IMMEDIATE", "Use BEGIN IMMEDIATE")]
        yield begin.call.finding(
            f"`{begin.sql}` reads first and asks for the write lock later",
            notes=[Note(code.location(write.call.node.func), "the write lock is asked for here")],
            fixes=fixes,
        )
