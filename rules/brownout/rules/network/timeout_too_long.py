"""Time limit that nobody waits for.

## The Problem
`{call}` gives up after {seconds|several minutes}{origin}. Requests lead here, and whoever sent them has given up long
before: browsers, proxies and people wait for half a minute. The worker goes on waiting for an answer that nobody wants.

## Failure Scenario
The other side accepts connections and answers slowly, or not at all.

## Current Behavior
Users see an error from the proxy and press reload. Each attempt takes one more worker for minutes, until all of them
wait: a slow dependency has become an outage. Retries inside of a library multiply the limit.

## How to Verify
Put a proxy that never answers in front of the other side, send a request, and measure when its worker is free again.

## The Fix
Set `{limit|timeout}` to what a user would accept to wait, and move what really takes minutes into a job.

## Trade-off Consideration
Some honest answers take that long (a large model, a big export). They belong into a background job with a status.

## Bad
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()  # expect


@app.post("/summary")
def summary(text: str):
    answer = client.responses.create(model="gpt-5", input=text)
    return {"summary": answer.output_text}
```

## Good
```python
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(timeout=60)


@app.post("/summary")
def summary(text: str):
    answer = client.responses.create(model="gpt-5", input=text)
    return {"summary": answer.output_text}
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting import longlimits
from brownout.fixes import add_keyword

SECONDS = "60"


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    fix="unsafe",
)
def timeout_too_long(code: Code) -> Iterator[Finding]:
    """Limits of two minutes and more on calls and clients that requests use."""
    for long in longlimits.in_requests(code):
        parameter = long.parameter
        plain = parameter is not None and (long.call.entry is None or long.call.entry.library != "aiohttp")
        origin = ", its default" if long.is_default else ""
        yield long.call.finding(
            f"`{long.call.text}` gives up after {long.seconds:g} seconds{origin}: nobody waits that long for a request",
            fixes=[add_keyword(long.call.span, parameter, SECONDS, long.position)] if plain and parameter else [],
            seconds=f"{long.seconds:g} seconds",
            origin=origin,
            limit=parameter or "timeout",
        )
