"""Retry that may do the same thing twice.

## The Problem
`{call}` is tried again by {by}. {why} A request that timed out may well have been carried out, and only its answer was
lost.

## Failure Scenario
The other side is slow rather than down: it does the work, and answers after the time limit.

## Current Behavior
{result}

## How to Verify
Let a proxy swallow the first answer (`toxiproxy-cli toxic add -t timeout -a timeout=1000 upstream`), call it once, and
count what arrives on the other side.

## The Fix
{cure}

## Trade-off Consideration
Without a retry, some failures that a second attempt would have cured reach the user. That is cheaper than doing things
twice.

## Bad
```python
from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_random_exponential

client = OpenAI(timeout=30)


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))  # expect
def summary(text):
    return client.responses.create(model="gpt-5", input=text).output_text
```

## Good
```python
from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_random_exponential

client = OpenAI(timeout=30, max_retries=0)


@retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))
def summary(text):
    return client.responses.create(model="gpt-5", input=text).output_text
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.retrying import repetition
from brownout.fixes import add_keyword

TWICE = {
    "why": "It changes something on the other side, and a second call changes it once more.",
    "result": "The order is placed, the record is stored or the message is sent twice, and a user notices it first.",
    "cure": "Send a key that is the same for all attempts (`Idempotency-Key`), use an upsert, or do not try again.",
}
MULTIPLIED = {
    "why": "The library tries again by itself, so that each attempt here is several attempts there.",
    "result": "Three attempts of three make nine requests, and the user waits for all of their time limits.",
    "cure": "Leave it to one of the two: `max_retries=0` for the client, or no retry around it.",
}


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.CORRUPTION, Recovery.COMPLEX),
    effort=(15, 60),
    fix="unsafe",
)
def retry_not_idempotent(code: Code) -> Iterator[Finding]:
    """Retries around what must not be done twice, and around libraries that try again by themselves."""
    told: set[int] = set()
    for found in repetition.repeated(code):
        call = found.call
        if id(found.place) in told or not code.judged(call.function):
            continue
        what = "" if found.restrained else repetition.does_it_twice(call)
        if not what and not repetition.retries_itself(call):
            continue
        told.add(id(found.place))
        words = TWICE if what else MULTIPLIED
        message = (
            f"`{call.text}` may do the same thing twice: {found.by} tries a {what} again"
            if what
            else f"`{call.text}` already tries again by itself, and {found.by} multiplies the attempts"
        )
        yield code.finding(
            found.place,
            message,
            function=call.function,
            name=call.name,
            notes=[Note(code.location(call.node), "this is tried again")],
            fixes=[] if what else [_once(call)],
            call=call.text,
            by=found.by,
            why=words["why"],
            result=words["result"],
            cure=words["cure"],
        )


def _once(call: Call) -> Fix | None:
    """No attempts of the client's own, where it is made in this file and takes that argument."""
    made = repetition.maker(call)
    if made is None or made.entry is None or made.entry.library not in ("openai", "anthropic"):
        return None
    return add_keyword(made.span, "max_retries", "0")
