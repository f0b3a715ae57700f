"""Encrypted PDF that nobody expects.

## The Problem
`{call}` opens a PDF, and nothing in this file speaks of passwords. An encrypted PDF opens without complaint; the first
page that is read raises, or its text is empty.

## Failure Scenario
A user uploads a protected PDF, as banks and insurers send them.

## Current Behavior
An internal error, or a document without text that is stored and indexed as if it were whole.

## How to Verify
`qpdf --encrypt secret secret 256 -- plain.pdf locked.pdf` and upload `locked.pdf`.

## The Fix
Ask `is_encrypted` (pypdf) or `needs_pass` (PyMuPDF) right after opening, and answer 422 with "the PDF is protected".

## Trade-off Consideration
Many PDFs are encrypted with an empty password only: try `decrypt("")` before refusing.

## Bad
```python
from fastapi import FastAPI, UploadFile
from pypdf import PdfReader

app = FastAPI()


@app.post("/text")
def text(file: UploadFile):
    reader = PdfReader(file.file)  # expect
    return {"text": [page.extract_text() for page in reader.pages]}
```

## Good
```python
from fastapi import FastAPI, HTTPException, UploadFile
from pypdf import PdfReader

app = FastAPI()


@app.post("/text")
def text(file: UploadFile):
    reader = PdfReader(file.file)
    if reader.is_encrypted:
        raise HTTPException(422, "the PDF is protected by a password")
    return {"text": [page.extract_text() for page in reader.pages]}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import documents
from brownout.facts.nodes import guarded


@rule(
    category=Category.VALIDATION,
    section="6A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    certainty=Certainty.SUSPECTED,
)
def encrypted_pdf_unhandled(code: Code) -> Iterator[Finding]:
    """PDFs opened in code that serves, in a file that asks about no password and catches no error of the library."""
    opened = list(documents.opened_pdfs(code))
    if not opened or documents.speaks_of_passwords(code):
        return
    for call in opened:
        if code.serves(call.function) and not guarded(
            call.table.block, "PyPdfError", "PdfReadError", "PdfminerException"
        ):
            yield call.finding(
                f"`{call.text}` opens encrypted PDFs, too, and nothing here expects one",
                certainty=Certainty.SUSPECTED,
            )
