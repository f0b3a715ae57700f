"""Health check that hangs with what it asks.

## The Problem
A health route asks through `{call}`, and {why|it has no time limit}. Whoever reads the route gives up after a few
seconds; the route itself keeps waiting, and its worker with it.

## Failure Scenario
The dependency does not refuse, it hangs: a full connection pool, a lost packet, a lock.

## Current Behavior
Every few seconds another check arrives and takes another worker, until none is left for users. A slow dependency has
become a dead service, by way of its own health check.

## How to Verify
Put a proxy that never answers in front of the dependency, ask the route in a loop, and watch the workers run out.

## The Fix
Give the probe a limit of one or two seconds, well below that of whoever asks, and answer 503 when it is reached.

## Trade-off Consideration
A limit that is too tight makes the route flap under load. Ask for little: `SELECT 1`, not a query of the business.

## Bad
```python
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    requests.get("http://labels:8080/version").raise_for_status()  # expect
    return {"status": "ok"}
```

## Good
```python
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    requests.get("http://labels:8080/version", timeout=2).raise_for_status()
    return {"status": "ok"}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import probing
from brownout.fixes import add_keyword

SECONDS = "2"


@rule(
    category=Category.DEGRADATION,
    section="7B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def health_probe_no_timeout(code: Code) -> Iterator[Finding]:
    """Probes of health routes that may wait longer than whoever asks for them."""
    for slow in probing.slow(code):
        parameter = slow.parameter
        yield slow.call.finding(
            f"the health check waits for `{slow.call.text}`: {slow.why}",
            fixes=[add_keyword(slow.call.span, parameter, SECONDS, slow.position)] if parameter else [],
            why=slow.why,
        )
