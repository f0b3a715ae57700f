"""Pool that hands out dead connections.

## The Problem
`{call}` keeps connections to a database server and hands them out as they are. One that the server, or a firewall in
between, has closed meanwhile is only noticed by the statement that uses it.

## Failure Scenario
The database is restarted or fails over, or nobody asks anything for a night and idle connections are cut.

## Current Behavior
The first requests after it fail, one for each connection in the pool, though the database is up again.

## How to Verify
Send a request, restart the database, send as many requests as the pool has connections: each fails once.

## The Fix
Give `pool_pre_ping=True`: a connection is tried before it is handed out, and made anew when it is dead.

## Trade-off Consideration
Each checkout costs one round trip. `pool_recycle` costs less and helps against idle cuts only.

## Bad
```python
from sqlalchemy import create_engine

engine = create_engine("postgresql+psycopg://app@db/app")  # expect
```

## Good
```python
from sqlalchemy import create_engine

engine = create_engine("postgresql+psycopg://app@db/app", pool_pre_ping=True)
```
"""

from collections.abc import Iterator

from brownout.core import Category, Certainty, Data, Finding, Impact, Level, Recovery, Severity, User, rule
from brownout.facts.code import Code
from brownout.facts.databases import staleness
from brownout.fixes import add_keyword


@rule(
    category=Category.NETWORK,
    section="4C",
    severity=Severity.MONITOR,
    likelihood=Level.MEDIUM,
    impact=Impact(User.MINOR, Data.NONE, Recovery.AUTOMATIC),
    effort=(5, 10),
    certainty=Certainty.SUSPECTED,
    fix="unsafe",
)
def stale_pool(code: Code) -> Iterator[Finding]:
    """Engines for a database server whose connections are neither tried before use nor made anew in time."""
    for call in staleness.stale(code):
        yield call.finding(
            f"`{call.text}` hands out connections that the server may have closed",
            fixes=[add_keyword(call.span, "pool_pre_ping", "True")],
        )
