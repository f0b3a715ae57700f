"""Dependency whose failure becomes a server error.

## The Problem
`{call}` asks {display}, and nothing between it and the {kind} `{point}` expects that to fail. When it does, the client
gets a bare 500: the same answer as for a bug, without a hint whether to try again.

## Failure Scenario
{display} is down for a deployment, refuses the connection, answers 5xx, or its certificate has run out.

## Current Behavior
Every request that needs it ends in a traceback and a 500. Alarms about bugs go off, and what could be answered without
it is not answered either.

## How to Verify
{breaks} Then call the {kind} `{point}`: it answers 500.

## The Fix
Catch the library's own family of errors where the call is made, and answer 503 (or with less, from a cache).

## Trade-off Consideration
A guard that catches too much hides bugs: name the library's errors, not `Exception`. One handler for the whole
application (`@app.exception_handler`) is less work than one for each call.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(timeout=30)


@app.post("/summary")
def summary(text: str):
    answer = client.responses.create(model="gpt-5", input=text)  # expect
    return {"summary": answer.output_text}
```

## Good
```python
from fastapi import FastAPI, HTTPException
from openai import OpenAI, OpenAIError

app = FastAPI()
client = OpenAI(timeout=30)


@app.post("/summary")
def summary(text: str):
    try:
        answer = client.responses.create(model="gpt-5", input=text)
    except OpenAIError as error:
        raise HTTPException(503, "a service that this needs does not answer") from error
    return {"summary": answer.output_text}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.guards import is_remote, way_out
from brownout.facts.routes import answers_http
from brownout.fixes import answer_failure

WORDS = "a service that this needs does not answer"


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
    fix="unsafe",
)
def unguarded_dependency_call(code: Code) -> Iterator[Finding]:
    """Calls of remote services whose failure reaches a request's entry point; one of each function and library."""
    told: set[tuple[int, str]] = set()
    for call in code.library_calls:
        entry = call.entry
        if entry is None or not is_remote(entry) or (id(call.function), entry.library) in told:
            continue
        way = way_out(call)
        if way is not None:
            told.add((id(call.function), entry.library))
            statement = code.module.span(call.table.statement)
            yield call.finding(
                f"a failure of `{call.text}` reaches the {way.point.kind} `{way.point.function.qualname}` unhandled",
                notes=way.notes,
                fixes=[answer_failure(statement, entry.raises, 503, WORDS)] if answers_http(call) else [],
                root=entry.name,
                display=entry.display,
                kind=way.point.kind,
                point=way.point.function.qualname,
                breaks=entry.breaks or "Stop the other side.",
            )
