"""Weights loaded onto whatever device they were saved from.

## The Problem
`{call}` puts each tensor back on the device from which it was saved. Weights that were saved on a card can then be
loaded on a machine with such a card only.

## Failure Scenario
Somebody trains on a GPU and deploys to a node without one, or to one whose second card does not exist.

## Current Behavior
`RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False`: the service
does not start. Where there is a card, the load takes its memory twice: once for the weights, once for the model.

## How to Verify
Start the service with `CUDA_VISIBLE_DEVICES=""`, with weights that were saved from a GPU.

## The Fix
Load to the processor with `map_location="cpu"`, and move the model to its device afterwards.

## Trade-off Consideration
The weights pass through main memory, which must hold them. Code that used the tensors where they were must move them.

## Bad
```python
import torch


def weights(path):
    return torch.load(path, weights_only=True)  # expect
```

## Good
```python
import torch


def weights(path):
    return torch.load(path, weights_only=True, map_location="cpu")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models.devices import moved_afterwards
from brownout.fixes import add_keyword

LOADS = frozenset({"torch.load", "torch.jit.load"})


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def torch_load_device(code: Code) -> Iterator[Finding]:
    """Calls of `torch.load` without `map_location`, where nothing handles the device afterwards."""
    for call in code.index.entries(LOADS):
        if call.entry is None or call.entry.name not in LOADS or call.unpacks or not code.judged(call.function):
            continue
        if call.argument("map_location", 1) is None and not moved_afterwards(call):
            yield call.finding(
                f"`{call.text}` needs the device from which the weights were saved: no `map_location` given",
                fixes=[add_keyword(call.span, "map_location", '"cpu"', 1)],
            )
