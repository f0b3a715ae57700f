"""Pictures of all pages in memory at once.

## The Problem
`{call}` holds {what|the pictures of all pages} in memory at the same time. A page at 200 dpi takes 12 MB: a document of
a thousand pages takes 12 GB.

## Failure Scenario
A user uploads a book, or a PDF whose pages are a square metre each.

## Current Behavior
The process is killed for its memory (exit code 137), and its other requests with it. The client tries again.

## How to Verify
Upload a PDF of a thousand pages to a container with 2 GB of memory.

## The Fix
Work page by page (`first_page` and `last_page`, or one pixmap at a time), or render into a folder with `output_folder`
and `paths_only=True`; and refuse documents beyond a number of pages.

## Trade-off Consideration
Page by page starts the renderer once for each; ten at a time is a fair middle.

## Bad
```python
from pdf2image import convert_from_path


def thumbnails(path):
    pages = convert_from_path(path, timeout=60)  # expect
    return [page.resize((200, 300)) for page in pages]
```

## Good
```python
from pdf2image import convert_from_path, pdfinfo_from_path


def thumbnails(path):
    count = pdfinfo_from_path(path, timeout=60)["Pages"]
    small = []
    for number in range(1, count + 1):
        page = convert_from_path(path, first_page=number, last_page=number, timeout=60)[0]
        small.append(page.resize((200, 300)))
    return small
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import documents


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
)
def pdf_all_pages_in_memory(code: Code) -> Iterator[Finding]:
    """Renderings of whole documents that keep every page, where nothing has looked at their number."""
    for call, what in documents.all_pages(code):
        yield call.finding(f"`{call.text}` holds {what} in memory at once", what=what)
