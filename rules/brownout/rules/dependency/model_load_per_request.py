"""Model loaded again for every request.

## The Problem
`{call}` reads a model from disk (or the network) and sets it up each time a request comes by: {path}. That takes
seconds and gigabytes; two requests at once need both twice, and the process is killed for its memory.

## Failure Scenario
Several users upload at the same time, or the model hub is slow or out of reach.

## Current Behavior
Requests time out under load, memory jumps with each of them, and an outage of the hub becomes an outage here.

## How to Verify
Send ten requests at once and watch the memory of the process; or cut the network to the hub and send one.

## The Fix
Load once: at start-up, or behind a cached factory, and share the loaded model.

## Trade-off Consideration
A shared model must be safe to use from several threads, or be protected by a lock. Loading at start-up delays the
start, so readiness must tell when it is done.

## Bad
```python
from docling.document_converter import DocumentConverter
from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(path: str):
    converter = DocumentConverter()  # expect
    return converter.convert(path).document.export_to_markdown()
```

## Good
```python
from functools import cache

from docling.document_converter import DocumentConverter
from fastapi import FastAPI

app = FastAPI()


@cache
def load_converter():
    return DocumentConverter()


@app.post("/convert")
def convert(path: str):
    converter = load_converter()
    return converter.convert(path).document.export_to_markdown()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import models
from brownout.fixes import load_once


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(15, 45),
    fix="unsafe",
)
def model_load_per_request(code: Code) -> Iterator[Finding]:
    """Constructors of models that a request reaches each time: not cached, not kept, not at start-up."""
    for call in models.may_load(code):
        entry = models.loaded(call)
        if entry is not None and not models.kept(call) and (way := models.request_way(call)) is not None:
            yield call.finding(
                f"`{call.text}` loads a model for every request",
                notes=models.notes(way),
                fixes=[load_once(call.span)] if models.is_free_of_locals(call) else [],
                root=entry.name,
                path=" → ".join([*(edge.row.text for edge in way), call.text]),
                display=entry.display,
            )
