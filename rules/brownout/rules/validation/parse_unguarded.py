"""Document from a client opened without a thought that it may be broken.

## The Problem
`{call}` raises `{error|an exception of its library}` for a file that is cut off, no document at all, or of a kind that
the library does not know. Nothing between here and the client handles it: {route|a request} ends with an internal
error.

## Failure Scenario
A user uploads half a PDF, an HTML page named `.pdf`, or an empty file.

## Current Behavior
500 Internal Server Error and a traceback in the log. The user tries the same file again; operators see an error rate
that is nobody's fault.

## How to Verify
`truncate -s 50% document.pdf` and upload it.

## The Fix
Catch the library's own error, answer 422, and say that the file cannot be read.

## Trade-off Consideration
Catch what the library names, not everything: an error of your own code is still worth a 500.

## Bad
```python
from fastapi import FastAPI, UploadFile
from pypdf import PdfReader

app = FastAPI()


@app.post("/pages")
def pages(file: UploadFile):
    reader = PdfReader(file.file)  # expect
    return {"pages": len(reader.pages)}
```

## Good
```python
from fastapi import FastAPI, HTTPException, UploadFile
from pypdf import PdfReader
from pypdf.errors import PyPdfError

app = FastAPI()


@app.post("/pages")
def pages(file: UploadFile):
    try:
        reader = PdfReader(file.file)
    except PyPdfError as error:
        raise HTTPException(422, "the file cannot be read") from error
    return {"pages": len(reader.pages)}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.failing import unguarded
from brownout.facts.intake import documents, sent
from brownout.facts.routes import answers_http
from brownout.fixes import answer_failure


@rule(
    category=Category.VALIDATION,
    section="6A",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 20),
    fix="unsafe",
)
def parse_unguarded(code: Code) -> Iterator[Finding]:
    """Openings of documents and pictures in requests whose library's own errors reach the client as a 500."""
    for call in code.library_calls:
        if call.entry is not None and documents.parses(call) and sent.is_sent(call) and code.in_request(call.function):
            kind = unguarded.reaches_client(call, call.entry.raises[:1])
            if kind is not None and not unguarded.expected_somewhere(call, kind):
                error = kind.rpartition(".")[2]
                yield call.finding(
                    f"`{call.text}` raises `{error}` for a broken file, and no request expects it",
                    fixes=_fixes(call, kind),
                    error=error,
                    route=f"`{call.function.name}`",
                )


def _fixes(call: Call, kind: str) -> list[Fix]:
    if not answers_http(call):
        return []
    return [answer_failure(call.code.module.span(call.table.statement), [kind], 422, "the file cannot be read")]
