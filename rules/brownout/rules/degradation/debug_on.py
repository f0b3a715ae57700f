"""Debug mode switched on in code that serves.

## The Problem
`{call}` turns `{limit|debug}` on for every place where this runs. {effect|Debug mode shows tracebacks, with source and
variables, to every client.}

## Failure Scenario
The same file is deployed that was written on a laptop, because nothing makes the difference.

## Current Behavior
Clients see tracebacks with the inside of the service, or the server restarts itself when a file changes, and drops the
requests in flight.

## How to Verify
Make a route fail in production and look at the answer; or touch a source file on the server and watch the log.

## The Fix
Leave the argument out, and take it from a setting that is off unless somebody turns it on.

## Trade-off Consideration
Developers need one more environment variable.

## Bad
```python
from fastapi import FastAPI

app = FastAPI(title="documents", debug=True)  # expect
```

## Good
```python
from fastapi import FastAPI

app = FastAPI(title="documents")
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.operating import debugging
from brownout.fixes import remove_keyword


@rule(
    category=Category.DEGRADATION,
    section="7C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.MANUAL),
    effort=(2, 10),
    fix="unsafe",
)
def debug_on(code: Code) -> Iterator[Finding]:
    """Applications and servers whose debug or reload mode is on wherever they run."""
    for mode in debugging.switched_on(code):
        yield code.finding(
            mode.node,
            f"`{mode.parameter}` is on wherever this runs",
            function=mode.function,
            name=mode.name,
            fixes=[remove_keyword(code.module.span(mode.node), mode.parameter)] if mode.is_call else [],
            call=mode.name,
            limit=mode.parameter,
            effect=mode.effect,
        )
