"""Broadcast that ends at the first client that has gone.

## The Problem
`{call}` raises when its client has gone, which happens to every client sooner or later. Nothing catches that per
client: {how|the loop ends there}, and those after it get nothing.

## Failure Scenario
One user of many closes the laptop, or a phone changes from Wi-Fi to mobile data, while a message goes out to all.

## Current Behavior
One dead socket silences everybody who stands after it in the collection, again and again until the process restarts,
because it stays registered. Whoever asked for the broadcast gets the exception.

## How to Verify
Connect three clients, pull the network cable of the first one (or `kill -STOP` and then `kill -9` it), and send a
message: the other two wait for it in vain.

## The Fix
Catch the failure per client inside of the loop, remember who failed, and remove those from the collection after it.

## Trade-off Consideration
A client that is merely slow still holds up the others in a loop; give each send a time limit, or send side by side with
`asyncio.gather(…, return_exceptions=True)` and look at the results.

## Bad
```python
from fastapi import WebSocket

clients: set[WebSocket] = set()


async def broadcast(message: str):
    for client in list(clients):
        await client.send_text(message)  # expect
```

## Good
```python
from fastapi import WebSocket

clients: set[WebSocket] = set()


async def broadcast(message: str):
    for client in list(clients):
        try:
            await client.send_text(message)
        except Exception:
            clients.discard(client)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import broadcasts, clientsets
from brownout.fixes import drop_dead_client


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def broadcast_fragile(code: Code) -> Iterator[Finding]:
    """Sends to each of many clients where one that has gone keeps the others from getting the message."""
    for broadcast in broadcasts.fragile(code):
        call = broadcast.call
        removal = clientsets.removal(broadcast, code)
        yield call.finding(
            f"one client that has gone keeps `{call.text}` from the others: {broadcast.how}",
            fixes=[drop_dead_client(code.module.span(call.table.statement), *removal)] if removal else [],
            how=broadcast.how,
        )
