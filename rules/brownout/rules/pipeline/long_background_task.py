"""Long work left to a background task.

## The Problem
`{call}` leaves work for after the answer, and that work is long: `{slow}`. It stands nowhere but in the memory of this
process. The client has been told that all is well.

## Failure Scenario
A deployment, a crash, or the kernel that ends a process which takes too much memory, while the work runs or waits.

## Current Behavior
The work is gone, and nobody knows that it was ever asked for. While it runs it shares threads and memory with the
requests; many of them at once have no bound.

## How to Verify
Post a large document, and restart the service at once: nothing takes the work up again.

## The Fix
Write the job down before the answer (a row, a queue with acknowledgements such as Celery, RQ, arq or SAQ), let a worker
do it, and let the start of the service take up what was left.

## Trade-off Consideration
A queue is one more thing to run. Where the client can simply ask again, a background task may do.

## Bad
```python
from docling.document_converter import DocumentConverter
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
converter = DocumentConverter()


def convert(path):
    converter.convert(path, max_num_pages=500)


@app.post("/documents")
def add(path: str, tasks: BackgroundTasks):
    tasks.add_task(convert, path)  # expect
    return {"accepted": True}
```

## Good
```python
from celery import Celery
from docling.document_converter import DocumentConverter
from fastapi import FastAPI

celery = Celery("documents", broker="redis://queue", task_acks_late=True)
app = FastAPI()
converter = DocumentConverter()


@celery.task
def convert(path):
    converter.convert(path, max_num_pages=500)


@app.post("/documents")
def add(path: str):
    convert.delay(path)
    return {"accepted": True}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import laterwork


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(60, 240),
    certainty=Certainty.SUSPECTED,
)
def long_background_task(code: Code) -> Iterator[Finding]:
    """Background tasks of requests that convert, compute or run another process, in a project that takes nothing up."""
    for call, slow in laterwork.long_tasks(code):
        yield call.finding(f"`{slow}` runs after the answer, and a restart forgets it", slow=slow)
