"""How to see one issue happen in this service: a short script with its own entry points, hosts and files."""

from __future__ import annotations

from collections.abc import Callable

from brownout.audit import breaking, using
from brownout.audit.behaviour import Known
from brownout.audit.data import Entrance, FailureMap
from brownout.core import Rule
from brownout.facts.failing.outcomes import Outcome

_EXAMPLE = "http://localhost:8000/upload"
"""The address that pages speak of."""
_OUTSIDE = ("database", "network", "message", "process")


def commands(rule: Rule, known: Known, about: tuple[str, ...], entries: list[Entrance], failures: FailureMap) -> str:
    """Break and use, for the way that the issue is about; only use, where nothing has to be broken."""
    asked = {one.label for one in failures.entries if one.request is not None}
    known = sorted(known, key=lambda pair: (pair[0].entry not in asked, Outcome(pair[1].outcome).rank))
    able = [pair for pair in known if pair[1].holds_loop] if rule.section == "5C" else known
    chosen = next((pair for failure in about for pair in able if pair[1].failure == failure), None)
    if rule.section == "7C" and known:
        chosen = next((pair for pair in known if pair[1].failure == "refuses"), known[0])
    labels = [cell.entry for cell, _ in ((chosen,) if chosen else known)]
    entry = next((one for label in labels for one in failures.entries if one.label == label), None)
    entry = entry or next((one for one in entries if one.request is not None), None)
    if entry is None:
        return ""
    probe = _PROBES.get(rule.name)
    if probe is not None:
        users = [one for one in (*entries, entry) if one.request is not None]
        user = min(users, key=lambda one: one.request is None or not one.request.files, default=None)
        return "" if user is None else using.needed(user, failures) + probe(user)
    if rule.section == "7B":
        return f"{_broken(failures)}{using.needed(entry, failures)}{using.use(entry)}"
    if chosen is None:
        text = using.needed(entry, failures) + using.use(entry)
    else:
        kinds = {supplier.name: supplier.kind for supplier in failures.dependencies}
        text = using.script(*chosen, kinds.get(chosen[0].dependency, ""), failures)
    return _watched(text, entry, failures) if rule.section == "5C" and entry.request is not None else text


def located(text: str, entries: list[Entrance]) -> str:
    """A page's sentence with this service's own address in the place of the example's."""
    user = next((one.request for one in entries if one.request is not None and one.request.method != "WS"), None)
    return text if user is None else text.replace(_EXAMPLE, f"http://localhost:{using.PORT}{user.path}")


def _broken(failures: FailureMap) -> str:
    """The first dependency outside of the process is broken: what a health check should tell."""
    for supplier in sorted(failures.dependencies, key=lambda one: one.kind not in _OUTSIDE[:1]):
        ways = [way for cell in failures.cells if cell.dependency == supplier.name for way in cell.ways]
        failure = next((one for one in ("refuses", "locked") if any(way.failure == one for way in ways)), None)
        if supplier.kind in _OUTSIDE and failure is not None:
            return f"{breaking.break_it(supplier.name, supplier.kind, failure)}\n"
    return ""


def _watched(text: str, entry: Entrance, failures: FailureMap) -> str:
    """The script with a second client, which asks for something easy all the while."""
    quiet = _quiet(failures, entry)
    if quiet is None:
        return text
    loop = f"curl -sS -m 90 -o /dev/null -w '%{{time_total}} s\\n' {quiet}"
    return f"{text} &\nfor _ in $(seq 20); do {loop}; sleep 0.5; done"


def _quiet(failures: FailureMap, other: Entrance) -> str | None:
    """The address of a route that reaches nothing, or least: health, as a rule."""
    asked = [
        one
        for one in failures.entries
        if one.request is not None and one.request.method == "GET" and "{" not in one.request.path and one != other
    ]
    best = min(asked, key=lambda one: (one.worst != "", "health" not in one.label, one.label), default=None)
    return using.address(best.request) if best is not None and best.request is not None else None


def _traversal(entry: Entrance) -> str:
    assert entry.request is not None
    fields = entry.request.files or ("file",)
    return (
        f"curl -sS -X {entry.request.method} -F '{fields[0]}=@sample.pdf;filename=../../../../tmp/escaped.pdf' "
        f"{using.address(entry.request)}\nls -l /tmp/escaped.pdf   # must not be there"
    )


def _endless(entry: Entrance) -> str:
    assert entry.request is not None
    fields = entry.request.files or ("file",)
    return (
        f"head -c 4G /dev/zero | curl -sS -X {entry.request.method} -F '{fields[0]}=@-;filename=big.pdf' "
        f"{using.address(entry.request)}   # in a container with a memory limit; watch `ps -o rss,cmd -C uvicorn`"
    )


def _thousand_pages(entry: Entrance) -> str:
    made = breaking.break_it("Docling", "cpu", "hangs")
    return f"{made}\n{using.use(entry, 'big.pdf')}   # in a container with 2 GB"


def _at_once(entry: Entrance) -> str:
    return f"for _ in $(seq 10); do {using.use(entry)} & done; sleep 5; ps -o rss,cmd -C uvicorn; wait"


def _left_behind(entry: Entrance) -> str:
    counted = 'ls "${TMPDIR:-/tmp}" | wc -l'
    made, sample = f"{breaking.break_it('', 'cpu', 'errors')}\n", "broken.pdf"
    if entry.request is None or not entry.request.files:
        made, sample = "", using.SAMPLE
    return f"{counted}\n{made}for _ in $(seq 10); do {using.use(entry, sample)}; done\n{counted}   # must be the same"


def _no_json(entry: Entrance) -> str:
    assert entry.request is not None
    return (
        "python -c \"import sys, websockets.sync.client as c; s = c.connect(sys.argv[1]); s.send('hello'); "
        f'print(s.recv(timeout=5))" {using.address(entry.request, "ws")}'
    )


_PROBES: dict[str, Callable[[Entrance], str]] = {
    "upload-path-traversal": _traversal,
    "unbounded-upload-read": _endless,
    "upload-unbounded-copy": _endless,
    "pdf-all-pages-in-memory": _thousand_pages,
    "leaked-temporary-file": _left_behind,
    "model-load-per-request": _at_once,
    "ws-message-parse-unguarded": _no_json,
}
"""Rules that are about what a client sends: nothing else has to be broken."""
