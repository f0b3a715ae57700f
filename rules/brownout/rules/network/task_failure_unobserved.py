"""Background task whose failure nobody reads.

## The Problem
The task that runs `{work|the work}` is kept, so that it lives, but nothing awaits it and no callback reads its
exception. When it fails, it ends, and the service does not know.

## Failure Scenario
Something in the task raises that it does not handle itself: a lost connection, a message in another format.

## Current Behavior
The background work stops for good while the rest goes on: no more messages are sent, nothing is cleaned up, queues
fill. Python reports "Task exception was never retrieved" when the task is collected: for a task that an attribute keeps
that is never; where a set lets go of it at its end, that line is all there is.

## How to Verify
Raise an exception inside of the task, once, and watch: the log is silent and the work does not come back.

## The Fix
Await the task where the service shuts down, and add a done callback that logs `task.exception()`; a task that must
always run needs somebody who starts it again.

## Trade-off Consideration
A callback that restarts without a pause turns a permanent failure into a hot loop.

## Bad
```python
import asyncio

import httpx


class Poller:
    def start(self):
        self.task = asyncio.create_task(self.run())  # expect

    async def run(self):
        async with httpx.AsyncClient() as client:
            while True:
                await client.get("https://example.com/jobs")
                await asyncio.sleep(10)
```

## Good
```python
import asyncio
import logging

import httpx

logger = logging.getLogger(__name__)


def log_failure(task):
    if not task.cancelled() and task.exception() is not None:
        logger.error("a background task failed", exc_info=task.exception())


class Poller:
    def start(self):
        self.task = asyncio.create_task(self.run())
        self.task.add_done_callback(log_failure)

    async def run(self):
        async with httpx.AsyncClient() as client:
            while True:
                await client.get("https://example.com/jobs")
                await asyncio.sleep(10)
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.handlers import logger_of
from brownout.facts.tasks import observed
from brownout.fixes import log_failure


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(10, 20),
    fix="unsafe",
)
def task_failure_unobserved(code: Code) -> Iterator[Finding]:
    """Tasks that are kept but never awaited, with no callback that reads how they ended."""
    for started in observed.unobserved(code):
        statement = started.call.table.statement
        kept = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        plain = isinstance(kept, ast.Name | ast.Attribute)
        yield started.call.finding(
            f"nothing reads the failure of the task that runs `{started.work}`",
            fixes=_fixes(statement, kept, code) if plain and kept else [],
            work=started.work,
        )


def _fixes(statement: ast.stmt, kept: ast.expr, code: Code) -> list[Fix]:
    logger = logger_of(code) or ""
    made = code.module.scope.bindings.get(logger, ())
    if any((binding.symbol or "").startswith("loguru.") for binding in made):
        return []  # it does not know `exc_info`
    return [log_failure(code.module.span(statement), code.text(kept), logger)]
