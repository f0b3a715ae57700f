"""Batch that ends at the first piece that fails.

## The Problem
`{loop}` works on one thing after the other, and a failure of `{call}` ends the whole loop. Everything behind the bad
piece is never tried.

## Failure Scenario
The third of five hundred documents is encrypted, or one address of the list answers with an error.

## Current Behavior
Two are done, 497 are not. The next run meets the same third document and stops there again.

## How to Verify
Put a broken document first and start the batch: nothing is done.

## The Fix
Catch the failure of one piece inside the loop, note which one and why, go on, and report the failed ones at the end.

## Trade-off Consideration
If all must be done or nothing, say so with a transaction. A failure of the surroundings (disk full, database gone) hits
every piece: stop after a number of failures in a row.

## Bad
```python
from celery import Celery
from pypdf import PdfReader

app = Celery("documents")


@app.task
def count_pages(paths):
    pages = {}
    for path in paths:  # expect
        pages[path] = len(PdfReader(path).pages)
    return pages
```

## Good
```python
import logging

from celery import Celery
from pypdf import PdfReader

logger = logging.getLogger(__name__)
app = Celery("documents")


@app.task
def count_pages(paths):
    pages = {}
    for path in paths:
        try:
            pages[path] = len(PdfReader(path).pages)
        except Exception:
            logger.exception("count pages failed for %s", path)
    return pages
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.handlers import logger_of
from brownout.facts.tasks import batches, consumers
from brownout.fixes import go_on


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(10, 30),
    certainty=Certainty.SUSPECTED,
    fix="unsafe",
)
def batch_not_isolated(code: Code) -> Iterator[Finding]:
    """Loops of workers and batches over documents, jobs or files in which one failure ends all the rest."""
    told: set[int] = set()
    for batch in consumers.fragile(code):
        told.add(id(batch.row.node))
        yield _finding(batch, f"one message that `{batch.call.text}` cannot read ends the consumer", code)
    for batch in batches.exposed(code):
        if id(batch.row.node) not in told:
            words = f"one failure of `{batch.call.text}` ends the loop: what is behind it is never tried"
            yield _finding(batch, words, code)


def _finding(batch: batches.Batch, message: str, code: Code) -> Finding:
    loop = code.module.lines[batch.row.node.lineno - 1].strip().removesuffix(":")  # type: ignore[attr-defined]
    return code.finding(
        batch.row.node,
        message,
        function=batch.row.function,
        name="for",
        notes=[Note(code.location(batch.call.node), "this may fail for one of them")],
        fixes=[_fix(batch, code)],
        loop=loop.replace("{", "(").replace("}", ")"),
        call=batch.call.text,
    )


def _fix(batch: batches.Batch, code: Code) -> Fix:
    node = batch.row.node
    assert isinstance(node, ast.For | ast.AsyncFor)
    piece = node.target.id if isinstance(node.target, ast.Name) else ""
    return go_on(code.module.span(node), 0, len(node.body), logger_of(code) or "", piece)
