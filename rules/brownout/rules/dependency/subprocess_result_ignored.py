"""Child process whose failure nobody notices.

## The Problem
`{call}` raises nothing when the program fails, and nobody looks at the code it ended with. What follows works with
a result that is not there, is old, or is only half written.

## Failure Scenario
The program is missing a font, runs out of memory or disk, or does not like the document.

## Current Behavior
The service goes on as if all had gone well. The failure shows up later and elsewhere, as a missing file or a wrong
result, and the program's own message is lost.

## How to Verify
Put a script that only says `exit 1` in front of the program on `PATH`, and use the feature once.

## The Fix
Give `check=True` and treat `subprocess.CalledProcessError` as a failure of this one item; or look at `returncode`.

## Trade-off Consideration
Some programs end with a code other than 0 although they have done their work: compare with the codes they document. Say
`check=False` where failure may really be ignored, so that a reader knows.

## Bad
```python
import subprocess


def convert(path):
    subprocess.run(["soffice", "--convert-to", "pdf", path], timeout=60)  # expect
    return path.replace(".docx", ".pdf")
```

## Good
```python
import subprocess


def convert(path):
    subprocess.run(["soffice", "--convert-to", "pdf", path], timeout=60, check=True)
    return path.replace(".docx", ".pdf")
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.unread import is_by_the_way, is_ignored
from brownout.facts.practices import in_main
from brownout.fixes import add_keyword

RUNS = frozenset({"subprocess.run", "subprocess.call", "os.system"})


@rule(
    category=Category.DEPENDENCY,
    section="1C",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def subprocess_result_ignored(code: Code) -> Iterator[Finding]:
    """Child processes that are run without `check`, and whose result nobody reads."""
    for call in code.index.entries(RUNS):
        if call.entry is None or call.entry.name not in RUNS or call.unpacks or not code.judged(call.function):
            continue
        if call.argument("check") is None and is_ignored(call) and not is_by_the_way(call) and not in_main(call):
            run = call.entry.name == "subprocess.run" and isinstance(call.table.statement, ast.Expr)
            yield call.finding(
                f"nobody notices when the program that `{call.text}` runs fails",
                fixes=[add_keyword(call.span, "check", "True")] if run else [],
            )
