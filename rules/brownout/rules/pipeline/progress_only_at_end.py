"""Results of a long loop kept only when all are done.

## The Problem
`{loop}` gathers its results in memory and writes them after the last one. `{call}` takes seconds each; whatever stops
the process before the end throws away everything done so far.

## Failure Scenario
A redeploy, a killed container or one broken document after two of three hours.

## Current Behavior
Nothing is kept. The next run starts with the first document again.

## How to Verify
Start the run, kill the process in the middle, and look what is left.

## The Fix
Keep each result as it comes (a row, a file, a line), and skip what is done already at the next start.

## Trade-off Consideration
Writing each result costs a little; every tenth is enough where one takes a second.

## Bad
```python
import json

import requests


def run_batch(documents):
    results = {}
    for document in documents:  # expect
        results[document] = requests.get(f"http://models/{document}", timeout=30).json()
    with open("results.json", "w") as file:
        json.dump(results, file)
```

## Good
```python
import json

import requests


def run_batch(documents):
    with open("results.jsonl", "a") as file:
        for document in documents:
            answer = requests.get(f"http://models/{document}", timeout=30).json()
            file.write(json.dumps({document: answer}) + "\\n")
            file.flush()
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Note, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.tasks import batches


@rule(
    category=Category.PIPELINE,
    section="5A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(20, 60),
    certainty=Certainty.SUSPECTED,
)
def progress_only_at_end(code: Code) -> Iterator[Finding]:
    """Slow loops that fill a collection and write it only afterwards."""
    for batch in batches.late(code):
        loop = code.module.lines[batch.row.node.lineno - 1].strip().removesuffix(":")  # type: ignore[attr-defined]
        yield code.finding(
            batch.row.node,
            "nothing is kept before the last piece is done",
            function=batch.row.function,
            name="for",
            notes=[Note(code.location(batch.call.node), "this takes its time for each of them")],
            certainty=Certainty.SUSPECTED,
            loop=loop.replace("{", "(").replace("}", ")"),
            call=batch.call.text,
        )
