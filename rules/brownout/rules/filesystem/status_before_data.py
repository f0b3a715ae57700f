"""Work called done before its result is stored.

## The Problem
`{mark}` says that the work is done, or takes its source away. The result is stored only afterwards, by `{call}`:
what happens in between loses it.

## Failure Scenario
The process is killed between the two, the disk is full, or storing fails.

## Current Behavior
The job counts as done, nobody does it again, and its result does not exist. If the source was removed, it cannot be
done again at all.

## How to Verify
Raise an exception in `{call}`, and look at the status of the job and at what a retry does.

## The Fix
Store the result first and say so last; or do both in one transaction.

## Trade-off Consideration
After a crash in between, the work is done twice. Storing must therefore be allowed to happen again: same name, same
key.

## Bad
```python
import json
from pathlib import Path

RESULTS = Path("results")


def finish(jobs, job_id, pages):
    jobs[job_id]["status"] = "done"  # expect
    (RESULTS / f"{job_id}.json").write_text(json.dumps(pages))
```

## Good
```python
import json
from pathlib import Path

RESULTS = Path("results")


def finish(jobs, job_id, pages):
    (RESULTS / f"{job_id}.json").write_text(json.dumps(pages))
    jobs[job_id]["status"] = "done"
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks.doneearly import done_early


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.CRITICAL,
    likelihood=Level.LOW,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.DATA_LOSS),
    effort=(10, 30),
)
def status_before_data(code: Code) -> Iterator[Finding]:
    """Marks that work is done which stand before the call that stores its result."""
    for early in done_early(code):
        store = early.later.text if "{" not in early.later.text else early.later.text.rpartition(".")[2]
        yield code.finding(
            early.node,
            f"`{early.text}` says that the work is done before `{store}` has stored it",
            function=early.function,
            name=early.text,
            notes=early.notes,
            mark=early.text,
            call=store,
        )
