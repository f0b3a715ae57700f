"""Blocking call on the event loop.

## The Problem
`{call}` keeps the event loop waiting until it returns: {path}. In the meantime no other request, WebSocket or health
check of this process makes any progress. A helper in between hides the wait, it does not remove it.

## Failure Scenario
{display} takes seconds instead of milliseconds, or a document is larger than usual, while other users are connected.

## Current Behavior
Everything else in the process stands still for as long as the call takes. Load balancers see failing health checks and
restart a process that is merely waiting; WebSockets miss their pings and drop.

## How to Verify
{breaks} Call the route once and, at the same time, ask the health route in a loop: its answers stop.

## The Fix
Move the call off the loop: `await asyncio.to_thread(…)`, or use the library's asynchronous client. A route that awaits
nothing needs no `async`: as a plain `def` its framework runs it in a thread.

## Trade-off Consideration
The function then runs in another thread: objects that belong to one thread (SQLite connections, some sessions and
converters) must be made there too. Threads are limited; a slow dependency can use them up, so the call still needs a
time limit of its own.

## Bad
```python
import time


def settle():
    time.sleep(2)


async def convert(document):
    settle()  # expect
    return document
```

## Good
```python
import asyncio
import time


def settle():
    time.sleep(2)


async def convert(document):
    await asyncio.to_thread(settle)
    return document
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Fix, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.databases.threadbound import movable
from brownout.facts.effects import Chain, weight
from brownout.facts.offloads import executor_of, in_generator, iterated_elsewhere
from brownout.facts.practices import on_loop
from brownout.facts.properties import blocking_reads
from brownout.facts.routes import may_be_plain, never_awaiting
from brownout.facts.waiting.waits import waits
from brownout.fixes.waiting import make_plain, run_in_executor, run_in_thread, sleep_on_loop
from brownout.model.tables import Function

SURE_STEPS = 5
"""A longer chain has so many conditions on its way that the call at its end is rarely made."""


@rule(
    category=Category.PIPELINE,
    section="5C",
    severity=Severity.HIGH,
    likelihood=Level.HIGH,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
    fix="unsafe",
)
def blocking_call_in_async(code: Code) -> Iterator[Finding]:
    """Calls in a coroutine that keep its event loop waiting, themselves or at the end of a chain of helpers."""
    plain = [function for function, _ in never_awaiting(code) if may_be_plain(function, code)]
    for function in code.functions:
        for call in code.calls_in(function) if on_loop(code, function) else ():
            if not waits(call) and (chain := call.blocking_chain) and not iterated_elsewhere(call):
                smaller = [make_plain(code.module.span(function.node))] if function in plain else []
                yield _finding(code, call.node.func, function, chain, _fixes(call) + smaller)
    for read in blocking_reads(code):
        yield _finding(code, read.node, read.function, read.chain, [])


def _fixes(call: Call) -> list[Fix]:
    if not movable(call) or in_generator(call):
        return []
    if call.name == "time.sleep":
        return [sleep_on_loop(call.span)]
    return [run_in_thread(call.span), run_in_executor(call.span, executor_of(call.code))]


def _finding(code: Code, node: ast.expr, function: Function, chain: Chain, fixes: list[Fix]) -> Finding:
    first, *others = chain.steps
    whither = f": {chain.path}" if others else ""
    return code.finding(
        node,
        f"`{first.text}` blocks the event loop{whither}",
        function=function,
        name=first.target,
        notes=[Note(step.location, f"`{step.text}` is called here") for step in others],
        fixes=fixes,
        certainty=Certainty.CERTAIN if len(chain.steps) <= SURE_STEPS else Certainty.SUSPECTED,
        lower=weight(chain.entry),
        because=(
            "",
            "a local disk or database answers in milliseconds while it is neither full nor locked",
            "milliseconds",
        )[weight(chain.entry)],
        root=chain.entry.name,
        call=first.text,
        path=chain.path,
        display=chain.entry.display,
        breaks=chain.entry.breaks or "Make the call take ten seconds.",
    )
