"""Retry that does not know of limited rates.

## The Problem
`{call}` is tried again by {by} without a look at 429 or at `Retry-After`. A service that is asked too often says when
to come back; this code comes back when it likes.

## Failure Scenario
A batch, a second replica or another customer uses up the quota of the key for this minute.

## Current Behavior
The attempts fail one after the other within the same minute, each counts against the quota, and some services lengthen
the ban each time. The work fails although it would have succeeded a little later.

## How to Verify
Let a stub answer 429 with `Retry-After: 20`, make one request, and look at when the attempts arrive.

## The Fix
On 429 wait for as long as `Retry-After` says, up to what a caller accepts to wait; then give up.

## Trade-off Consideration
Waiting for minutes inside a request holds a worker: put such work into a queue instead.

## Bad
```python
import httpx
from tenacity import retry, stop_after_attempt, wait_random_exponential


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))  # expect
def labels(url, key):
    answer = httpx.get(f"{url}/labels", headers={"Authorization": key})
    return answer.raise_for_status().json()
```

## Good
```python
import time

import httpx
from tenacity import retry, stop_after_attempt, wait_random_exponential


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))
def labels(url, key):
    answer = httpx.get(f"{url}/labels", headers={"Authorization": key})
    if answer.status_code == 429:
        time.sleep(min(int(answer.headers.get("Retry-After", 5)), 30))
    return answer.raise_for_status().json()
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.retrying import blind_retries


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(15, 45),
    certainty=Certainty.SUSPECTED,
)
def rate_limit_ignored(code: Code) -> Iterator[Finding]:
    """Retries after every failure of a service that answers with a status, where nothing speaks of limited rates."""
    for found in blind_retries.blind(code):
        if code.judged(found.function) and not blind_retries.looks_at_rate(found):
            yield _finding(code, found.place, found.call, found.by)
    for asked in blind_retries.asked_again(code):
        if code.judged(asked.function) and not blind_retries.looks_at_rate(asked):
            yield _finding(code, asked.call.node.func, asked.call, "the loop around it")
    for policy in blind_retries.policies(code):
        if policy.code.constant(policy.argument("respect_retry_after_header"), policy.function) is False:
            yield _finding(code, policy.node.func, policy, "its own `respect_retry_after_header=False`")


def _finding(code: Code, place: ast.AST, call: Call, by: str) -> Finding:
    message = f"`{call.text}` is tried again by {by} without a look at 429 or `Retry-After`"
    return code.finding(place, message, function=call.function, name=call.name, call=call.text, by=by)
