"""Collection of clients that changes while a loop runs over it.

## The Problem
`{change|the change}` changes `{clients|the collection}` while a loop runs over it. A set or a dict raises
`RuntimeError: changed size during iteration` at the next client; a list skips the one that follows.

## Failure Scenario
One client has gone when a message is sent to all, and the loop takes it out on the spot.

## Current Behavior
The clients after it do not get the message, and the broadcast ends with a traceback. It is the very code for dead
clients that hurts the living ones.

## How to Verify
Connect three clients, kill the first one hard, and broadcast: the second or third does not get the message.

## The Fix
Loop over a copy: `for client in list({clients|clients})`.

## Trade-off Consideration
The copy costs a list per broadcast. It also keeps those out who connect while the loop waits; they come next time.

## Bad
```python
from fastapi import WebSocket

clients: set[WebSocket] = set()


async def broadcast(message: str):
    for client in clients:
        try:
            await client.send_text(message)
        except Exception:
            clients.discard(client)  # expect
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
from brownout.facts.websockets import mutations
from brownout.fixes import iterate_copy


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.AUTOMATIC),
    effort=(5, 10),
    fix="safe",
)
def mutate_while_iterating_clients(code: Code) -> Iterator[Finding]:
    """Loops over a collection of clients that is changed inside of them."""
    for found in mutations.of_clients(code):
        yield code.finding(
            found.node,
            f"`{found.change}` changes `{found.clients}` while the loop runs over it",
            function=found.function,
            name=found.clients,
            fixes=[iterate_copy(code.module.span(found.iterable))],
            change=found.change,
            clients=found.clients,
        )
