"""Archive from outside unpacked as it is.

## The Problem
`{call}` writes whatever {archive|the archive} says, as many bytes as it likes. A tar archive can also write outside of
the target directory, through `../` names, absolute names and links.

## Failure Scenario
A user uploads an archive of 40 kB that unpacks to 40 GB, or one with a member named `../../app/main.py`.

## Current Behavior
The disk fills up and everything that writes fails; or files of the service itself are replaced.

## How to Verify
`dd if=/dev/zero bs=1M count=20000 | gzip > bomb.gz`, put it into an archive, and upload that to a small test volume.

## The Fix
{remedy|Add up the sizes of the members first and refuse the archive beyond a limit; unpack tar with `filter="data"`.}

## Trade-off Consideration
Sizes in a ZIP directory can lie: count the bytes while unpacking, or unpack onto a volume of its own. The tar filter
drops owners and special files, which an upload has no business to bring.

## Bad
```python
import tarfile

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/import")
def load(file: UploadFile):
    with tarfile.open(fileobj=file.file) as archive:
        archive.extractall("imported")  # expect
    return {"done": file.filename}
```

## Good
```python
import tarfile

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/import")
def load(file: UploadFile):
    with tarfile.open(fileobj=file.file) as archive:
        archive.extractall("imported", filter="data")
    return {"done": file.filename}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.files import archives
from brownout.fixes import add_keyword

_REMEDY = {
    "tar": 'Unpack with `filter="data"` (Python 3.12; 3.11.4 and later have it, too), and bound the sizes.',
    "zip": "Add up `file_size` of `infolist()` first and refuse the archive beyond a limit.",
    "any": "Look at the members first: names that stay inside, sizes below a limit.",
}


@rule(
    category=Category.VALIDATION,
    section="6C",
    severity=Severity.CRITICAL,
    likelihood=Level.LOW,
    impact=Impact(User.CRITICAL, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(5, 30),
    fix="unsafe",
)
def archive_unbounded(code: Code) -> Iterator[Finding]:
    """Archives unpacked whole in code that serves, where nothing filters or looks at the members."""
    for found in archives.unchecked(code):
        call = found.call
        yield call.finding(
            f"`{call.text}` unpacks whatever the archive holds",
            fixes=[add_keyword(call.span, "filter", '"data"')] if found.kind == "tar" else [],
            remedy=_REMEDY[found.kind],
        )
