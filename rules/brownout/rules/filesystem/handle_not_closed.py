"""File or document that stays open.

## The Problem
`{call}` opens {what|a file}, and {gap|on some way out of the function nothing closes it}. It stays open until Python
happens to collect it, which an exception, a reference cycle or another interpreter can put off for long.

## Failure Scenario
Broken documents come in by the hundred, or the object is kept in a traceback, a list or a cache.

## Current Behavior
`OSError: [Errno 24] Too many open files`; memory of parsers that is never given back; on Windows, files that cannot be
deleted.

## How to Verify
Run the failing case a few hundred times and count the entries of `/proc/PID/fd`.

## The Fix
Open it in a `with` statement, or close it in `finally`.

## Trade-off Consideration
None; where the handle must live longer, give it an owner with a `close` of its own.

## Bad
```python
import pymupdf
from fastapi import FastAPI

app = FastAPI()


@app.get("/pages/{number}")
def pages(number: int):
    document = pymupdf.open(f"uploads/{number}.pdf")  # expect
    return {"pages": [page.get_text() for page in document]}
```

## Good
```python
import pymupdf
from fastapi import FastAPI

app = FastAPI()


@app.get("/pages/{number}")
def pages(number: int):
    with pymupdf.open(f"uploads/{number}.pdf") as document:
        return {"pages": [page.get_text() for page in document]}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import handles
from brownout.fixes.failing import open_with


@rule(
    category=Category.FILESYSTEM,
    section="3C",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(2, 10),
    fix="unsafe",
)
def handle_not_closed(code: Code) -> Iterator[Finding]:
    """Files, documents, pictures and videos opened in code that serves and not closed on every way out."""
    for found in handles.left_open(code):
        yield found.call.finding(
            f"`{found.call.text}` opens {found.what}, and {found.gap}",
            fixes=[open_with(found.call.span)] if found.fixable else [],
            what=found.what,
            gap=found.gap,
        )
