"""Retry without an end.

## The Problem
{retry|The code} tries again after each failure, for as long as it fails: there is no number of attempts and no time
after which it gives up. The caller neither gets an answer nor an error.

## Failure Scenario
The other side is down for an hour, or refuses for good: a wrong password, a deleted project, a changed address.

## Current Behavior
The request hangs and holds its worker, soon all of them. When the other side comes back, every waiting worker of every
replica falls upon it at once. No error is ever reported, because nothing has ever failed for good.

## How to Verify
Stop the other side (`docker stop …`), send one request, and watch: it never answers, and the attempts never stop.

## The Fix
Give up after a few attempts or a minute, whichever comes first, and report the failure as one.

## Trade-off Consideration
A worker that has nothing to do without its broker may wait for it without end, if it pauses and tells its health check.

## Bad
```python
import requests
from tenacity import retry


@retry  # expect
def projects(url):
    return requests.get(f"{url}/api/projects", timeout=10).json()
```

## Good
```python
import requests
from tenacity import retry, stop_after_attempt


@retry(stop=stop_after_attempt(5))
def projects(url):
    return requests.get(f"{url}/api/projects", timeout=10).json()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.retrying import attempts
from brownout.facts.retrying import declared_retries as retries
from brownout.fixes import add_imported_keyword, add_keyword
from brownout.model.syntax import unparse


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 20),
    fix="unsafe",
)
def retry_unbounded(code: Code) -> Iterator[Finding]:
    """Retries of a library without a limit, loops that go on until they succeed, functions that call themselves."""
    for found in retries.declared(code):
        if retries.never_stops(found) and code.judged(found.decorated or found.function):
            yield code.finding(
                found.node,
                f"`{unparse(found.node)}` tries again for ever: no limit is given",
                function=found.decorated or found.function,
                name=found.library,
                fixes=[_limit(found, code)],
                retry=f"`{unparse(found.node)}`",
            )
    for task, function in retries.endless_tasks(code):
        if code.judged(function):
            yield task.finding(
                f"`{function.name}` is tried again for ever: `max_retries` is None",
                fixes=[add_keyword(task.span, "max_retries", "5")],
                retry=f"`{task.text}`",
            )
    for attempt in attempts.attempts(code):
        if code.judged(attempt.function) and attempts.without_end(attempt) and not attempts.deadline(attempt):
            call = attempt.calls[0]
            yield code.finding(
                attempt.loop,
                f"the loop tries `{call.text}` again for as long as it fails",
                function=attempt.function,
                name=call.name,
                retry=f"The loop around `{call.text}`",
            )
    for call in attempts.again(code):
        if code.judged(call.function) and attempts.goes_out(call):
            yield call.finding(
                f"`{call.text}` calls itself again for as long as it fails", retry=f"`{call.text}`, by calling itself,"
            )


def _limit(found: retries.Declared, code: Code) -> Fix:
    place = code.module.span(found.call.node if found.call is not None else found.node)
    if found.library.startswith("backoff."):
        return add_keyword(place, "max_tries", "5")
    return add_imported_keyword(place, "stop", "tenacity", "stop_after_attempt", "5")
