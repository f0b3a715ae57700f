"""Socket that waits for ever.

## The Problem
`{call}` waits for the other side without a limit. Sockets and streams have none unless one is set; a peer that says
nothing keeps this line, and whoever is behind it, waiting until the process ends.

## Failure Scenario
The other side is switched off without closing the connection, or a firewall between the two forgets it.

## Current Behavior
The request or the worker hangs. There is no error, so nothing is logged and nothing is tried again.

## How to Verify
Connect to a port whose packets are dropped (`iptables -A OUTPUT -p tcp --dport PORT -j DROP`), or to `nc -l PORT`,
which accepts and never answers.

## The Fix
Call `settimeout` right after the socket is made, or put `async with asyncio.timeout(…)` around what awaits a stream
(here: `{limit|settimeout}`), and treat reaching it as an ordinary failure.

## Trade-off Consideration
A socket's limit holds for each call, not for all together: a peer that sends one byte per second never reaches it.

## Bad
```python
import socket


def ask(host, question):
    with socket.socket() as connection:
        connection.connect((host, 7000))  # expect
        connection.sendall(question)
        return connection.recv(1024)
```

## Good
```python
import socket


def ask(host, question):
    with socket.socket() as connection:
        connection.settimeout(5)
        connection.connect((host, 7000))
        connection.sendall(question)
        return connection.recv(1024)
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting import rawsockets
from brownout.fixes import limit_socket


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def socket_no_timeout(code: Code) -> Iterator[Finding]:
    """Waits on plain sockets and streams that nothing limits."""
    for found in rawsockets.without_limit(code):
        call, statement = found.call, found.call.table.statement
        plain = found.remedy == "settimeout" and isinstance(statement, ast.Expr | ast.Assign | ast.Return)
        fix = limit_socket(code.module.span(statement), code.text(call.receiver)) if plain and call.receiver else None
        yield call.finding(
            f"`{call.text}` waits for ever: no `{found.remedy}` limits it", fixes=[fix], limit=found.remedy
        )
