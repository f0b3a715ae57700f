"""Dependency that must be up when a file is imported.

## The Problem
`{call}` asks {display} while the module is imported: {path}. Every process that imports it (the service, its workers,
a test, a migration, a command that only prints help) needs {display} to be there at that moment.

## Failure Scenario
{display} is down, slow, or starts later than the service, as all do after a power cut.

## Current Behavior
The import fails, so the process does not start, with a traceback that starts in an import statement. An orchestrator
restarts it in a loop. Nothing of the service works, not even what does not need {display}.

## How to Verify
{breaks} Then run `python -c "import …"` with the module's name.

## The Fix
Make the client at import if that does no I/O, and ask at first use, or in the start-up hook with a handler.

## Trade-off Consideration
A wrong address is then found with the first request and not at deployment: let readiness ask for it.

## Bad
```python
import requests

RATES = requests.get("https://example.com/rates", timeout=5).json()  # expect


def convert(amount, currency):
    return amount * RATES[currency]
```

## Good
```python
from functools import cache

import requests


@cache
def rates():
    return requests.get("https://example.com/rates", timeout=5).json()


def convert(amount, currency):
    return amount * rates()[currency]
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import starting

SURE_STEPS = 3
"""A longer chain has conditions on its way, such as which store is configured."""


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.NONE, Recovery.MANUAL),
    effort=(15, 45),
)
def dependency_at_import(code: Code) -> Iterator[Finding]:
    """Calls to services and databases in the body of a module."""
    for asked in starting.at_import(code):
        entry = asked.chain.entry
        yield asked.call.finding(
            f"importing this file asks {entry.display}: {asked.chain.path}",
            certainty=Certainty.CERTAIN if len(asked.chain.steps) <= SURE_STEPS else Certainty.SUSPECTED,
            notes=asked.call.notes(asked.chain),
            root=entry.name,
            display=entry.display,
            path=asked.chain.path,
            breaks=entry.breaks or "Make the other side unreachable.",
        )
