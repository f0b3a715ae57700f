"""Upload believed to be what it calls itself.

## The Problem
Only `{test}` decides what an upload is. Both the content type and the name are words of the client: nothing has looked
at the file itself before it is {kept|stored or processed}.

## Failure Scenario
A spreadsheet is renamed to `scan.pdf`, a browser guesses the type wrong, or a script is sent as `image/png`.

## Current Behavior
The file is accepted, and what works on it later fails far from the request that could have told the user; or it is
served again to other users as what it claims to be.

## How to Verify
`curl -F 'file=@/bin/ls;type=application/pdf;filename=ls.pdf' http://localhost:8000/upload`.

## The Fix
Look at the first bytes (`%PDF-`, the PNG signature, a library such as `filetype` or `python-magic`), or open the file
with its parser while the client is still there, and answer 415.

## Trade-off Consideration
First bytes can be forged, too; only the parser knows. Do both where the file is served to others.

## Bad
```python
from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    if file.content_type != "application/pdf":  # expect
        raise HTTPException(415, "only PDF")
    data = await file.read(1_000_000)
    with open(f"uploads/{number}.pdf", "wb") as target:
        target.write(data)
    return {"stored": number}
```

## Good
```python
from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()


@app.post("/upload")
async def upload(number: int, file: UploadFile):
    if file.content_type != "application/pdf":
        raise HTTPException(415, "only PDF")
    data = await file.read(1_000_000)
    if not data.startswith(b"%PDF-"):
        raise HTTPException(415, "only PDF")
    with open(f"uploads/{number}.pdf", "wb") as target:
        target.write(data)
    return {"stored": number}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import uploadtypes


@rule(
    category=Category.VALIDATION,
    section="6C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.MANUAL),
    effort=(10, 30),
)
def upload_type_trusted(code: Code) -> Iterator[Finding]:
    """Checks of an upload's content type or extension where nothing that follows looks at the content."""
    for node, function in uploadtypes.trusted(code):
        test = code.text(node.test)
        yield code.finding(
            node.test,
            f"only `{test}` decides what the upload is, and both are the client's own words",
            function=function,
            name="if:type",
            test=test,
        )
