"""Model loaded when a module is imported.

## The Problem
`{call}` loads a model as soon as somebody imports this file: {path}. That takes seconds to minutes and gigabytes, in
every process that needs anything at all from here, tests and commands included.

## Failure Scenario
The weights are missing, the hub is out of reach, or there is not enough memory; or somebody only wants `--help`.

## Current Behavior
The import fails, and with it the whole service: no health route answers, and the traceback speaks of an import. Several
workers each load their own copy at the same moment.

## How to Verify
Unplug the network, empty the model cache, and start the service: it dies before it listens.

## The Fix
Load in the application's start-up (lifespan), or behind a cached factory, and report in the readiness route.

## Trade-off Consideration
The first request may have to wait for the load; warm up at start-up where that matters.

## Bad
```python
from fastapi import FastAPI
from transformers import pipeline

app = FastAPI()
classify = pipeline("text-classification", model="papluca/xlm-roberta-base-language-detection")  # expect


@app.post("/language")
def language(text: str):
    return classify(text[:512])[0]
```

## Good
```python
from functools import cache

from fastapi import FastAPI
from transformers import pipeline

app = FastAPI()


@cache
def classifier():
    return pipeline("text-classification", model="papluca/xlm-roberta-base-language-detection")


@app.post("/language")
def language(text: str):
    return classifier()(text[:512])[0]
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import models
from brownout.facts.practices import in_main


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(15, 45),
)
def model_load_at_import(code: Code) -> Iterator[Finding]:
    """Calls at module level that load a model, themselves or at the end of a short chain."""
    if models.is_worker_module(code) or not code.judged(code.module.body):
        return
    for call in code.calls_in(code.module.body):
        chain = models.loading_chain(call)
        if chain is not None and not in_main(call):
            yield call.finding(
                f"`{call.text}` loads a model when this module is imported",
                notes=call.notes(chain),
                root=chain.entry.name,
                path=chain.path,
            )
