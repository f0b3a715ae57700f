"""WebSocket loop that does not expect the client to leave.

## The Problem
`{call}` raises `WebSocketDisconnect` when the client goes away, which every client does sooner or later: a closed
lid, a tunnel, a redeploy. Nothing here handles it, so whatever should happen afterwards does not.

## Failure Scenario
A user closes the tab, or the network drops, while the endpoint waits for a message or sends one.

## Current Behavior
The endpoint ends with a traceback in the log. What it had registered stays registered: later broadcasts go to a dead
socket, and counters, locks and subscriptions are never given back.

## How to Verify
Open the page, watch the socket connect, close the tab during processing, and look at the log and the registry.

## The Fix
Wrap the loop in `try … except WebSocketDisconnect`, with the clean-up in `finally`.

## Trade-off Consideration
A handler that only passes hides why clients leave; count the disconnects.

## Bad
```python
from fastapi import FastAPI, WebSocket

app = FastAPI()
clients = set()


@app.websocket("/ws")
async def progress(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    while True:
        message = await websocket.receive_text()  # expect
        await websocket.send_text(message)
    clients.discard(websocket)
```

## Good
```python
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients = set()


@app.websocket("/ws")
async def progress(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    try:
        while True:
            message = await websocket.receive_text()
            await websocket.send_text(message)
    except WebSocketDisconnect:
        pass
    clients.discard(websocket)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import sockets
from brownout.fixes import catch_disconnect


@rule(
    category=Category.NETWORK,
    section="4A",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.MINOR, Data.RECOVERABLE, Recovery.AUTOMATIC),
    effort=(10, 20),
    fix="unsafe",
)
def websocket_disconnect_unhandled(code: Code) -> Iterator[Finding]:
    """Loops over a served WebSocket's messages that no handler for its end surrounds."""
    for loop in sockets.unguarded_loops(code):
        yield loop.call.finding(
            f"`{loop.call.text}` raises when the client leaves, and nothing handles it",
            fixes=[catch_disconnect(code.module.span(loop.node))],
            lower=0 if loop.has_state else 1,
            because="" if loop.has_state else "nothing is registered that would be left behind",
        )
