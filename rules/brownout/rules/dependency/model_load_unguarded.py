"""Start-up that dies with its model.

## The Problem
`{call}` loads a model while the service starts, and nothing handles its failure: {errors}. A file that is missing or a
card that is full then stops everything, also what needs no model at all.

## Failure Scenario
The weights are cut short on disk, the hub cannot be reached, the card's memory is taken, or versions do not match.

## Current Behavior
The process ends during start-up and is started again, and again. Users get connection errors instead of a message, and
each attempt may download gigabytes.

## How to Verify
`truncate -s 50% weights.bin`, or start without network and cache: the service never becomes ready.

## The Fix
Catch the errors of the load, log them, keep a flag that says that the model is missing, and answer 503 where it is
needed; fall back to the processor where the card was the problem.

## Trade-off Consideration
A service that can do nothing without the model may rather fail at once: then say so in a comment.

## Bad
```python
from contextlib import asynccontextmanager

from fastapi import FastAPI
from transformers import pipeline


@asynccontextmanager
async def lifespan(app):
    app.state.classify = pipeline("text-classification", model="papluca/xlm-roberta")  # expect
    yield


app = FastAPI(lifespan=lifespan)
```

## Good
```python
import logging
from contextlib import asynccontextmanager

from fastapi import FastAPI
from transformers import pipeline

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app):
    try:
        app.state.classify = pipeline("text-classification", model="papluca/xlm-roberta")
    except (OSError, RuntimeError):
        logger.exception("no model: classification is switched off")
        app.state.classify = None
    yield


app = FastAPI(lifespan=lifespan)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.guards import way_out
from brownout.facts.models import models

START = frozenset({"startup", "lifespan"})


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(15, 45),
)
def model_load_unguarded(code: Code) -> Iterator[Finding]:
    """Loads of models at start-up whose failure nothing on the way handles, and no comment explains."""
    for call in models.may_load(code):
        if not START & code.kinds(call.function):
            continue
        entry = models.loaded(call)
        if entry is None or models.explained(call):
            continue
        way = way_out(call, START, entry)
        if way is not None:
            yield call.finding(
                f"a failure of `{call.text}` ends the start-up of the service",
                notes=way.notes,
                root=entry.name,
                errors=", ".join(f"`{kind.rpartition('.')[2]}`" for kind in entry.raises),
            )
