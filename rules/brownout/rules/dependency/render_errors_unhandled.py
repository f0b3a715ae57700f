"""Damaged document that becomes a server error.

## The Problem
`{call}` raises errors of its own when {display} is missing or cannot read the document, and nothing between it and the
{kind} `{point}` handles them. What a user did wrong looks like a bug of the service.

## Failure Scenario
A user uploads a damaged, empty or encrypted file; or an image of the service is built without the program.

## Current Behavior
The client gets a bare 500 and tries again. Alarms about bugs go off for every damaged document.

## How to Verify
`head -c 1000 good.pdf > bad.pdf`, upload it, and look at the status; then again with the program off the `PATH`.

## The Fix
Catch the library's errors: 422 for a document that cannot be read, 503 for a program that is not there.

## Trade-off Consideration
None worth the name; one helper that renders and translates the errors serves all routes.

## Bad
```python
from fastapi import FastAPI
from pdf2image import pdfinfo_from_path

app = FastAPI()


@app.get("/pages")
def pages(path: str):
    info = pdfinfo_from_path(path, timeout=10)  # expect
    return {"pages": info["Pages"]}
```

## Good
```python
from fastapi import FastAPI, HTTPException
from pdf2image import pdfinfo_from_path
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

app = FastAPI()


@app.get("/pages")
def pages(path: str):
    try:
        info = pdfinfo_from_path(path, timeout=10)
    except (PDFInfoNotInstalledError, PDFPageCountError, PDFSyntaxError, PDFPopplerTimeoutError) as error:
        raise HTTPException(422, "the document cannot be read") from error
    return {"pages": info["Pages"]}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.guards import way_out
from brownout.facts.intake.renderers import is_renderer
from brownout.facts.routes import answers_http
from brownout.fixes import answer_failure


@rule(
    category=Category.DEPENDENCY,
    section="1C",
    severity=Severity.MEDIUM,
    likelihood=Level.HIGH,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 20),
    fix="unsafe",
)
def render_errors_unhandled(code: Code) -> Iterator[Finding]:
    """Calls of Poppler and Tesseract whose errors reach a request's entry point."""
    for call in code.library_calls:
        entry = call.entry
        if entry is None or not is_renderer(entry) or (way := way_out(call)) is None:
            continue
        statement = code.module.span(call.table.statement)
        yield call.finding(
            f"errors of `{call.text}` reach the {way.point.kind} `{way.point.function.qualname}` unhandled",
            notes=way.notes,
            fixes=[answer_failure(statement, entry.raises, 422, "the document cannot be read")]
            if answers_http(call)
            else [],
            root=entry.name,
            display=entry.display,
            kind=way.point.kind,
            point=way.point.function.qualname,
        )
