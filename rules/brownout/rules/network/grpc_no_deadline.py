"""Remote call without a deadline.

## The Problem
`{call}` has no `timeout`. gRPC then waits for as long as the server likes; its own documents call that an infinite
deadline. The worker that made the call is gone until the answer comes.

## Failure Scenario
The server accepts the call and hangs: a lock, a full queue, a process that was stopped.

## Current Behavior
Workers pile up in this line, one per request, and nothing is logged. The hanging server takes its callers with it.

## How to Verify
Stop the server with `kill -STOP` and call: the request does not come back.

## The Fix
Give the call a `timeout`, and expect `grpc.RpcError` with the code `DEADLINE_EXCEEDED`.

## Trade-off Consideration
A deadline is passed on to the server, which may stop working when it has passed: repeat only what may run twice. The
fix is not safe to apply unread, because it adds an error that callers may not handle.

## Bad
```python
import grpc
from prices_pb2 import PriceRequest
from prices_pb2_grpc import PricesStub

channel = grpc.insecure_channel("prices:50051")


def price(name):
    stub = PricesStub(channel)
    return stub.GetPrice(PriceRequest(name=name))  # expect
```

## Good
```python
import grpc
from prices_pb2 import PriceRequest
from prices_pb2_grpc import PricesStub

channel = grpc.insecure_channel("prices:50051")


def price(name):
    stub = PricesStub(channel)
    return stub.GetPrice(PriceRequest(name=name), timeout=30)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.waiting import stubs
from brownout.fixes import add_keyword

SECONDS = "30"


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def grpc_no_deadline(code: Code) -> Iterator[Finding]:
    """Calls through gRPC stubs that nothing limits in time."""
    for call in stubs.without_deadline(code):
        yield call.finding(
            f"`{call.text}` has no deadline: it waits for as long as the server likes",
            fixes=[add_keyword(call.span, "timeout", SECONDS, 1)],
        )
