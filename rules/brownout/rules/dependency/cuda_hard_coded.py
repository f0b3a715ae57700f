"""CUDA demanded without asking whether there is any.

## The Problem
`{call}` insists on an NVIDIA card. On a machine without one, or when its driver is broken or its memory is taken, the
call raises, and nothing here falls back to the processor.

## Failure Scenario
The service moves to a node without a card, a driver is updated under it, or another process takes the memory.

## Current Behavior
`RuntimeError: Found no NVIDIA driver on your system` (or `Torch not compiled with CUDA enabled`): the service does not
start, or every request fails, although the processor could do the work, slowly.

## How to Verify
Start the service with `CUDA_VISIBLE_DEVICES=""` and use the feature once.

## The Fix
Ask `torch.cuda.is_available()` and take the processor otherwise; log which one it is. For Docling:
`AcceleratorDevice.AUTO`.

## Trade-off Consideration
A service that silently runs on the processor may be ten times slower: say so in the log and in the health check.

## Bad
```python
import torch
from transformers import AutoModel

model = AutoModel.from_pretrained("microsoft/layoutlmv3-base")
model.to("cuda")  # expect
```

## Good
```python
import torch
from transformers import AutoModel

model = AutoModel.from_pretrained("microsoft/layoutlmv3-base")
model.to("cuda" if torch.cuda.is_available() else "cpu")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.models import devices
from brownout.fixes import device_if_available


@rule(
    category=Category.DEPENDENCY,
    section="1B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="safe",
)
def cuda_hard_coded(code: Code) -> Iterator[Finding]:
    """Literal CUDA devices and `.cuda()` in files that never ask whether there is one."""
    has_torch = "torch" in code.module.imported
    for found in devices.insistences(code):
        if code.judged(found.function):
            literal = found.literal
            fixes = [device_if_available(code.module.span(literal))] if literal is not None and has_torch else []
            yield code.finding(
                found.node,
                f"`{found.text}` insists on CUDA, and nothing asks whether there is any",
                function=found.function,
                name=found.text,
                fixes=fixes,
                call=found.text,
            )
