"""Work handed to a pool whose failure nobody sees.

## The Problem
`{call}` hands `{work|the work}` over and drops the future that it returns. An exception in the work is stored in that
future, and nowhere else: it is never raised and never logged.

## Failure Scenario
The work fails for any reason: a full disk, a refused connection, a typo.

## Current Behavior
The caller has answered that all is well. The work has not been done, and there is no line about it in any log.

## How to Verify
Raise an exception in the first line of the work, use the feature, and look for it in the log.

## The Fix
Keep the future and ask for its `result()`, give it a done callback that logs `future.exception()`, or let the work
catch and log its own failures.

## Trade-off Consideration
Waiting for the result makes the caller slower; a callback does not.

## Bad
```python
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

pool = ThreadPoolExecutor(max_workers=4)


def write_report(name, text):
    Path(name).write_text(text)


def finish(name, text):
    pool.submit(write_report, name, text)  # expect
```

## Good
```python
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

logger = logging.getLogger(__name__)
pool = ThreadPoolExecutor(max_workers=4)


def write_report(name, text):
    Path(name).write_text(text)


def log_failure(future):
    if future.exception() is not None:
        logger.error("the report failed", exc_info=future.exception())


def finish(name, text):
    future = pool.submit(write_report, name, text)
    future.add_done_callback(log_failure)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import tasks


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(10, 20),
)
def future_dropped(code: Code) -> Iterator[Finding]:
    """Work given to an executor whose future, and with it every failure, is thrown away."""
    for started in tasks.lost_futures(code):
        yield started.call.finding(
            f"the future of `{started.work}` is dropped: if the work fails, nobody hears of it", work=started.work
        )
