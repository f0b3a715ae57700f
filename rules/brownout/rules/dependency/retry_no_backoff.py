"""Retry without a pause.

## The Problem
{retry|The code} tries again at once. Whatever was overloaded gets the same request several times within milliseconds,
from every worker and every replica, and all attempts fail for the same reason as the first.

## Failure Scenario
The other side is overloaded, restarts, or limits the rate: it needs some seconds, not some milliseconds.

## Current Behavior
A short hiccup becomes an outage: the retries multiply the load at the worst moment, and the user gets the error anyway.

## How to Verify
Let the other side answer 503 for two seconds (`toxiproxy`, or a stub), send one request, and count what arrives there.

## The Fix
Wait between attempts, longer each time, with some randomness so that clients do not come back in step.

## Trade-off Consideration
The caller waits longer for its error: keep the number of attempts and the longest pause small in a request.

## Bad
```python
import requests
from tenacity import retry, stop_after_attempt


@retry(stop=stop_after_attempt(5))  # expect
def projects(url):
    return requests.get(f"{url}/api/projects", timeout=10).json()
```

## Good
```python
import requests
from tenacity import retry, stop_after_attempt, wait_random_exponential


@retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=30))
def projects(url):
    return requests.get(f"{url}/api/projects", timeout=10).json()
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.retrying import attempts, pauses, rounds
from brownout.facts.retrying import declared_retries as retries
from brownout.fixes import add_imported_keyword, pause_before_retry
from brownout.model.syntax import unparse, walk


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 20),
    fix="unsafe",
)
def retry_no_backoff(code: Code) -> Iterator[Finding]:
    """Retries of a library without `wait`, and loops whose handler goes straight on to the next attempt."""
    for found in retries.declared(code):
        if retries.never_pauses(found) and code.judged(found.decorated or found.function):
            place = code.module.span(found.call.node if found.call is not None else found.node)
            yield code.finding(
                found.node,
                f"`{unparse(found.node)}` tries again at once: no `wait` is given",
                function=found.decorated or found.function,
                name=found.library,
                fixes=[add_imported_keyword(place, "wait", "tenacity", "wait_random_exponential", "max=30")],
                retry=f"`{unparse(found.node)}`",
            )
    for attempt, _ in rounds.hot(code):
        if code.judged(attempt.function):
            call = attempt.calls[0]
            yield code.finding(
                attempt.loop,
                f"after a failure of `{call.text}` the loop goes round again at once",
                function=attempt.function,
                name=call.name,
                retry=f"The loop around `{call.text}`",
            )
    for attempt in attempts.attempts(code):
        if code.judged(attempt.function) and (handler := pauses.at_once_again(attempt)):
            call = attempt.calls[0]
            yield code.finding(
                attempt.loop,
                f"the loop tries `{call.text}` again at once after a failure",
                function=attempt.function,
                name=call.name,
                fixes=[_pause(attempt, handler, code)],
                retry=f"The loop around `{call.text}`",
            )


def _pause(attempt: attempts.Attempt, handler: ast.ExceptHandler, code: Code) -> Fix | None:
    """The pause, where the loop counts its attempts from nought by a name."""
    loop = attempt.loop
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name) or loop.target.id == "_":
        return None
    if any(isinstance(part, ast.Continue | ast.If) for inner in handler.body[:-1] for part in walk(inner)):
        return None
    return pause_before_retry(code.module.span(handler), loop.target.id, waits=attempt.function.is_async)
