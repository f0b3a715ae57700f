"""Error that is answered with the status of success.

## The Problem
When something fails, `{route|the route}` answers with a body that tells of an error and the status 200. Whoever looks
at the status only (a browser's `fetch`, a proxy, a retry, a dashboard) takes it for success.

## Failure Scenario
Anything in the route fails, and the client checks `response.ok` before it reads the body, as most do.

## Current Behavior
The client shows an empty page or stores the error as if it were data. Error rates stay at zero while users complain.

## How to Verify
Make the route fail and run `curl -i`: the first line says `200 OK`.

## The Fix
Raise `HTTPException` with the status that fits: 4xx if the client can do something about it, 502 to 504 for a
dependency, 500 for the rest.

## Trade-off Consideration
Clients that read the error from the body today must be changed at the same time.

## Bad
```python
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    try:
        return httpx.get("https://example.com/rates", timeout=5).json()
    except httpx.HTTPError as error:
        return {"error": str(error)}  # expect
```

## Good
```python
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/rates")
def rates():
    try:
        return httpx.get("https://example.com/rates", timeout=5).json()
    except httpx.HTTPError as error:
        raise HTTPException(500, "Internal error") from error
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import answers
from brownout.fixes.failing import answer_status


@rule(
    category=Category.DEGRADATION,
    section="7C",
    severity=Severity.MEDIUM,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def error_as_success(code: Code) -> Iterator[Finding]:
    """Routes that answer an error with status 200."""
    for answer in answers.errors_as_success(code):
        made, span = answers.made_with(answer.function, code), code.module.span(answer.statement)
        yield code.finding(
            answer.statement,
            f"`{answer.function.name}` answers an error with status 200",
            function=answer.function,
            name="return",
            fixes=[answer_status(span, 500, "Internal error", flask=made == "flask")] if made else [],
            route=answer.function.name,
        )
