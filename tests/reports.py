"""Reports for the tests of the formats, made by hand: no rule and no engine takes part."""

from __future__ import annotations

from brownout.core import (
    Category,
    Certainty,
    Data,
    Finding,
    Fix,
    Impact,
    Level,
    Location,
    Note,
    Recovery,
    Rule,
    Severity,
    Site,
    Span,
    User,
)
from brownout.fixes.edits import Edit
from brownout.model.source import Unreadable
from brownout.render.report import Report

DOC = """Call that can wait forever.

## The Problem
`{call}` has no time limit. If {display} says nothing, this line never returns.

## Failure Scenario
{display} is overloaded.

## Current Behavior
The caller hangs.

## How to Verify
{breaks} Then look.

## The Fix
Give `{limit}` a value that a user would accept to wait. Then test it.

## Trade-off Consideration
A limit can be too low.

## Bad
```python
requests.get(f"{url}/x")  # expect
```

## Good
```python
requests.get(f"{url}/x", timeout=30)
```
"""
RULE = Rule(
    "missing-timeout",
    Category.NETWORK,
    "4C",
    Severity.HIGH,
    Level.HIGH,
    Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    (5, 15),
    lambda code: (),
    DOC,
    "unsafe",
)
SOURCES = {
    "app/client.py": 'import requests\n\ndef get(url):\n\treturn requests.get(url["[bold]"])\n',
    "app/base.py": "def fetch(url):\n    return get('😀😀', url)\n",
    "app/wide.py": "名前 = '漢字'; call(x)\n",
    "app/long.py": f"{'x = 1; ' * 60}call(y){'; z = 2' * 60}\n",
    "app/evil.py": "call('\x1b[2J\u202e')\n",
    "app/many lines,100%:.py": "call(\n    1,\n    2,\n)\n",
}


def lines(path: str) -> list[str]:
    """The lines of a file as the doors hand them over."""
    return SOURCES.get(path, "").split("\n")


def finding(
    path: str = "app/client.py",
    span: tuple[int, int, int, int] = (4, 8, 4, 20),
    message: str = "`requests.get` can wait forever: no `timeout` given",
    *,
    severity: Severity = Severity.HIGH,
    certainty: Certainty = Certainty.CERTAIN,
    notes: tuple[Note, ...] = (),
    fixes: tuple[Fix, ...] = (),
    because: str = "",
    rule: str = "missing-timeout",
) -> Finding:
    """A finding with all that a report needs."""
    return Finding(
        rule=rule,
        location=Location(path, Span(*span)),
        message=message,
        site=Site(path, "get", "requests.get"),
        notes=notes,
        fixes=fixes,
        certainty=certainty,
        words=(("call", "requests.get"), ("display", "Label Studio"), ("limit", "timeout")),
        because=because,
        root="requests.get",
        severity=severity,
        likelihood=Level.HIGH,
    )


FIX = Fix("Add timeout=30", False, "add_keyword", Span(4, 8, 4, 34), (("name", "timeout"),))
STEP = Note(Location("app/base.py", Span(2, 11, 2, 14)), "`get` [is called](9) here")
CHAIN = finding(notes=(STEP,), fixes=(FIX,), because="a local server answers in milliseconds", severity=Severity.MEDIUM)
NASTY = finding(
    "app/many lines,100%:.py",
    (1, 0, 4, 1),
    "`x[0](1)` is 100% [bold]gone[/bold], 😀\r\n::error::\x1b[31m",
    severity=Severity.CRITICAL,
)
SUSPECTED = finding("app/wide.py", (1, 11, 1, 15), "`call` may wait", certainty=Certainty.SUSPECTED)
MILD = finding("app/base.py", (2, 21, 2, 24), "`url` is looked at", severity=Severity.MONITOR, rule="unknown-rule")
BROKEN = Unreadable("app/broken.py", 7, "syntax error: '(' was never closed")

EMPTY = Report((), (), {RULE.name: RULE}, 3, 120, source=lines, seconds=0.04)
FULL = Report(
    findings=(MILD, CHAIN, NASTY, SUSPECTED),
    unreadable=(BROKEN,),
    rules={RULE.name: RULE},
    files=1234,
    lines=56789,
    base="backend/",
    source=lines,
    seconds=1.23,
    hidden=2,
    suppressed=1,
    edits={CHAIN: [Edit(4, 5, '\treturn requests.get(url["[bold]"], timeout=30)\n')]},
)
