"""Model of whatever version there is.

## The Problem
`{call}` loads a model that was made elsewhere and takes it as it is: {why|nobody compares its version with the code}.
Weights, tokenizers and estimators belong to the version of the library, and of the model, with which they were made.

## Failure Scenario
The library is updated, the model is trained anew, or its author pushes another version to the hub.

## Current Behavior
At best loading fails with an error about shapes or attributes, in the middle of a release that changed nothing here.
At worst it works: with a part of the weights missing, or with other answers, and nobody knows since when.

## How to Verify
Load a model that was saved one version earlier, or rename one layer of the saved weights, and look for a line in the
log that says so.

## The Fix
Name the revision of a model from a hub. Save the versions of library and model beside the weights and compare them at
start-up. With `strict=False`, look at the missing and unexpected keys of the answer.

## Trade-off Consideration
A fixed revision does not get corrections by itself: somebody has to raise it, like any other dependency.

## Bad
```python
from fastapi import FastAPI
from transformers import AutoModel

app = FastAPI()
model = AutoModel.from_pretrained("acme/page-layout")  # expect
```

## Good
```python
from fastapi import FastAPI
from transformers import AutoModel

app = FastAPI()
model = AutoModel.from_pretrained("acme/page-layout", revision="v1.2")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import modelversions


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.MANUAL),
    effort=(10, 30),
    certainty=Certainty.SUSPECTED,
)
def model_version_unchecked(code: Code) -> Iterator[Finding]:
    """Models from a hub without a revision, unpickled estimators, and weights that fit in part."""
    for found in modelversions.unchecked(code):
        yield found.call.finding(f"`{found.call.text}` loads a model of any version: {found.why}", why=found.why)
