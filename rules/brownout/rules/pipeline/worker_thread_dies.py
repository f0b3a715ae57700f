"""Background worker that one failure ends.

## The Problem
The loop of `{worker}` is meant to run as long as the service. An exception of `{call}` leaves it, the {kind|thread} is
over, and nothing starts it again or tells anybody.

## Failure Scenario
One message is malformed, or the database is away for a second.

## Current Behavior
A traceback on the console, if at all. The service answers, its health check is green, and the queue grows: nothing is
worked on until somebody restarts the process.

## How to Verify
Put one broken item into the queue, then a good one: the good one is never done.

## The Fix
Catch and log every failure inside the loop, around the work on one item, and go on with the next one.

## Trade-off Consideration
A failure that comes at once each time turns into a busy loop: wait a little after a failure, and count them.

## Bad
```python
import queue
import threading

import requests

jobs = queue.Queue()


def work():
    while True:  # expect
        job = jobs.get()
        requests.post("http://models/run", json=job, timeout=30)


threading.Thread(target=work, daemon=True).start()
```

## Good
```python
import logging
import queue
import threading

import requests

logger = logging.getLogger(__name__)
jobs = queue.Queue()


def work():
    while True:
        job = jobs.get()
        try:
            requests.post("http://models/run", json=job, timeout=30)
        except Exception:
            logger.exception("work failed")


threading.Thread(target=work, daemon=True).start()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.handlers import logger_of
from brownout.facts.tasks import workers
from brownout.fixes import go_on


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def worker_thread_dies(code: Code) -> Iterator[Finding]:
    """Endless loops of threads and tasks in which a failure of the work leaves the loop, and nobody watches."""
    for worker in workers.mortal(code):
        yield code.finding(
            worker.row.node,
            f"a failure of `{worker.call.text}` ends `{worker.row.function.name}` for good, unnoticed",
            function=worker.row.function,
            name="while",
            notes=[Note(code.location(worker.call.node), "nothing catches a failure of this inside the loop")],
            fixes=_fixes(worker, code),
            worker=worker.row.function.name,
            call=worker.call.text,
            kind="task" if worker.row.function.is_async else "thread",
        )


def _fixes(worker: workers.Worker, code: Code) -> list[Fix]:
    work = workers.work_of(worker)
    return [] if work is None else [go_on(code.module.span(worker.row.node), *work, logger_of(code) or "")]
