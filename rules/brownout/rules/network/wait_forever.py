"""Request that waits for another thread without end.

## The Problem
`{call}` waits for another thread of the process, and a request waits with it. There is no limit: if the other thread
hangs or has died, this one waits until the process ends.

## Failure Scenario
The work in the other thread hangs on a slow dependency, fails before it reports, or the lock's holder never lets go.

## Current Behavior
Requests pile up behind one another until every worker thread waits. There is no error, so that nothing is logged.

## How to Verify
Put `time.sleep(3600)` into the work of the other thread, and send as many requests as there are worker threads.

## The Fix
Give the wait a limit (`timeout=…`), and answer 503 when it is reached.

## Trade-off Consideration
The other thread goes on after the limit: its result must not be needed any more, or be asked for later.

## Bad
```python
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI

app = FastAPI()
pool = ThreadPoolExecutor(4)


@app.post("/convert")
def convert(path: str):
    return {"pages": pool.submit(len, path).result()}  # expect
```

## Good
```python
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI

app = FastAPI()
pool = ThreadPoolExecutor(4)


@app.post("/convert")
def convert(path: str):
    return {"pages": pool.submit(len, path).result(timeout=30)}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting import waits
from brownout.fixes import add_keyword


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.MEDIUM,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 20),
    certainty=Certainty.SUSPECTED,
    fix="unsafe",
)
def wait_forever(code: Code) -> Iterator[Finding]:
    """Waits for futures, events, threads, queues and locks that a request comes by and nothing limits."""
    for call in waits.endless(code):
        timeout = call.entry.timeout if call.entry is not None else None
        parameter = timeout.parameter if timeout is not None else None
        position = timeout.position if timeout is not None else None
        yield call.finding(
            f"`{call.text}` waits for another thread without a limit, and a request waits with it",
            fixes=[add_keyword(call.span, parameter, "30", position)] if parameter else [],
        )
