"""Retries in step.

## The Problem
{retry|The retry} pauses for the same time after every failure, with no randomness. All processes whom the same outage
has hit try again at the same moments, and go on doing so.

## Failure Scenario
The other side fails for a minute, and all instances of this service notice at once.

## Current Behavior
The other side comes back, gets everybody's attempts in one burst, and goes down again: an outage that feeds itself.

## How to Verify
Start ten instances, stop the other side for a minute, and plot its requests per second afterwards: they come in combs.

## The Fix
Let the pause grow with each attempt and add some randomness: `min(2**attempt, 30) + random()`, or tenacity's
`wait_random_exponential`.

## Trade-off Consideration
A tool that one person uses, or a single instance, may well pause for a fixed time.

## Bad
```python
import httpx
from tenacity import retry, stop_after_attempt, wait_fixed


@retry(stop=stop_after_attempt(5), wait=wait_fixed(2))  # expect
def rates(url):
    return httpx.get(url).raise_for_status().json()
```

## Good
```python
import httpx
from tenacity import retry, stop_after_attempt, wait_random_exponential


@retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=30))
def rates(url):
    return httpx.get(url).raise_for_status().json()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts import practices
from brownout.facts.code import Code
from brownout.facts.retrying import attempts, fixed_pauses
from brownout.facts.retrying import declared_retries as retries
from brownout.model.syntax import unparse


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 20),
    certainty=Certainty.SUSPECTED,
)
def retry_fixed_interval(code: Code) -> Iterator[Finding]:
    """Retries whose pauses neither grow nor differ between those who make them."""
    if practices.is_tooling(code.module.path):
        return
    for found in retries.declared(code):
        if retries.pauses_in_step(found) and code.judged(found.decorated or found.function):
            yield code.finding(
                found.node,
                f"`{unparse(found.node)}` pauses for the same time after every failure",
                function=found.decorated or found.function,
                name=found.library,
                retry=f"`{unparse(found.node)}`",
            )
    for attempt in attempts.attempts(code):
        if code.judged(attempt.function) and fixed_pauses.in_step(attempt):
            call = attempt.calls[0]
            yield code.finding(
                attempt.loop,
                f"the loop around `{call.text}` pauses for the same time after every failure",
                function=attempt.function,
                name=call.name,
                retry=f"The loop around `{call.text}`",
            )
