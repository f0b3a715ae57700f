"""Draft the page of a rule: `python tools/new_rule.py SECTION NAME`, such as `4C missing-timeout`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "1": ("dependency", "DEPENDENCY"),
    "2": ("database", "DATABASE"),
    "3": ("filesystem", "FILESYSTEM"),
    "4": ("network", "NETWORK"),
    "5": ("pipeline", "PIPELINE"),
    "6": ("validation", "VALIDATION"),
    "7": ("degradation", "DEGRADATION"),
}
PAGE = '''"""{title}.

## The Problem
What `{{call}}` does, and why that is a problem: two to four sentences about this code, not about software as such.

## Failure Scenario
What has to happen outside for it to hurt.

## Current Behavior
What users and operators see then.

## How to Verify
{{breaks}} What to look at.

## The Fix
What to write instead.

## Trade-off Consideration
What the fix costs, and when not to apply it.

## Bad
```python
import requests


def fetch(url):
    return requests.get(url)  # expect
```

## Good
```python
import requests


def fetch(url):
    return requests.get(url, timeout=30)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code


@rule(
    category=Category.{category},
    section="{section}",
    severity=Severity.MEDIUM,
    likelihood=Level.MEDIUM,
    impact=Impact(User.SIGNIFICANT, Data.NONE, Recovery.AUTOMATIC),
    effort=(10, 30),
)
def {function}(code: Code) -> Iterator[Finding]:
    """The question in one sentence."""
    for call in code.calls:
        if call.entry is not None and call.entry.name == "some.library.call":
            yield call.finding(f"`{{call.text}}` …")
'''
CASES = """# {name}

## The plain case

```python
import requests


def fetch(url):
    return requests.get(url)  # expect
```

## A trap that must stay silent

```python
import requests


def fetch(url):
    return requests.get(url, timeout=30)
```
"""


def draft(section: str, name: str, root: Path = ROOT) -> list[Path]:
    """Write the page and its corpus; raises `SystemExit` with a sentence for words that cannot be used."""
    if not re.fullmatch(r"[1-7][A-C]", section):
        raise SystemExit(f"{section!r} is no sub-section of the audit: 1A to 7C")
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name):
        raise SystemExit(f"{name!r} is no name of a rule: words in lower case, joined by hyphens")
    folder, category = FOLDERS[section[0]]
    function = name.replace("-", "_")
    title = name.replace("-", " ").capitalize()
    page = root / "rules" / "brownout" / "rules" / folder / f"{function}.py"
    cases = root / "tests" / "rules" / folder / f"{function}.md"
    for path in (page, cases):
        if path.exists():
            raise SystemExit(f"{path}: is already there")
    page.parent.mkdir(parents=True, exist_ok=True)
    cases.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(PAGE.format(title=title, category=category, section=section, function=function), encoding="utf-8")
    cases.write_text(CASES.format(name=name), encoding="utf-8")
    return [page, cases]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    for written in draft(sys.argv[1], sys.argv[2]):
        print(written.relative_to(ROOT))
