"""GPU without a way back to the processor.

## The Problem
`{call}` needs the graphics card, and nothing here expects the card to let it down: that there is none, that its
memory is taken, or that its driver has failed. There is no way back to the processor.

## Failure Scenario
The service moves to a node without a card, another process takes its memory, or the driver is updated under it.

## Current Behavior
`RuntimeError: Found no NVIDIA driver`, or `torch.OutOfMemoryError`, ends the start-up or the request, although the
processor, or a smaller batch, could do the work.

## How to Verify
Fill the card's memory with a second process (`torch.empty(…, device="cuda")`), and use the feature once.

## The Fix
Catch `RuntimeError` (of which `torch.OutOfMemoryError` is one) where the card is first used, and go on with the
processor; log it, and show it in the readiness route.

## Trade-off Consideration
Work on the processor may be ten times slower: it needs its own time limit, and users want to know.

## Bad
```python
from fastapi import FastAPI
from transformers import AutoModel

app = FastAPI()


@app.on_event("startup")
def load():
    model = AutoModel.from_pretrained("microsoft/layoutlmv3-base")
    app.state.model = model.to("cuda")  # expect
```

## Good
```python
from fastapi import FastAPI
from transformers import AutoModel

app = FastAPI()


@app.on_event("startup")
def load():
    model = AutoModel.from_pretrained("microsoft/layoutlmv3-base")
    try:
        app.state.model = model.to("cuda")
    except RuntimeError:
        app.state.model = model.to("cpu")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import devices


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(20, 60),
    certainty=Certainty.SUSPECTED,
)
def cpu_fallback_absent(code: Code) -> Iterator[Finding]:
    """Files that put models on a card and never speak of its memory, and refusals to run without one."""
    for found in devices.without_fallback(code):
        if code.judged(found.function):
            yield code.finding(
                found.node,
                f"`{found.text}` needs the card, and nothing falls back to the processor",
                function=found.function,
                name=found.text,
                call=found.text,
            )
