"""Background task that nobody keeps.

## The Problem
`{call}` starts `{work|the work}` as a task, and nothing keeps the task. The event loop holds only a weak reference: the
garbage collector may take the task away while it waits, in the middle of its work. Nobody acts on what it raises,
and nobody waits for it at shutdown.

## Failure Scenario
The task waits for something, a garbage collection runs, and nothing else refers to the task.

## Current Behavior
The work stops half way without a word. If it fails by itself, "Task exception was never retrieved" in the event loop's
log is all that tells of it, and whoever asked for the work has been told that all is well.

## How to Verify
Let the task await a second, call `gc.collect()` meanwhile, and log its last line: under load it is missing now and
then. Or let it raise: the caller goes on as if all was well.

## The Fix
Keep the task in a set until it is done, await it, or start it in an `asyncio.TaskGroup`.

## Trade-off Consideration
A set that is never emptied leaks: remove each task in a done callback. The fix keeps the task alive, but its failure
still needs somebody who reads it.

## Bad
```python
import asyncio


async def index(document):
    await asyncio.sleep(1)


async def accept(document):
    asyncio.create_task(index(document))  # expect
    return {"accepted": True}
```

## Good
```python
import asyncio

background_tasks = set()


async def index(document):
    await asyncio.sleep(1)


async def accept(document):
    task = asyncio.create_task(index(document))
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
    return {"accepted": True}
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import tasks
from brownout.fixes import keep_task


@rule(
    category=Category.NETWORK,
    section="4B",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def task_dropped(code: Code) -> Iterator[Finding]:
    """Tasks that nothing refers to once they are started."""
    for started in tasks.dropped(code):
        statement = started.call.table.statement
        plain = isinstance(statement, ast.Assign | ast.Expr) and statement.value is started.call.node
        plain = plain and not isinstance(started.call.function.node, ast.Lambda)
        failing = "" if started.handles_its_own else ", and nobody handles its failure"
        yield started.call.finding(
            f"nothing keeps the task that runs `{started.work}`: it may vanish half way{failing}",
            lower=1 if started.handles_its_own else 0,
            because="the work handles its own failures" if started.handles_its_own else "",
            fixes=[keep_task(code.module.span(statement))] if plain else [],
            work=started.work,
        )
