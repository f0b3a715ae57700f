"""Guard against picture bombs switched off.

## The Problem
`{setting|Image.MAX_IMAGE_PIXELS}` is {value|None}: Pillow no longer refuses pictures that are far larger than their
file. A file of a few kilobytes can ask for 60,000 by 60,000 pixels, which are 10 GB of memory when decoded.

## Failure Scenario
A user uploads such a picture, by malice or because a scanner wrote a wrong header.

## Current Behavior
The process grows until the kernel kills it, together with all other requests. The client sends the file again.

## How to Verify
`convert -size 30000x30000 xc:white bomb.png`, then upload `bomb.png` to a container with 2 GB of memory.

## The Fix
Leave the guard on. Where large scans are honest, raise it to what the memory allows, and look at `image.size` before
anything reads the pixels.

## Trade-off Consideration
The guard refuses some honest plans and posters: answer 413 with the allowed size.

## Bad
```python
from fastapi import FastAPI, UploadFile
from PIL import Image

Image.MAX_IMAGE_PIXELS = None  # expect
app = FastAPI()


@app.post("/scan")
def scan(file: UploadFile):
    return {"size": Image.open(file.file).size}
```

## Good
```python
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()


@app.post("/scan")
def scan(file: UploadFile):
    return {"size": Image.open(file.file).size}
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import images
from brownout.facts.nodes import is_alone
from brownout.fixes import delete_statement


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.HIGH,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 20),
    fix="unsafe",
)
def image_bomb_guard_off(code: Code) -> Iterator[Finding]:
    """Assignments that lift Pillow's limit of pixels, where nothing else in the file looks at a picture's size."""
    for row, target, value in images.lifted_limits(code):
        yield code.finding(
            row.node,
            f"`{code.text(target)}` is set to {value}: any picture is decoded, however large",
            function=row.function,
            name="MAX_IMAGE_PIXELS",
            fixes=[] if is_alone(row.node, row.function) else [_delete(row.node, code)],
            setting=code.text(target),
            value=value,
        )


def _delete(node: ast.AST, code: Code) -> Fix:
    return delete_statement(code.module.span(node), "Leave Pillow's guard on")
