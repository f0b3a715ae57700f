"""Message that is gone when its send fails.

## The Problem
When `{call}` fails, the handler passes over it, and the message is gone. It is not kept for the next connection, and a
client that connects again is not told what it has missed.

## Failure Scenario
A client is without network for ten seconds, and in these ten seconds something happens that it should know.

## Current Behavior
The client connects again and goes on with what it knew before: a job that shows 80 percent for ever, a chat with a
hole. Nothing tells it, or anybody else, that a message is missing.

## How to Verify
Open the page, cut the network for ten seconds while messages are sent, and compare with another client afterwards.

## The Fix
Number the messages and keep the last ones, and send on connect what came after the number that the client names; or
send the whole state on every connect.

## Trade-off Consideration
What the next message replaces anyway (a cursor, a progress) need not be kept. Bound what is kept per client.

## Bad
```python
from fastapi import WebSocket

clients: set[WebSocket] = set()


async def notify(text: str):
    for client in list(clients):
        try:
            await client.send_text(text)  # expect
        except Exception:
            clients.discard(client)
```

## Good
```python
from collections import defaultdict

from fastapi import WebSocket

clients: dict[str, WebSocket] = {}
pending = defaultdict(list)


async def notify(text: str):
    for name, client in list(clients.items()):
        try:
            await client.send_text(text)
        except Exception:
            clients.pop(name, None)
            pending[name].append(text)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import lostmessages


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(60, 240),
    certainty=Certainty.SUSPECTED,
)
def failed_send_drops_message(code: Code) -> Iterator[Finding]:
    """Sends whose failure is passed over, where messages are not kept and clients not told what they missed."""
    for call in lostmessages.lost(code):
        yield call.finding(f"the message is gone when `{call.text}` fails: nothing keeps it for the next connection")
