"""Document converted however long it takes.

## The Problem
`{call}` works on the document until it is done: no number of pages, no size and no time ends it. One document can keep
a worker and its memory for hours.

## Failure Scenario
A user uploads a scanned book of two thousand pages, or a file made to be slow.

## Current Behavior
The worker is busy for the rest of the day, its memory grows with each page, and other documents wait.

## How to Verify
Convert a PDF of two thousand scanned pages and watch the worker.

## The Fix
Give `max_num_pages` and `max_file_size` to the call, and `document_timeout` to the pipeline's options.

## Trade-off Consideration
What is beyond a limit is refused with an error; what runs out of time comes back as PARTIAL_SUCCESS, without one: read
the result's `status`.

## Bad
```python
from docling.document_converter import DocumentConverter

converter = DocumentConverter()


def text(path):
    return converter.convert(path).document.export_to_markdown()  # expect
```

## Good
```python
from docling.document_converter import DocumentConverter

converter = DocumentConverter()


def text(path):
    return converter.convert(path, max_num_pages=200).document.export_to_markdown()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import documents
from brownout.facts.offloads import takes_keywords
from brownout.fixes import add_keyword


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def docling_no_limits(code: Code) -> Iterator[Finding]:
    """Conversions without a limit of pages, size or time, here or in the pipeline's options of the project."""
    if documents.limits_time(code.project):
        return
    for call in documents.unlimited_conversions(code):
        direct = call.entry is not None and call.entry.offload is None
        yield call.finding(
            f"`{call.text}` converts however long it takes: no limit of pages, size or time",
            fixes=[add_keyword(call.span, "max_num_pages", "200")] if direct or takes_keywords(call) else [],
        )
