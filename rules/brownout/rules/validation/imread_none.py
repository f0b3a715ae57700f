"""Picture used without a look whether it could be read.

## The Problem
`{call}` does not raise for a file that is missing, cut off or no picture: it answers None. The next line takes that
for a picture and fails with an error that speaks of everything but the file.

## Failure Scenario
A user uploads half a picture, a text file named `scan.png`, or a format that this build of OpenCV does not know.

## Current Behavior
`AttributeError: 'NoneType' object has no attribute 'shape'` or an assertion deep inside OpenCV; the user sees an
internal error and tries the same file again.

## How to Verify
`truncate -s 50% scan.png` and upload it.

## The Fix
Look at the result at once and refuse the file with a message that names it.

## Trade-off Consideration
None; the check costs nothing. A service that skips bad pages should count them.

## Bad
```python
import cv2


def width(path):
    image = cv2.imread(path)  # expect
    return image.shape[1]
```

## Good
```python
import cv2


def width(path):
    image = cv2.imread(path)
    if image is None:
        raise ValueError("the image cannot be read")
    return image.shape[1]
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import images
from brownout.fixes import refuse_none


@rule(
    category=Category.VALIDATION,
    section="6A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(2, 10),
    fix="unsafe",
)
def imread_none(code: Code) -> Iterator[Finding]:
    """Pictures of OpenCV that are used before anything asks whether they are None."""
    for found in images.unseen(code):
        call = found.call
        statement = code.module.span(call.table.statement)
        yield call.finding(
            f"`{call.text}` answers None for a file that it cannot read, and nothing looks",
            notes=[Note(code.location(found.use), "None fails here")] if found.name else [],
            fixes=[refuse_none(statement, found.name, "the image cannot be read")] if found.name else [],
        )
