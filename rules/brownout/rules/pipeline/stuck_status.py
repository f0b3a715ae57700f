"""Job that stays in processing for ever.

## The Problem
`{sets}` says that work has begun. When something fails before the status is set again, it stays so: no path from here
sets it to failed.

## Failure Scenario
The document is broken, a dependency answers with an error, or the disk is full, in the middle of the work.

## Current Behavior
The user sees "processing" for ever and nobody knows that it failed. What takes only jobs that are waiting never touches
this one again.

## How to Verify
Submit a job that fails and ask for its status.

## The Fix
Set the status to failed, with the reason, in an `except` around the work, and raise again; at start-up, set jobs that
are still in processing back or to failed.

## Trade-off Consideration
A killed process runs no `except`: only the look at start-up, or a time limit for the status, finds those.

## Bad
```python
from celery import Celery
from pypdf import PdfReader

app = Celery("documents")


@app.task
def process(job):
    job.status = "processing"  # expect
    job.pages = len(PdfReader(job.path).pages)
    job.status = "done"
```

## Good
```python
from celery import Celery
from pypdf import PdfReader

app = Celery("documents")


@app.task
def process(job):
    job.status = "processing"
    try:
        job.pages = len(PdfReader(job.path).pages)
    except Exception:
        job.status = "failed"
        raise
    job.status = "done"
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases import job_statuses
from brownout.fixes.failing import mark_failed


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def stuck_status(code: Code) -> Iterator[Finding]:
    """Statuses set to running that a failure of the work leaves as they are."""
    for stuck in job_statuses.stuck(code):
        text = code.module.lines[stuck.statement.lineno - 1].strip()
        sets = text.replace("{", "(").replace("}", ")")
        yield code.finding(
            stuck.statement,
            f"a failure after `{sets}` leaves the status as it is for ever",
            function=stuck.function,
            name="status",
            notes=[Note(code.location(stuck.escape), "when this fails, nobody sets the status")],
            fixes=_fixes(stuck, code),
            sets=sets,
        )


def _fixes(stuck: job_statuses.Stuck, code: Code) -> list[Fix]:
    course = job_statuses.course(stuck, code)
    if course is None:
        return []
    running, over = code.module.span(stuck.statement), code.module.span(course.over)
    return [mark_failed(running, over, course.target, course.kept)]
