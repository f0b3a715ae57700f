"""Client that stays registered after it has gone.

## The Problem
A connected client is put into `{registry|the collection of clients}` here, but {why|not every way out takes it out
again}. The collection then grows with every client that leaves in an unexpected way.

## Failure Scenario
The handler of a message raises, the client sends something that cannot be parsed, or the network drops while the
service is sending: ways out that are not the one expected.

## Current Behavior
Every later broadcast tries the dead sockets first, and fails or slows down. Counters of users online are wrong, and
memory grows until the process is restarted.

## How to Verify
Connect, send a message that makes the endpoint raise (text that is no JSON), and count the members of the collection:
it is one too high. Repeat a thousand times and watch the memory.

## The Fix
Take the client out in a `finally` that surrounds everything after the registration.

## Trade-off Consideration
None to speak of. `discard` and `pop(…, None)` keep the clean-up from failing where somebody else was faster.

## Bad
```python
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients: set[WebSocket] = set()


@app.websocket("/ws")
async def updates(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)  # expect
    try:
        while True:
            message = await websocket.receive_json()
            await websocket.send_json({"seen": message["id"]})
    except WebSocketDisconnect:
        clients.discard(websocket)
```

## Good
```python
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients: set[WebSocket] = set()


@app.websocket("/ws")
async def updates(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    try:
        while True:
            message = await websocket.receive_json()
            await websocket.send_json({"seen": message["id"]})
    except WebSocketDisconnect:
        pass
    finally:
        clients.discard(websocket)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import clientsets, registries
from brownout.fixes import remove_client_in_finally


@rule(
    category=Category.NETWORK,
    section="4A",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def ws_registry_leak(code: Code) -> Iterator[Finding]:
    """Sockets put into a lasting collection that some way out of the endpoint leaves there."""
    for found in registries.leaks(code):
        guarded = clientsets.removed_by_handlers(found)
        yield code.finding(
            found.node,
            f"the client stays in `{found.registry}`: {found.why}",
            function=found.function,
            name=found.registry,
            fixes=[remove_client_in_finally(code.module.span(guarded[0]), guarded[1])] if guarded else [],
            registry=found.registry,
            why=found.why,
        )
