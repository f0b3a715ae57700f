"""State file whose damage stops the service.

## The Problem
`{call}` reads {file|a file} that the service itself has written ({why|it is read back}), and nobody handles that it is
empty, cut off or from an older version. Only a missing file, if anything, is expected.

## Failure Scenario
The process was killed while it wrote the file, or the disk was full for a moment.

## Current Behavior
The parser's exception reaches the user, or ends the process at its start; a supervisor starts it again, and it ends
again. Somebody has to find the file and remove it by hand.

## How to Verify
Empty the file (`: > state.json`), and cut it in the middle, and start the service each time.

## The Fix
Catch the parser's error, log it, put the damaged file aside, and go on with the last good copy or from the beginning.

## Trade-off Consideration
Starting from nothing may repeat work. Where that is worse than standing still, stop, but say what to do.

## Bad
```python
import json

CHECKPOINT = "checkpoint.json"


def resume():
    with open(CHECKPOINT) as file:
        return json.load(file)  # expect
```

## Good
```python
import json
import logging

logger = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.json"


def resume():
    try:
        with open(CHECKPOINT) as file:
            return json.load(file)
    except (OSError, ValueError):
        logger.exception("%s cannot be read; starting from the beginning", CHECKPOINT)
        return {}
```
"""

import ast
from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing.handlers import logger_of
from brownout.facts.files.loads import Load, is_guarded, state_loads
from brownout.fixes.failing import start_over
from brownout.model.syntax import unparse


@rule(
    category=Category.FILESYSTEM,
    section="3A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.CRITICAL, Data.RECOVERABLE, Recovery.MANUAL),
    effort=(10, 30),
    fix="unsafe",
)
def state_load_unguarded(code: Code) -> Iterator[Finding]:
    """Loads of the service's own state whose failure nobody handles on the way to the entry point."""
    for load in state_loads(code):
        if not is_guarded(load.call):
            yield load.call.finding(
                f"`{load.call.text}` fails on a damaged state file, and nobody handles it: {load.why}",
                notes=load.notes,
                fixes=[_fix(load, code)],
                why=load.why,
                file=f"`{code.text(load.path)}`",
            )


_ERRORS = {
    "json": ("OSError", "ValueError"),
    "orjson": ("OSError", "ValueError"),
    "yaml": ("OSError", "yaml.YAMLError"),
    "pickle": ("OSError", "EOFError", "pickle.UnpicklingError"),
}
"""What a damaged file makes a parser raise."""


def _fix(load: Load, code: Code) -> Fix | None:
    """An empty state instead, where the loaded one is returned at once by a function that says what it gives."""
    call, function = load.call, load.call.function.node
    errors = _ERRORS.get(call.entry.library if call.entry is not None else "")
    statement = call.table.statement
    if errors is None or not isinstance(statement, ast.Return) or not isinstance(function, ast.FunctionDef):
        return None
    if not isinstance(statement.value, ast.Call):
        return None  # more is done with it before it is returned
    given = "" if function.returns is None else unparse(function.returns)
    empty = "None" if "None" in given or "Optional" in given else "[]" if given[:4].lower() == "list" else "{}"
    if given and empty == "{}" and given[:4].lower() != "dict":
        return None
    return start_over(code.module.span(statement), errors, unparse(load.path), empty, logger_of(code) or "")
