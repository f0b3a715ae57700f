"""Half a document taken for a whole one.

## The Problem
`{call}` does not raise when the conversion ends early: {why|a time limit, or raises_on_error=False, makes it answer all
the same}. Only `status` tells, and nothing here reads it.

## Failure Scenario
A scanned document takes longer than the time limit, or one of its pages cannot be read.

## Current Behavior
The first pages are stored, indexed and answered as if they were the document. Nobody misses the rest.

## How to Verify
Set `document_timeout` to one second and convert a document of a hundred pages: the result is short, nothing fails.

## The Fix
Compare `status` with `ConversionStatus.SUCCESS` before the document is used, and treat the rest as failed or partial.

## Trade-off Consideration
A partial document may be better than none: keep it, but mark it as such and tell the user.

## Bad
```python
from docling.document_converter import DocumentConverter

converter = DocumentConverter()


def text(path):
    result = converter.convert(path, raises_on_error=False)  # expect
    return result.document.export_to_markdown()
```

## Good
```python
from docling.datamodel.base_models import ConversionStatus
from docling.document_converter import DocumentConverter

converter = DocumentConverter()


def text(path):
    result = converter.convert(path, raises_on_error=False)
    if result.status is not ConversionStatus.SUCCESS:
        raise ValueError(f"the document was not converted: {result.status}")
    return result.document.export_to_markdown()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.intake import documents
from brownout.fixes import check_status


@rule(
    category=Category.VALIDATION,
    section="6A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.COMPLEX),
    effort=(5, 15),
    fix="unsafe",
)
def conversion_status_unchecked(code: Code) -> Iterator[Finding]:
    """Conversions that may end early without an exception, whose document is used without a look at the status."""
    for found in documents.unchecked_status(code):
        statement = code.module.span(found.call.table.statement)
        yield found.call.finding(
            f"`{found.call.text}` may give half a document, and nobody reads its status: {found.why}",
            fixes=[check_status(statement, found.name)] if found.name else [],
            why=found.why,
        )
