"""WebSocket client that connects once.

## The Problem
`{call}` connects once, and what follows listens for as long as the connection lasts. When it ends, the function ends
with it, and nothing connects again.

## Failure Scenario
The other side is redeployed, a load balancer closes connections after an hour, or the network has a hiccup.

## Current Behavior
The process runs on without its events. Health checks are green, because nothing else has failed; users see old data.

## How to Verify
Start the service, restart the other side, and wait: no message arrives any more until the service is restarted too.

## The Fix
`async for connection in websockets.connect(…)` connects again with growing pauses; elsewhere use a loop with a pause
that grows and has some randomness in it.

## Trade-off Consideration
Messages sent while there was no connection are lost: ask the other side for what has happened meanwhile.

## Bad
```python
import websockets


async def follow(url, handle):
    async with websockets.connect(url) as connection:  # expect
        async for message in connection:
            await handle(message)
```

## Good
```python
import websockets


async def follow(url, handle):
    async for connection in websockets.connect(url):
        try:
            async for message in connection:
                await handle(message)
        except websockets.ConnectionClosed:
            continue
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import wsclients
from brownout.fixes import reconnect


@rule(
    category=Category.NETWORK,
    section="4A",
    severity=Severity.MEDIUM,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(15, 45),
    fix="unsafe",
)
def ws_client_no_reconnect(code: Code) -> Iterator[Finding]:
    """Connections that are listened to for ever, and made only once."""
    for call in wsclients.once(code):
        statement = call.table.statement
        fix = reconnect(code.module.span(statement)) if wsclients.is_reconnectable(call) else None
        yield call.finding(f"nothing connects again when the connection of `{call.text}` ends", fixes=[fix])
