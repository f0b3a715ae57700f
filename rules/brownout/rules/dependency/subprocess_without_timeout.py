"""Child process without a time limit.

## The Problem
`{call}` waits for another program without a limit. A child that hangs (a corrupt document, a full pipe, a lock held by
a sibling) holds this worker for ever; every further document takes another worker until none is left.

## Failure Scenario
The program meets an input on which it never finishes, or waits for a resource that nobody releases.

## Current Behavior
The call never returns. Nothing is logged; the process list slowly fills with waiting children.

## How to Verify
Put a script that only sleeps before the real program on `PATH` (`exec sleep 3600`) and use the feature once.

## The Fix
Give `{limit}` a value, and treat `subprocess.TimeoutExpired` as a failure of this one item.

## Trade-off Consideration
With `shell=True` only the shell is killed, its children live on. Pick the limit from the slowest honest input.

## Bad
```python
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(path: str):
    subprocess.run(["soffice", "--convert-to", "pdf", path], check=True)  # expect
    return {"done": path}
```

## Good
```python
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.post("/convert")
def convert(path: str):
    subprocess.run(["soffice", "--convert-to", "pdf", path], check=True, timeout=300)
    return {"done": path}
```
"""

import ast
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.core import Category, Data, Finding, Fix, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.intake.renderers import is_renderer
from brownout.facts.offloads import handed_call, handed_function, lacks_limit, takes_keywords
from brownout.facts.practices import drained_first, ended_first
from brownout.facts.waiting.programs import seconds_for
from brownout.facts.waiting.timeouts import Limit, limit_of_wrapper, limits_itself
from brownout.fixes import add_keyword
from brownout.fixes.waiting import limit_child

UNLIMITED = (Limit.MISSING, Limit.DISABLED)
UNLIMITABLE = frozenset({"os.system", "os.popen"})
WAITS = {"subprocess.Popen.wait": 0, "subprocess.Popen.communicate": 1}
"""What waits for a child that runs on when the time is up, with the position of its limit."""
READS = ("read", "readlines", "readline", "close")


@rule(
    category=Category.DEPENDENCY,
    section="1C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def subprocess_without_timeout(code: Code) -> Iterator[Finding]:
    """Calls that wait for a child process without a limit, in code that serves."""
    for call in code.calls:
        entry = call.entry
        if entry is None and (call.callee is None or call.callee.name not in code.project.wrappers):
            continue
        if entry is not None and entry.effect is not Effect.PROCESS and entry.offload is None:
            continue
        if not code.judged(call.function) or code.limited_elsewhere(call):
            continue
        if call.does(Effect.PROCESS):
            if is_renderer(call.entry):
                continue  # another rule's page
            if (
                _waits_forever(call)
                and not _is_killed(call)
                and not drained_first(call)
                and not limits_itself(call.argument("args", 0))
            ):
                yield _finding(call, _parameter(call))
        elif call.callee is not None and (wrapper := code.project.wrappers.get(call.callee.name)):
            found = limit_of_wrapper(call.row, wrapper, code.project.links)
            if wrapper.entry.effect is Effect.PROCESS and found in UNLIMITED and not is_renderer(wrapper.entry):
                yield _finding(call, wrapper.parameter)
        elif (handed := handed_call(call)) and handed[0].effect is Effect.PROCESS:
            if not is_renderer(handed[0]) and lacks_limit(handed, call):
                yield _finding(call, "timeout" if takes_keywords(call) else None, handed[0].name)


def _parameter(call: Call) -> str | None:
    """The parameter that limits the call, if it has one: `asyncio.Process.wait` has none."""
    limit = call.entry.timeout if call.entry is not None else None
    return limit.parameter if limit is not None else None


def _waits_forever(call: Call) -> bool:
    """Whether nothing ends the wait: no limit, one that is switched off, or a call that can have none."""
    if call.limit is None:
        if call.entry is None or call.entry.name not in UNLIMITABLE or not call.code.serves(call.function):
            return False
        return call.entry.name != "os.popen" or getattr(call.table.parent, "attr", "") in READS
    return call.limit in UNLIMITED


def _is_killed(call: Call) -> bool:
    """Whether the child's time was up before, and it was killed: it is only taken away."""
    blocks = call.table.block.chain() if call.table.block is not None else ()
    handlers = [block.node for block in blocks if isinstance(block.node, ast.ExceptHandler)]
    late = any(one.type is not None and "Timeout" in ast.unparse(one.type) for one in handlers)
    return late and ended_first(call)


def _fixes(call: Call, parameter: str | None) -> list[Fix]:
    if not parameter:
        return []
    seconds = seconds_for(call)
    if call.entry is None or call.entry.name not in WAITS:
        return [add_keyword(call.span, parameter, seconds)]
    plain = isinstance(call.table.statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return)
    if not plain or not isinstance(call.receiver, ast.Name | ast.Attribute):
        return []  # a limit alone would leave the child running
    return [limit_child(call.span, seconds, WAITS[call.entry.name])]


def _finding(call: Call, parameter: str | None, handed: str | None = None) -> Finding:
    given = handed_function(call) if handed else None
    ended = ended_first(call, given.value if isinstance(given, ast.Attribute) else None)
    state = "without a time limit"
    if call.limit is Limit.DISABLED:
        state = "with its time limit switched off"
    elif call.entry is not None and call.entry.name in UNLIMITABLE:
        state = "and cannot be given a time limit"
    return call.finding(
        f"`{handed or call.text}` waits for a child process {state}",
        fixes=_fixes(call, parameter),
        lower=2 if ended else 0,
        because="the child has just been told to end" if ended else "",
        limit=parameter or "timeout",
    )
