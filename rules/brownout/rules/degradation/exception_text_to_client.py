"""Text of an exception sent to the client.

## The Problem
`{call|The answer}` carries the text of whatever was raised. That text was written for developers: it holds paths,
queries, host names and sometimes passwords in connection strings, and it says nothing that a user could act on.

## Failure Scenario
Something fails that nobody thought of, such as the database, whose error quotes the statement and the address.

## Current Behavior
Users read `[Errno 111] Connection refused: db-internal:5432`, and so does everybody who probes the service. The log
may hold nothing, because the text went to the client.

## How to Verify
Stop the database and call the route with `curl`: read what it tells about the inside.

## The Fix
Log the exception with its traceback, and answer with a fixed sentence and an id under which it can be found.

## Trade-off Consideration
Support needs the id in every report. Errors of the service's own that were written for users may go out, with a 4xx.

## Bad
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/report/{name}")
def report(name: str):
    try:
        return open(name).read()
    except Exception as error:
        raise HTTPException(status_code=500, detail=str(error)) from error  # expect
```

## Good
```python
import logging

from fastapi import FastAPI, HTTPException

logger = logging.getLogger(__name__)
app = FastAPI()


@app.get("/report/{name}")
def report(name: str):
    try:
        return open(name).read()
    except Exception as error:
        logger.exception("report failed")
        raise HTTPException(status_code=500, detail="Internal error") from error
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import errortexts
from brownout.facts.failing.handlers import logger_of
from brownout.facts.nodes import shortened
from brownout.fixes.failing import hide_text


@rule(
    category=Category.DEGRADATION,
    section="7C",
    severity=Severity.MEDIUM,
    likelihood=Level.HIGH,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def exception_text_to_client(code: Code) -> Iterator[Finding]:
    """Server errors whose words are those of any exception that came along."""
    for told in errortexts.exception_texts(code):
        silent = told.handler is not None and not errortexts.tells(told.handler)
        yield code.finding(
            told.node,
            f"`{shortened(told.text)}` tells the client what went wrong inside",
            function=told.function,
            name="detail",
            fixes=[hide_text(code.module.span(told.inner), logger_of(code) or "", logs=silent)],
            call=shortened(told.text),
        )
