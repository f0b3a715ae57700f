"""SQLite told not to protect the database.

## The Problem
`PRAGMA {pragma}` switches off what keeps the file whole. Without `synchronous` the disk may get pages in any order;
with the journal off or in memory a half-done transaction cannot be undone; a writable schema lets a typo destroy the
tables.

## Failure Scenario
The machine loses power, the container is killed with its disk, or the process dies in the middle of a transaction.

## Current Behavior
`database disk image is malformed` at the next start. There is nothing to roll back with.

## How to Verify
Kill the process with SIGKILL in the middle of a long transaction (journal), or cut the power of a virtual machine
(synchronous), and run `PRAGMA integrity_check`.

## The Fix
`journal_mode=WAL` with `synchronous=NORMAL` is nearly as fast, and survives both.

## Trade-off Consideration
With `NORMAL` in WAL mode the last transactions may be lost when the power fails, but the database stays whole. For a
database that can be built again at any time, the pragma is fine: say so in a comment.

## Bad
```python
import sqlite3


def connect():
    connection = sqlite3.connect("documents.db")
    connection.execute("PRAGMA synchronous=OFF")  # expect
    return connection
```

## Good
```python
import sqlite3


def connect():
    connection = sqlite3.connect("documents.db")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases.pragmas import Unsafe, unsafe
from brownout.fixes import edit_text


@rule(
    category=Category.DATABASE,
    section="2B",
    severity=Severity.CRITICAL,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.CORRUPTION, Recovery.DATA_LOSS),
    effort=(2, 10),
    fix="unsafe",
)
def sqlite_unsafe_pragma(code: Code) -> Iterator[Finding]:
    """Pragmas that switch off the journal or the syncing of a database that matters."""
    for found in unsafe(code):
        yield found.call.finding(
            f"`PRAGMA {found.pragma}` lets a crash destroy the database", fixes=_fixes(found), pragma=found.pragma
        )


def _fixes(found: Unsafe) -> list[Fix]:
    if found.literal is None:
        return []
    span = found.call.code.module.span(found.literal)
    if found.pragma.lower().startswith("synchronous"):
        return [edit_text(span, r"(synchronous\s*=\s*)(off|0)\b", r"\1NORMAL", "Use synchronous=NORMAL")]
    if found.pragma.lower().startswith("journal_mode"):
        return [edit_text(span, r"(journal_mode\s*=\s*)(off|memory)\b", r"\1WAL", "Use journal_mode=WAL")]
    return []
