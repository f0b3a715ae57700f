"""Refused login tried again.

## The Problem
`{call}` is tried again by {by} after every failure, also when the other side says that the key is wrong (401) or that
this is forbidden (403). No number of attempts makes a wrong key right.

## Failure Scenario
A key has expired or was revoked, a role has changed, somebody has mixed up two environments.

## Current Behavior
Each request makes all of its attempts for nothing and the user waits for them. Many services lock an account, or block
an address, after a few refused attempts: then the right key does not work either.

## How to Verify
Set a wrong key, make one request, and count the attempts in the log of the other side.

## The Fix
Give up at once on 401 and 403: look at the status in the handler, or tell the library which failures to try again.

## Trade-off Consideration
Where tokens are short-lived, one more attempt after fetching a new token is right; more than one is not.

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
import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

LATER = retry_if_exception_type(httpx.TransportError)


@retry(retry=LATER, stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))
def labels(url, key):
    answer = httpx.get(f"{url}/labels", headers={"Authorization": key})
    return answer.raise_for_status().json()
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.retrying import blind_retries
from brownout.model.syntax import walk


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(10, 30),
    certainty=Certainty.SUSPECTED,
)
def auth_failure_retried(code: Code) -> Iterator[Finding]:
    """Retries after every failure of a service that answers with a status, where nothing speaks of 401 or 403."""
    for found in blind_retries.blind(code):
        if code.judged(found.function) and not blind_retries.looks_at_auth(found.text):
            yield _finding(code, found.place, found.call, found.by)
    for asked in blind_retries.asked_again(code):
        if code.judged(asked.function) and not blind_retries.looks_at_auth(asked.text):
            yield _finding(code, asked.loop, asked.call, "the loop around it")
    for policy in blind_retries.policies(code):
        given = policy.argument("status_forcelist")
        listed = {part.value for part in walk(given) if isinstance(part, ast.Constant)} if given is not None else set()
        if listed & {401, 403} and code.judged(policy.function):
            yield _finding(code, policy.node.func, policy, "its `status_forcelist`")


def _finding(code: Code, place: ast.AST, call: Call, by: str) -> Finding:
    message = f"a refused login of `{call.text}` is tried again by {by}"
    return code.finding(place, message, function=call.function, name=call.name, call=call.text, by=by)
