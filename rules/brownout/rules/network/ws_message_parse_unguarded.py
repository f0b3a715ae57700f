"""WebSocket that one odd message closes.

## The Problem
`{call}` raises when a message is not what it expects, and inside of the loop nothing handles that. The exception leaves
the loop, the endpoint ends, and the connection with it.

## Failure Scenario
An old client sends a field less, a proxy sends a text of its own, or somebody tries `hello` in the console.

## Current Behavior
The client is cut off without being told why. It connects again and sends the same message: an endless round.

## How to Verify
Connect with `websocat` and type a word that is no JSON: the connection is closed, with a traceback in the log.

## The Fix
Catch `ValueError` around the parsing inside of the loop, answer with an error message, and go on with the next one.

## Trade-off Consideration
A client that sends nothing but rubbish should be closed after a few attempts.

## Bad
```python
import json

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ws")
async def edit(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            change = json.loads(await websocket.receive_text())  # expect
            await websocket.send_json({"saved": change})
    except WebSocketDisconnect:
        pass
```

## Good
```python
import json

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ws")
async def edit(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            try:
                change = json.loads(await websocket.receive_text())
            except ValueError:
                await websocket.send_json({"error": "not understood"})
                continue
            await websocket.send_json({"saved": change})
    except WebSocketDisconnect:
        pass
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import wsmessages
from brownout.fixes import skip_odd_message


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(10, 20),
    fix="unsafe",
)
def ws_message_parse_unguarded(code: Code) -> Iterator[Finding]:
    """Messages parsed in a receive loop where one that is malformed ends the connection."""
    for call in wsmessages.unguarded(code):
        answer = wsmessages.answer(call)
        fix = None if answer is None else skip_odd_message(code.module.span(call.table.statement), answer)
        yield call.finding(f"one message that `{call.text}` does not like ends the connection", fixes=[fix])
