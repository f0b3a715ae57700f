"""Two of the six families of chaos tests, about what runs on its own: sockets and background work."""

from __future__ import annotations

from brownout.audit.advice import Family, Trial
from brownout.audit.breaking import break_it
from brownout.audit.data import Entrance, FailureMap, Supplier
from brownout.audit.using import PORT, address, leave, use
from brownout.facts.failing.outcomes import Outcome


def expected(failures: FailureMap, dependency: str, *kinds: str, over: str = "") -> str:
    """What the failure map says will happen: the worst first; `over` is a word that the way there must hold."""
    worst: dict[str, str] = {}
    for cell in failures.cells:
        if cell.dependency == dependency:
            for way in cell.ways:
                words = " ".join(f"{step.path} {step.text}" for step in way.steps).lower()
                if (way.failure in kinds or not kinds) and over in words:
                    worst.setdefault(cell.entry, way.outcome)
    told = [f"`{entry}`: {outcome}" for entry, outcome in sorted(worst.items(), key=lambda p: Outcome(p[1]).rank)]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return f"Today: {'; '.join(told[:3])}{more}." if told else "Nothing that a user notices, as far as can be told."


def absent(title: str, bullets: tuple[str, ...], why: str) -> Family:
    """A family that does not apply, with the reason at each of its tests."""
    return Family(title, tuple(Trial(bullet, "", "", why) for bullet in bullets))


def socket(found: Supplier | None, failures: FailureMap) -> Family:
    """WebSockets: cut off, delayed, fed with rubbish, stormed."""
    title = "WebSocket Disruption"
    bullets = (
        "Kill connections during progress updates", "Inject message delays and reordering",
        "Flood with invalid messages", "Simulate client reconnection storms",
    )  # fmt: skip
    entry = next((e for e in failures.entries if e.request is not None and e.request.method == "WS"), None)
    if found is None or entry is None or entry.request is None:
        return absent(title, bullets, "The service has no WebSocket endpoint that is known.")
    url = address(entry.request, "ws")
    steps = (
        f"{leave(entry)}\npython -m websockets {url} & sleep 2; sudo ss -K dst 127.0.0.1 dport = {PORT}   # cut in the "
        "middle",
        f"toxiproxy-cli create -l 127.0.0.1:1{PORT} -u 127.0.0.1:{PORT} sockets\ntoxiproxy-cli toxic add -t "
        f"latency -a latency=1500 -a jitter=1500 sockets\npython -m websockets {url.replace(str(PORT), f'1{PORT}')}",
        "python -c \"import sys, websockets.sync.client as c; s = c.connect(sys.argv[1]); [s.send('{') for _ in "
        f'range(1000)]" {url}',
        f"for _ in $(seq 200); do timeout 1 python -m websockets {url} & done; wait",
    )
    told = (
        expected(failures, "WebSocket client", "errors"),
        "Progress must never go backwards in the page; within one connection order is kept, over a new one it is not.",
        "One bad message ends at most its own connection.",
        "The number of registered connections must come back to what is open.",
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def pipeline(background: Entrance | None, failures: FailureMap) -> Family:
    """Background work: killed, short of memory, with broken files, stuck."""
    title = "Processing Pipeline Failures"
    bullets = (
        "Kill process at each pipeline stage", "Inject OOM at specific stages", "Corrupt intermediate stage data",
        "Timeout specific processing steps",
    )  # fmt: skip
    if background is None:
        return absent(title, bullets, "The service has no worker, task, thread or schedule that is known.")
    name = background.label
    ways = [(cell, way) for cell in failures.cells if cell.entry == name for way in cell.ways]
    broken = [f"{c.dependency} {w.failure}: {w.outcome}" for c, w in ways if w.outcome in ("stuck state", "data loss")]
    slow = list(dict.fromkeys(cell.dependency for cell, way in ways if way.outcome == "hangs"))
    kinds = {supplier.name: supplier.kind for supplier in failures.dependencies}
    takes = next((e for e in failures.entries if e.request is not None and e.request.files), None)
    feed = f"# give {name} ({background.path}) something to do" if takes is None else use(takes)
    big = feed if takes is None else f"{break_it('Docling', 'cpu', 'hangs')}\n{use(takes, 'big.pdf')}"
    halt = break_it(slow[0], kinds.get(slow[0], ""), "hangs") if slow else "# no step of it waits without a limit"
    steps = (
        f'for seconds in 1 3 10 30; do\n  {feed}\n  sleep $seconds; kill -9 "$(pgrep -f uvicorn)"; $START & sleep '
        f"5\ndone   # and look at what {name} has left",
        f"systemd-run --scope -p MemoryMax=512M $START &\nsleep 5\n{big}",
        f'{feed}\nsleep 5; kill -9 "$(pgrep -f uvicorn)"\n'
        'find "$DATA_DIR" -newermt "-10 seconds" -type f -exec truncate -s 50% {} +   # what it left last\n$START &',
        f"{halt}\n{feed if takes is None or 'big.pdf' not in halt else use(takes, 'big.pdf')}",
    )
    told = (
        "After the restart each piece of work is done once or marked as failed; none stays under way.",
        "The process is killed and comes back; the piece of work must not kill it again and again.",
        f"Today, in `{name}`: {_some(broken)}." if broken else f"Today: `{name}` leaves nothing stuck.",
        f"Today: `{name}` hangs on {', '.join(slow)}." if slow else "Each step comes to an end by itself.",
    )
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _some(found: list[str]) -> str:
    shown = list(dict.fromkeys(found))
    more = f" and {len(shown) - 4} more" if len(shown) > 4 else ""
    return f"{'; '.join(shown[:4])}{more}"
