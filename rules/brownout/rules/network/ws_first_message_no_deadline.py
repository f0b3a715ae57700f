"""First message that may never come.

## The Problem
`{call}` waits for the first message of a client, a greeting or a token, without a deadline. Until it comes the client
has proved nothing, and the endpoint holds a connection for it.

## Failure Scenario
Somebody opens connections and says nothing: a scanner, a broken client, an attacker.

## Current Behavior
Each silent connection costs a task and a descriptor for as long as the other side likes. When they run out, nobody
can connect any more.

## How to Verify
Open a few thousand connections with `websocat` without sending anything, and watch the process's open files.

## The Fix
Put `asyncio.wait_for(…, timeout=10)` around the first receive, and close the connection when it is over.

## Trade-off Consideration
Slow mobile networks need some seconds for the first message.

## Bad
```python
from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def talk(websocket: WebSocket):
    await websocket.accept()
    token = await websocket.receive_text()  # expect
    await websocket.send_json({"token": token})
```

## Good
```python
import asyncio

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def talk(websocket: WebSocket):
    await websocket.accept()
    token = await asyncio.wait_for(websocket.receive_text(), timeout=10)
    await websocket.send_json({"token": token})
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import sockets


@rule(
    category=Category.NETWORK,
    section="4A",
    severity=Severity.MONITOR,
    likelihood=Level.LOW,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 15),
    certainty=Certainty.SUSPECTED,
)
def ws_first_message_no_deadline(code: Code) -> Iterator[Finding]:
    """The first receive of an endpoint, before its loop, that nothing limits in time."""
    for call in sockets.first_receives(code):
        yield call.finding(f"`{call.text}` waits for a first message that may never come")
