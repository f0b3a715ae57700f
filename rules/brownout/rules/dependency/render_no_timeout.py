"""Rendering or OCR without a time limit.

## The Problem
`{call}` runs {display} and waits for it without a limit. One page can keep it busy for hours: a picture of a billion
pixels, a pattern drawn a million times, a scan full of noise. It holds this worker all that time.

## Failure Scenario
A user uploads a damaged or hostile document, or simply a very large one.

## Current Behavior
The request never ends and one core is busy for as long. A few such documents stop the processing for everybody.

## How to Verify
{breaks} Then upload one document and watch the process list.

## The Fix
Give `{limit}` a value, and treat reaching it as a failure of this one document. pdf2image asks for the number of pages
first, which its limit does not cover: call `pdfinfo_from_path(path, timeout=…)` yourself before.

## Trade-off Consideration
Pick the limit from the slowest honest document, per page rather than per file, or large files fail for being large.

## Bad
```python
from fastapi import FastAPI
from pdf2image import convert_from_path

app = FastAPI()


@app.get("/preview")
def preview(path: str):
    pages = convert_from_path(path, dpi=100, last_page=1)  # expect
    return {"width": pages[0].width}
```

## Good
```python
from fastapi import FastAPI
from pdf2image import convert_from_path

app = FastAPI()


@app.get("/preview")
def preview(path: str):
    pages = convert_from_path(path, dpi=100, last_page=1, timeout=60)
    return {"width": pages[0].width}
```
"""

from collections.abc import Iterator

from brownout.catalog import Entry
from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.intake.renderers import in_own_process, is_renderer
from brownout.facts.offloads import handed_call, lacks_limit, takes_keywords
from brownout.facts.waiting.timeouts import Limit, limit_of_wrapper
from brownout.fixes import add_keyword

SECONDS = "60"
UNLIMITED = (Limit.MISSING, Limit.DISABLED)


@rule(
    category=Category.DEPENDENCY,
    section="1C",
    severity=Severity.HIGH,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.MANUAL),
    effort=(5, 15),
    fix="unsafe",
)
def render_no_timeout(code: Code) -> Iterator[Finding]:
    """Calls of Poppler and Tesseract without a limit, directly or through a function that hands the limit on."""
    for call in code.library_calls:
        entry = call.entry
        if entry is not None and is_renderer(entry) and entry.timeout is not None:
            if call.limit in UNLIMITED and code.judged(call.function) and not in_own_process(call):
                yield _finding(call, entry, entry.timeout.parameter or "timeout", entry.timeout.position)
        elif call.callee is not None and (wrapper := code.project.wrappers.get(call.callee.name)):
            found = limit_of_wrapper(call.row, wrapper, code.project.links)
            if is_renderer(wrapper.entry) and found in UNLIMITED and code.judged(call.function):
                yield _finding(call, wrapper.entry, wrapper.parameter, None)
        elif (handed := handed_call(call)) and is_renderer(handed[0]) and lacks_limit(handed, call):
            if code.judged(call.function) and handed[0].timeout is not None:
                yield _finding(call, handed[0], handed[0].timeout.parameter or "timeout", None, handed[0].name)


def _finding(call: Call, entry: Entry, limit: str, position: int | None, handed: str = "") -> Finding:
    plain = not handed or takes_keywords(call)
    return call.finding(
        f"`{handed or call.text}` waits for {entry.display} without a limit: no `{limit}` given",
        fixes=[add_keyword(call.span, limit, SECONDS, position)] if plain else [],
        root=entry.name,
        limit=limit,
        display=entry.display,
        breaks=entry.breaks or "Put a script that sleeps for an hour first on the PATH.",
    )
