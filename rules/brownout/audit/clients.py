"""Every call that leaves the process and waits: what limits it, with the value and who says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from brownout.audit.data import Client, State
from brownout.audit.material import Material
from brownout.catalog import Effect
from brownout.facts.call import Call
from brownout.facts.failing.dependencies import SOCKET, Dependency
from brownout.facts.retrying.retries import repeats, retried_by
from brownout.facts.waiting.bounds import Bound, Origin, bound
from brownout.model.syntax import unparse
from brownout.model.tables import Scope

_WAITING = (Effect.NETWORK, Effect.DATABASE, Effect.PROCESS, Effect.MESSAGE)
LONGEST = 60
"""Letters of a limit that is shown as written."""
_MANY = 3
"""From so many calls of one database on, which all have the same limit, they share a row."""


def clients(material: Material) -> tuple[Client, ...]:
    """The calls, one row each; those of a database that are limited alike share one."""
    found: list[Client] = []
    alike: dict[tuple[str, str, str, str], list[Client]] = {}
    for call, used in material.uses:
        if not _waits(call, used):
            continue
        client = _client(call, used, material)
        if used.kind == Effect.DATABASE.value:
            alike.setdefault((used.name, client.limit, client.origin, client.decided_at), []).append(client)
        else:
            found.append(client)
    for group in alike.values():
        found.extend(_together(group))
    return tuple(sorted(found, key=lambda client: (client.dependency, client.path, client.line, client.call)))


def _waits(call: Call, used: Dependency) -> bool:
    entry = call.entry
    if entry is None or used.name == SOCKET or "Response" in entry.name:
        return False
    if entry.effect is Effect.CPU:
        return entry.timeout is not None
    return entry.effect in _WAITING and (entry.blocks or entry.awaits or entry.timeout is not None)


def _client(call: Call, used: Dependency, material: Material) -> Client:
    limits = _bound(call, used, material)
    state = State.FOUND if limits.is_limited else State.ABSENT if limits.origin is Origin.NOBODY else State.NEEDS
    again = repeats(call) or retried_by(call.function, call.code) or ""
    return Client(
        used.name,
        call.text,
        call.code.module.path,
        call.node.lineno,
        limits.value,
        limits.origin.value,
        _decided(limits, call, used, material),
        again,
        state,
    )


def _bound(call: Call, used: Dependency, material: Material) -> Bound:
    if used.name == "SQLite":
        return _sqlite(call, material)
    found = bound(call)
    if found.value.endswith("()") or (found.origin is Origin.CLIENT and not found.value):
        return _spelled(found, material)
    return found


def _spelled(found: Bound, material: Material) -> Bound:
    """The limit as it is written where the client is made; one that may be None has to be looked at."""
    code = material.codes.get(found.path)
    if code is None:
        return found
    for call in code.all_calls:
        given = call.argument("timeout") if call.node.lineno == found.line else None
        if given is None:
            continue
        text = unparse(_value_of(given, call) or given)
        if re.search(r"\bNone\b", text):
            return replace(found, origin=Origin.UNKNOWN, value="")
        return replace(found, value=text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
    return found


def _value_of(node: ast.expr, call: Call) -> ast.expr | None:
    """What a name is given in the function around a call, on the last line before it."""
    if not isinstance(node, ast.Name):
        return None
    scope: Scope | None = call.function.scope
    while scope is not None and node.id not in scope.bindings:
        scope = scope.parent
    bindings = scope.bindings[node.id] if scope is not None else []
    before = [b.value for b in bindings if b.value is not None and b.value.lineno <= call.node.lineno]
    return before[-1] if before else None


def _sqlite(call: Call, material: Material) -> Bound:
    """How long a statement waits for a lock: `timeout=` of the connection, 5 s by default."""
    rows = material.project.calls_by_target.get("sqlite3.connect", [])
    for function, row in rows:
        form = dict(row.arguments).get("timeout", dict(row.arguments).get(1))
        if form is not None and form.startswith("="):
            return Bound(Origin.CLIENT, form[1:], function.path, row.place.span.line)
    if not rows and call.entry is not None and call.entry.library != "sqlite3":
        return Bound(Origin.DEFAULT, "5")
    return Bound(Origin.DEFAULT, "5")


def _decided(limits: Bound, call: Call, used: Dependency, material: Material) -> str:
    if limits.origin is Origin.UNKNOWN and limits.path:
        return f"needs a look at the limit with which its client is made, for example at {limits.path}:{limits.line}"
    if limits.path:
        return f"{limits.path}:{limits.line}"
    if limits.origin is Origin.DEFAULT:
        return _of_library(call, used, material)
    if limits.origin is Origin.UNKNOWN:
        return needed(call, used, material)
    return ""


def _of_library(call: Call, used: Dependency, material: Material) -> str:
    library = call.entry.library if call.entry is not None else used.library
    version = material.version_of(library)
    if library in ("sqlite3", "subprocess", "urllib", "http", "smtplib", "socket"):
        return f"{library}, Python's own"
    return f"{library} {version}" if version else f"{library}, version not pinned in a lock file"


_OPTIONS = {
    "Redis": "`socket_timeout` and `socket_connect_timeout`",
    "RQ": "`socket_timeout` of the Redis connection that it is given",
    "MongoDB": "`timeoutMS` or `socketTimeoutMS`",
    "Elasticsearch": "`request_timeout`",
}


def _made_at(call: Call, material: Material) -> str:
    """Where a client of the library is made: in the call's own file, else anywhere."""
    library = call.entry.library if call.entry is not None else ""
    found: list[tuple[bool, str, int]] = []
    for target, rows in material.project.calls_by_target.items():
        maker = material.project.catalog.entry(target) if target.startswith(f"{library}.") else None
        if maker is not None and (maker.effect is Effect.CLIENT or maker.opens):
            found += [(f.path != call.code.module.path, f.path, row.place.span.line) for f, row in rows]
    return f", made at `{min(found)[1]}:{min(found)[2]}`" if found else ""


def needed(call: Call, used: Dependency, material: Material) -> str:
    """The file or setting that would tell the limit."""
    if used.name == "the Django database":
        return 'needs `DATABASES[…]["OPTIONS"]` in the settings, or `statement_timeout` of the server'
    if used.kind == Effect.DATABASE.value:
        option = _OPTIONS.get(used.name, "or its server's `statement_timeout`")
        return f"needs the connection options of {used.name}{_made_at(call, material)}: {option}"
    if used.name == "DNS":
        return "needs `/etc/resolv.conf`: the resolver's own `timeout` and `attempts`"
    if call.unpacks:
        return f"needs what `**` holds in `{call.text}(…)`"
    return f"needs the documentation or configuration of {used.name}"


def _together(group: list[Client]) -> Iterator[Client]:
    if len(group) < _MANY:
        yield from group
        return
    first = group[0]
    text = f"{len(group)} calls, the first `{first.call}`"
    yield replace(first, call=text)
