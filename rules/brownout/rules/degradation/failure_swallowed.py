"""Failure that nobody hears of.

## The Problem
`{handler|the handler}` drops every failure of `{call}` without a trace: no log, no metric, no other result. The service
goes on as if the work had been done.

## Failure Scenario
{display} fails: the disk is full, the connection refused, the permission missing, or simply a typo in this block.

## Current Behavior
The caller believes that it worked. The loss is found days later, without a time, a reason or a stack trace.

## How to Verify
{breaks} Use the feature once and look for anything in the log.

## The Fix
Log the exception with its traceback, or catch only the one exception that is truly expected here.

## Trade-off Consideration
Some failures may be ignored, such as those of a clean-up. Then name the exception, and say why in a comment.

## Bad
```python
import logging
from pathlib import Path

logger = logging.getLogger(__name__)


def store(path, text):
    try:
        Path(path).write_text(text)
    except Exception:  # expect
        pass
```

## Good
```python
import logging
from pathlib import Path

logger = logging.getLogger(__name__)


def store(path, text):
    try:
        Path(path).write_text(text)
    except Exception:
        logger.exception("store failed")
```
"""

import ast
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.core import Category, Certainty, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.failing import handlers
from brownout.fixes import log_exception

LOCAL = (Effect.DISK, Effect.PROCESS)
"""Reading a file or asking a program is often optional; not so what is written, and what others answer."""


@rule(
    category=Category.DEGRADATION,
    section="7A",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.POTENTIAL_LOSS, Recovery.COMPLEX),
    effort=(5, 15),
    fix="safe",
)
def failure_swallowed(code: Code) -> Iterator[Finding]:
    """Handlers of everything that do nothing, around work with the outside world."""
    for silent in handlers.silent(code):
        effect = silent.chain.entry
        writes = silent.writes
        yield code.finding(
            silent.node,
            f"`{silent.text}` hides every failure of `{silent.call.text}`",
            function=silent.function,
            name=f"except:{silent.caught}",
            notes=silent.call.notes(silent.chain),
            fixes=[_log(silent, code)] if isinstance(silent.node, ast.ExceptHandler) else [],
            certainty=Certainty.CERTAIN if writes or effect.effect not in LOCAL else Certainty.SUSPECTED,
            lower=0 if writes else 1,
            because="" if writes else "nothing is written here",
            handler=silent.text,
            call=silent.call.text,
            display=effect.display,
            breaks=effect.breaks or "Make the call raise.",
        )


def _log(silent: handlers.Silent, code: Code) -> Fix:
    return log_exception(code.module.span(silent.node), silent.logger or "")
