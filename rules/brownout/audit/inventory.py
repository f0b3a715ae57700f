"""Environment and assumptions: the stack, how it deals with failure today, and what could not be seen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.audit import handling
from brownout.audit.clients import clients
from brownout.audit.data import Client, Evidence, Inventory, State, Topic
from brownout.audit.frontend import SUFFIXES
from brownout.audit.material import Material, evidence
from brownout.audit.stack import stack
from brownout.facts.databases.sqlite import sets_wal
from brownout.facts.failing.endings import Arrival
from brownout.facts.failing.faults import reads_no_file

_HEALTH = re.compile(
    r"(^|[ /_.-])(health\w*|ready\w*|live|livez|liveness|alive)$|/health\w*/\w+$|"
    r"^[A-Z]+ (/api)?(/v\d+)?/(status|ping|diagnostics)$",
    re.IGNORECASE,
)
_HEALTH_FUNCTION = re.compile(r"^_?(health\w*|readiness|readyz|liveness|livez)$")


def inventory(material: Material) -> Inventory:
    """The inventory of a service."""
    found = handling.caught(material)
    waiting = clients(material)
    topics = (
        handling.error_handling(found, material),
        handling.retries(found, material),
        _timeouts(waiting),
        handling.fallbacks(found, material),
        health(material),
        handling.breakers(material),
        _database(material),
    )
    return Inventory(tuple(stack(material)), topics, waiting, tuple(unseen(material)))


def _timeouts(waiting: tuple[Client, ...]) -> Topic:
    title = "Timeout configuration of external calls"
    advice = (
        "Give every call that leaves the process a limit below what its caller waits for; keep the values in one place."
    )
    if not waiting:
        return Topic(title, State.ABSENT, "Nothing known leaves the process and waits.", (), "", advice)
    without = [client for client in waiting if client.state is State.ABSENT]
    unknown = [client for client in waiting if client.state is State.NEEDS]
    default = [client for client in waiting if client.origin == "library default"]
    summary = (
        f"{len(waiting)} calls and groups of calls wait for something outside: "
        f"{len(waiting) - len(without) - len(unknown)} "
        f"are limited ({len(default)} of them only by their library's default), {len(without)} are not, "
        f"{len(unknown)} need "
        "confirmation. The table below names each."
    )
    places = tuple(Evidence(client.path, client.line, f"`{client.call}` has no limit") for client in without)
    needs = "; ".join(sorted({client.decided_at for client in unknown})[:3])
    return Topic(title, State.FOUND, summary, places[: handling.SHOWN], needs, advice)


def health(material: Material) -> Topic:
    """Routes that tell health, and which dependencies they look at."""
    title = "Health check implementations"
    advice = (
        "Liveness answers without looking anywhere; readiness asks each critical dependency, with a limit of "
        "a second or two, "
        "and says which one is missing."
    )
    places: list[Evidence] = []
    empty = 0
    routes = [arrival for arrival in material.arrivals if arrival.kind == "route"]
    for arrival in routes:
        if not _HEALTH.search(arrival.label.rstrip("/")):
            continue
        seen = sorted({strike.fault.dependency.name for strike in material.spread.strikes(arrival.name)})
        empty += not seen
        told = f"asks {', '.join(seen)}" if seen else "asks no dependency: it says that the process runs, no more"
        told += _blind(arrival, material)
        places.append(Evidence(arrival.path, arrival.line, f"`{arrival.label}` {told}"))
    probes = [
        path
        for path, text in sorted(material.others.items())
        if re.search(r"healthcheck|livenessProbe|readinessProbe", text, re.IGNORECASE)
    ]
    if not places:
        return _no_health_route(material, title, advice)
    where = f" Asked by {', '.join(probes)}." if probes else ""
    routes_told = "1 route tells" if len(places) == 1 else f"{len(places)} routes tell"
    looks = f"{empty} of them {'looks' if empty == 1 else 'look'} at nothing" if empty else "each looks at something"
    summary = f"{routes_told} about health; {looks}.{where}"
    needs = (
        "" if probes else "which of them the load balancer asks: no container or deployment file with a probe was found"
    )
    return Topic(title, State.FOUND, summary, tuple(places[: handling.SHOWN]), needs, advice)


def _blind(arrival: Arrival, material: Material) -> str:
    """What a health route asks of SQLite in vain: nothing but statements that need nothing of the file."""
    told = ""
    for call, used in material.uses:
        asked = call.code.constant(call.argument("sql", 0), call.function) if used.name == "SQLite" else None
        if not isinstance(asked, str):
            continue
        lead = material.arrivals_at(call.code.names.full(call.function.qualname))
        if any(one.label == arrival.label for one in lead):
            if not reads_no_file(call):
                return ""
            statement, where = " ".join(asked.split()), f"`{call.code.module.path}:{call.node.lineno}`"
            told = f"; `{statement}` at {where} is answered although the database is locked, corrupt or gone"
    return told


def _no_health_route(material: Material, title: str, advice: str) -> Topic:
    """Without a route that is named so: functions that are, to which a table of addresses may lead."""
    named = [
        Evidence(path, function.node.lineno, f"`{function.qualname}` is named as a health check")
        for path, code in sorted(material.codes.items())
        for function in code.functions
        if not isinstance(function.node, ast.Module) and _HEALTH_FUNCTION.match(function.name) and material.about(path)
    ]
    if not named and not any(arrival.kind == "route" for arrival in material.arrivals):
        return Topic(title, State.ABSENT, "There are no routes, hence no health route.", (), "", advice)
    needs = "the path that the load balancer or orchestrator asks (a Dockerfile HEALTHCHECK, a readinessProbe)"
    summary = f"No route is known as a health check{', but functions are named so' if named else ''}."
    return Topic(title, State.NEEDS, summary, tuple(named[: handling.SHOWN]), needs, advice)


def _database(material: Material) -> Topic:
    title = "SQLite configuration"
    rows = [(call, used) for call, used in material.uses if used.name == "SQLite"]
    advice = "`PRAGMA journal_mode=WAL`, a `busy_timeout`, short transactions, and an integrity check at start-up."
    if not rows:
        return _named_in_settings(title, advice, material)
    opens = [
        call
        for call, _ in rows
        if call.has("sqlite-connect") or call.name.endswith(("create_engine", "aiosqlite.connect"))
    ]
    wal = (
        "write-ahead logging is turned on"
        if sets_wal(material.project)
        else "write-ahead logging is not turned on anywhere"
    )
    checks = any(
        "integrity_check" in code.module.text or "quick_check" in code.module.text for code in material.codes.values()
    )
    text = f"{len(rows)} calls; {wal}; {'integrity is checked' if checks else 'no integrity check'}."
    return Topic(title, State.FOUND, text, tuple(evidence(call) for call in opens[: handling.SHOWN]), "", advice)


_SQLITE = re.compile(r"django\.db\.backends\.sqlite3|sqlite(\+\w+)?:///?", re.IGNORECASE)


def _named_in_settings(title: str, advice: str, material: Material) -> Topic:
    """Without a call to it that is known, SQLite may still be what a setting chooses."""
    places = tuple(
        Evidence(path, number, line.strip()[:120])
        for path, code in sorted(material.codes.items())
        if material.about(path)
        for number, line in enumerate(code.module.lines, 1)
        if _SQLITE.search(line)
    )
    if not places:
        return Topic(title, State.ABSENT, "SQLite is not used.", (), "", "")
    summary = "No call of SQLite itself, but settings name it as a database."
    needs = "whether production runs on it (the settings or the environment of the deployment)"
    return Topic(title, State.NEEDS, summary, places[: handling.SHOWN], needs, advice)


_FAR = ("database", "cloud", "LLM", "HTTP client", "HTTP client and server", "cache and broker", "annotation server")


def _unfollowed(material: Material) -> list[str]:
    """Libraries that go over the network and are imported, but of which no call could be followed."""
    used = {used.library for _, used in material.uses}
    twins = {"boto3": "botocore", "motor": "pymongo", "psycopg2": "psycopg"}
    return [
        f"{part.name} (`{part.evidence.path}:{part.evidence.line}`)"
        for part in stack(material)
        if part.role in _FAR and part.name not in used and twins.get(part.name) not in used
    ]


def unseen(material: Material) -> Iterator[str]:
    """What brownout could not see, each with what it means for the report."""
    calls = [call for code in material.codes.values() for call in code.all_calls]
    dark = sum(call.symbol is None for call in calls)
    if calls:
        are = "is made on a value" if dark == 1 else "are made on values"
        yield (
            f"{dark:,} of {len(calls):,} calls ({100 * dark / len(calls):.1f} %) {are} whose type cannot be told from "
            "the code. What is not told is assumed to be harmless: failures behind it are in neither findings nor "
            "failure map."
        )
    dynamic = sum(call.text in ("getattr", "importlib.import_module", "__import__", "eval", "exec") for call in calls)
    if dynamic:
        yield (
            f"{dynamic} calls choose at run time what they look up or import (`getattr`, `importlib`); nothing "
            "follows them."
        )
    tests = material.files - len(material.codes) - len(material.unreadable)
    if tests > 0:
        what = "Every file is" if not material.codes else f"{tests:,} of {material.files:,} files are"
        yield f"{what} part of the tests: read for the call graph, but not judged."
    if lost := _unfollowed(material):
        yield f"Imported, but no call of it could be followed, so its limits need a look: {', '.join(lost)}."
    front = [path for path in material.others if path.endswith(SUFFIXES)]
    if front:
        yield f"{len(front)} files of the front end are searched for `new WebSocket` and `fetch(`, not analysed."
    for item in material.unreadable:
        yield f"`{item.path}:{item.line}` was not read: {item.message}."
    used = {used.library for _, used in material.uses if used.library} - _OWN
    unpinned = sorted(name for name in used if not material.version_of(name))
    if unpinned:
        yield (
            f"No lock or requirements file pins {', '.join(unpinned)}: only what all described versions agree on was "
            "used."
        )
    yield (
        "Servers, proxies and orchestrators in front of the service are not read: their time and size limits are "
        "assumed to be absent."
    )


_OWN = frozenset(
    "builtins os pathlib shutil tempfile io subprocess socket sqlite3 urllib http smtplib zipfile tarfile "
    "gzip asyncio codecs "
    "json pickle shelve ftplib imaplib poplib ssl queue threading time select xmlrpc logging project".split()
)
