"""Memory error that ends as an empty result.

## The Problem
The handler catches that the memory was not enough and goes on as if there were no result. Nothing is tried with less:
no smaller batch, not the processor. Whoever asked cannot tell "nothing found" from "no memory left".

## Failure Scenario
A larger page, a second process on the same card, or several requests at once.

## Current Behavior
Results go missing under load, and only then. The log has at most a warning, the answers look valid.

## How to Verify
Fill the card's memory with a second process (`torch.empty(…, device="cuda")`), ask for what is known to have a result,
and compare.

## The Fix
Free the cache and try again with half of the batch, or on the processor; if that fails as well, let the error through
or answer 503.

## Trade-off Consideration
A second attempt takes time while others wait for the card: one is enough.

## Bad
```python
import torch


def describe(model, image):
    try:
        return model(image)
    except torch.OutOfMemoryError:  # expect
        return None
```

## Good
```python
import torch


def describe(model, image):
    try:
        return model(image)
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        return model.to("cpu")(image.to("cpu"))
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import memory_errors


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(20, 60),
    certainty=Certainty.SUSPECTED,
)
def oom_swallowed(code: Code) -> Iterator[Finding]:
    """Handlers for memory errors that neither try with less nor tell anybody."""
    for function, handler in memory_errors.swallowed(code):
        yield code.finding(
            handler, "a result that did not fit into the memory is simply left out", function=function, name="oom"
        )
