"""Model fetched from a hub while users wait.

## The Problem
`{call}` may download what is not in the cache of this machine, and it does so when a request needs it. A fresh
container has an empty cache, and nobody has said how long a download may take.

## Failure Scenario
The hub is slow, limits the rate, has removed the model, or is out of reach from this network.

## Current Behavior
The first requests after each deployment wait for gigabytes and time out. Without the hub the feature does not work at
all, although nothing of the service itself is broken.

## How to Verify
Start a fresh container with an empty cache and no way to the internet, and use the feature once.

## The Fix
Fetch the model when the image is built, or in a step before the start, and tell the code to use what is there:
`local_files_only=True`, `artifacts_path=…`, `HF_HUB_OFFLINE=1`.

## Trade-off Consideration
Images grow by gigabytes, and a new version of the model needs a new image, which is also what makes it reproducible.

## Bad
```python
from functools import cache

from fastapi import FastAPI
from transformers import pipeline

app = FastAPI()


@cache
def classifier():
    return pipeline("text-classification", model="papluca/xlm-roberta")  # expect


@app.post("/language")
def language(text: str):
    return classifier()(text[:512])[0]
```

## Good
```python
from functools import cache

from fastapi import FastAPI
from transformers import pipeline

app = FastAPI()


@cache
def classifier():
    return pipeline("text-classification", model="papluca/xlm-roberta", local_files_only=True)


@app.post("/language")
def language(text: str):
    return classifier()(text[:512])[0]
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import models


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(30, 120),
    certainty=Certainty.SUSPECTED,
)
def model_fetched_at_run_time(code: Code) -> Iterator[Finding]:
    """Calls on a request's way that ask a model hub, where nothing says that the model is here already."""
    for call in models.may_load(code):
        entry = models.fetched(call)
        if entry is not None and code.in_request(call.function) and not models.is_local(call):
            yield call.finding(f"`{call.text}` may download a model while a request waits for it", root=entry.name)
