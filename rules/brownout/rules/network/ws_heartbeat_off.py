"""WebSocket without a heartbeat.

## The Problem
`{call}` makes connections that nobody checks: {why|its heartbeat is switched off}. A peer that disappears without a
word (a cable, a dead battery, a firewall that forgets the connection) looks exactly like one that has nothing to say.

## Failure Scenario
A laptop goes to sleep, a mobile network hands over, or a proxy drops idle connections after a minute without telling.

## Current Behavior
The service believes that the peer is still there, for hours. Its socket, its task and its place in the registry stay;
messages to it vanish. A client of this kind waits for ever for events that no longer come.

## How to Verify
Connect, then drop all packets between the two (`iptables -A INPUT -p tcp --sport 443 -j DROP`): neither side notices.

## The Fix
Keep `{limit|ping_interval}` at about 20 to 30 seconds, and treat the loss as what it is: reconnect, or clean up.

## Trade-off Consideration
Pings wake up sleeping phones and add traffic for very many idle connections. A peer that blocks its event loop for
longer than the ping timeout is dropped although it lives: cure the blocking, not the ping.

## Bad
```python
import websockets


async def follow(url, handle):
    async for connection in websockets.connect(url, ping_interval=None):  # expect
        async for message in connection:
            await handle(message)
```

## Good
```python
import websockets


async def follow(url, handle):
    async for connection in websockets.connect(url, ping_interval=20):
        async for message in connection:
            await handle(message)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.websockets import heartbeats
from brownout.fixes import add_keyword


@rule(
    category=Category.NETWORK,
    section="4A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def ws_heartbeat_off(code: Code) -> Iterator[Finding]:
    """WebSocket connections whose pings are switched off, or never switched on."""
    for silent in heartbeats.without(code):
        value = silent.value
        yield silent.call.finding(
            f"nothing notices when the peer of `{silent.call.text}` disappears: {silent.why}",
            fixes=[add_keyword(silent.call.span, silent.parameter, value)] if value else [],
            lower=3 if silent.by_default else 0,
            because="its default is no heartbeat, and a proxy may send one" if silent.by_default else "",
            why=silent.why,
            limit=silent.parameter,
        )
