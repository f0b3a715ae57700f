"""Answer used without a look at its status.

## The Problem
`{call}` returns an answer for an error as well, and the code uses the body as if the request had gone well. {display}
does not raise by itself: a 500 with an error page, a 401 with a message and a 429 all pass for results.

## Failure Scenario
The other side answers with an error: it is overloaded, a token has expired, the object is gone.

## Current Behavior
A `KeyError` or a decoding error somewhere below, which says nothing about the cause; or, worse, an error message
that is stored as data.

## How to Verify
Let a stub answer 500 with the body `{"error": "overloaded"}`, and look at what the service makes of it.

## The Fix
Call `raise_for_status()` before the body is used, and handle the error where others are handled.

## Trade-off Consideration
Some answers with an error status are meant, such as 404 for "not there yet": look at `status_code` for those.

## Bad
```python
import requests


def projects(url):
    response = requests.get(f"{url}/api/projects", timeout=10)  # expect
    return response.json()["results"]
```

## Good
```python
import requests


def projects(url):
    response = requests.get(f"{url}/api/projects", timeout=10)
    response.raise_for_status()
    return response.json()["results"]
```
"""

import ast
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.unread import answers_unread, raises_by_itself
from brownout.facts.files.ownership import bound_names
from brownout.facts.practices import in_main
from brownout.fixes import raise_for_status

RESPONSES = frozenset({"requests.Response()", "httpx.Response()", "aiohttp.ClientResponse()"})


@rule(
    category=Category.DEPENDENCY,
    section="1A",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def status_unchecked(code: Code) -> Iterator[Finding]:
    """Requests whose answer's body is used while nobody looks at its status."""
    for call in code.library_calls:
        entry = call.entry
        if entry is None or entry.returns not in RESPONSES or entry.effect is not Effect.NETWORK:
            continue
        if not code.judged(call.function) or in_main(call) or not answers_unread(call):
            continue
        if entry.name.count(".") > 1 and raises_by_itself(code.project):
            continue  # a client may have been told to; the functions of its module have not
        names, statement = bound_names(call), call.table.statement
        value = statement.value if isinstance(statement, ast.Assign) else None
        is_answer = (value.value if isinstance(value, ast.Await) else value) is call.node
        yield call.finding(
            f"nobody looks at the status of what `{call.text}` answers",
            fixes=[raise_for_status(code.module.span(statement), *names)] if is_answer and len(names) == 1 else [],
            root=entry.name,
            display=entry.display,
        )
