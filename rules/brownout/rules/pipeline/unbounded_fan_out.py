"""As many things at once as somebody sends.

## The Problem
`{call}` starts one piece of work for every element of {source|a list}, all at the same moment. The list is as long as
its input: a hundred elements are a hundred connections, files and documents in memory at once.

## Failure Scenario
A user sends a list of ten thousand, or the table behind it has grown over a year.

## Current Behavior
The other side answers 429 or drops connections, the process runs out of files or memory, and one user's request takes
everything from all others.

## How to Verify
Send a request with ten thousand elements and count the open sockets of the process.

## The Fix
Hold an `asyncio.Semaphore` inside of each piece of work, or work in groups of a fixed size, and refuse longer lists.

## Trade-off Consideration
The limit decides the speed: measure what the other side takes. One semaphore for the process, not one per request.

## Bad
```python
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient()


async def fetch(url):
    return (await client.get(url)).text


@app.post("/fetch")
async def fetch_all(urls: list[str]):
    return await asyncio.gather(*[fetch(url) for url in urls])  # expect
```

## Good
```python
import asyncio

import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient()
slots = asyncio.Semaphore(10)


async def fetch(url):
    async with slots:
        return (await client.get(url)).text


@app.post("/fetch")
async def fetch_all(urls: list[str]):
    return await asyncio.gather(*[fetch(url) for url in urls])
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import fanouts


@rule(
    category=Category.PIPELINE,
    section="5B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
)
def unbounded_fan_out(code: Code) -> Iterator[Finding]:
    """Gathers of one piece of work with the outside world for each element of a list whose length nobody bounds."""
    for call, source in fanouts.unbounded(code):
        text = code.text(source).replace("{", "(").replace("}", ")")
        yield call.finding(
            f"`{call.text}` works on all of `{text}` at once, however many there are", source=f"`{text}`"
        )
