"""Commands that use one entry point of the service, and short scripts that do so while something is broken."""

from __future__ import annotations

import re
from urllib.parse import quote

from brownout.audit.breaking import break_it
from brownout.audit.data import Cell, Entrance, FailureMap, Request, Way

PORT = 8000
SAMPLE = "sample.pdf"
_PART = re.compile(r"\{(\w+)\}")
_CONTENT = ("cpu", "model")


def variable(name: str) -> str:
    """The shell variable that holds what a part of a path names."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def address(request: Request, scheme: str = "http") -> str:
    """The URL of a request, in quotes for the shell."""
    path = _PART.sub(lambda match: f"${{{variable(match[1])}}}", request.path)
    words = "&".join(f"{name}={quote('text')}" for name in request.query)
    url = f"{scheme}://localhost:{PORT}{path}{f'?{words}' if words else ''}"
    return f'"{url}"' if "$" in url else f"'{url}'"


def use(entry: Entrance, sample: str = SAMPLE) -> str:
    """A shell command that uses an entry point."""
    asked = entry.request
    if asked is not None and asked.method == "WS":
        return f"python -m websockets {address(asked, 'ws')}   # Ctrl+D leaves"
    if asked is not None:
        form = "".join(f" -F {name}=@{sample}" for name in asked.files)
        body = f" -H 'Content-Type: application/json' -d '{asked.body}'" if asked.body else ""
        return (
            f"curl -sS -m 90 -w '%{{http_code}} after %{{time_total}} s\\n' -X {asked.method}{form}{body} "
            f"{address(asked)}"
        )
    word, _, rest = entry.label.partition(" (")[0].partition(" ")
    if word in ("start-up", "shut-down"):
        return "# restart the service and look at its exit code and log"
    if word == "command":
        return f"# run {rest} ({entry.path}) and look at its exit code"
    return f"# give the {word} {rest} ({entry.path}) something to do, then look at its log and at what is left undone"


def leave(entry: Entrance) -> str:
    """A client that goes away without a word, two seconds after it has come."""
    if entry.request is None:
        return f"# connect a client, kill it (`kill -9`), and see whether {entry.label} goes on"
    return f"python -m websockets {address(entry.request, 'ws')} & sleep 2; kill -9 $!   # gone without a word"


def needed(entry: Entrance, failures: FailureMap) -> str:
    """Lines that set the variables of a path, with the route that lists what exists where there is one."""
    if entry.request is None:
        return ""
    lines: list[str] = []
    listed = {one.request.path for one in failures.entries if one.request is not None and one.request.method == "GET"}
    for match in _PART.finditer(entry.request.path):
        before = entry.request.path[: match.start()].rstrip("/")
        where = f": curl -sS http://localhost:{PORT}{before}" if before in listed else ""
        lines.append(f"{variable(match[1])}=…   # one that exists{where}")
    return "".join(f"{line}\n" for line in lines)


def script(cell: Cell, way: Way, kind: str, failures: FailureMap) -> str:
    """Break, use, look: a short script for one way of one cell."""
    entry = next(one for one in failures.entries if one.label == cell.entry)
    if cell.dependency == "WebSocket client":
        return needed(entry, failures) + leave(entry)
    broken = break_it(cell.dependency, kind, way.failure)
    sample = SAMPLE
    if kind in _CONTENT and entry.request is not None and entry.request.files:
        sample = {"hangs": "big.pdf", "errors": "broken.pdf"}.get(way.failure, SAMPLE)
    return f"{needed(entry, failures)}{broken}\n{use(entry, sample)}"
