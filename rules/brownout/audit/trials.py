"""The audit's six families of chaos tests, each bullet made concrete for this code, or why it does not apply."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.audit.advice import Family, Trial
from brownout.audit.breaking import break_it, proxy_port, server, slug
from brownout.audit.data import Entrance, FailureMap, Supplier
from brownout.audit.using import PORT, SAMPLE, address, leave, use
from brownout.facts.outcomes import Outcome

_REMOTE = ("network", "database", "message")
_LOCAL = ("SQLite", "WebSocket client")


@dataclass(frozen=True, slots=True)
class Subjects:
    """What of this code each family is about; None where the code has no such thing."""

    service: Supplier | None
    sqlite: Supplier | None
    model: Supplier | None
    files: Supplier | None
    socket: Supplier | None
    background: Entrance | None
    """The entry point that does background work: the one that can go wrong in most ways."""


def subjects(failures: FailureMap) -> Subjects:
    """The most important dependency of each kind."""
    known = failures.dependencies

    def first(
        *, names: tuple[str, ...] = (), kinds: tuple[str, ...] = (), but: tuple[str, ...] = ()
    ) -> Supplier | None:
        found = (s for s in known if (s.name in names or s.kind in kinds) and s.name not in but)
        return next(found, None)

    ways = {e.label: sum(len(c.ways) for c in failures.cells if c.entry == e.label) for e in failures.entries}
    background = max(
        (e for e in failures.entries if e.kind in ("worker", "thread", "scheduled", "background", "task")),
        key=lambda entry: ways[entry.label],
        default=None,
    )
    return Subjects(
        first(names=("Label Studio",)) or first(kinds=_REMOTE, but=_LOCAL),
        first(names=("SQLite",)),
        first(names=("Docling",)) or first(kinds=("model",)),
        first(names=("file system", "file storage")),
        first(names=("WebSocket client",)),
        background,
    )


def families(failures: FailureMap) -> tuple[Family, ...]:
    """All six, with all their bullets."""
    found = subjects(failures)
    return (
        _service(found.service, failures),
        _sqlite(found.sqlite, failures),
        _model(found.model, failures),
        _files(found.files, failures),
        _socket(found.socket, failures),
        _pipeline(found.background, failures),
    )


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


def _user(failures: FailureMap, dependency: str, failure: str = "") -> Entrance | None:
    """The route that fares worst when a dependency fails in that way."""
    found: list[tuple[int, bool, Entrance]] = []
    for entry in failures.entries:
        if entry.request is None or entry.request.method == "WS":
            continue
        for cell in failures.cells:
            if cell.entry == entry.label and cell.dependency == dependency:
                fitting = [way for way in cell.ways if way.failure == failure or not failure]
                rank = min((Outcome(way.outcome).rank for way in fitting), default=99)
                found.append((rank, "{" in entry.request.path, entry))
    return min(found, key=lambda row: row[:2])[2] if found else None


def _use(failures: FailureMap, dependency: str, failure: str = "", sample: str = SAMPLE) -> str:
    """A command that uses a dependency through the service: a request, where one leads there in that way."""
    entry = _user(failures, dependency, failure) or _user(failures, dependency)
    return f"curl -sS 'http://localhost:{PORT}/'" if entry is None else use(entry, sample)


def _absent(title: str, bullets: tuple[str, ...], why: str) -> Family:
    return Family(title, tuple(Trial(bullet, "", "", why) for bullet in bullets))


def _service(found: Supplier | None, failures: FailureMap) -> Family:
    name = found.name if found is not None else "External Service"
    bullets = (
        f"Stop {name} during active operations",
        "Inject 5xx responses with a proxy",
        f"Add network latency (100 ms to 2 s) to calls of {name}",
        "Revoke API credentials mid-session",
    )
    title = f"{name} Failure Injection"
    if found is None:
        return _absent(title, bullets, "No call of another service was found.")
    host, port = server(name)
    label = slug(name)
    proxy = f"toxiproxy-cli create -l 127.0.0.1:{proxy_port(name)} -u {host}:{port} {label}"
    steps = (
        f"{_use(failures, name, 'refuses')} &\ndocker compose stop {host}; wait",
        f"{break_it(name, found.kind, 'errors')}\n{_use(failures, name, 'errors')}",
        f"{proxy}\nfor ms in 100 500 2000; do\n  toxiproxy-cli toxic add -n slow -t latency -a latency=$ms "
        f"-a jitter=50 {label}\n"
        f"  {_use(failures, name, 'hangs')}\n  toxiproxy-cli toxic remove -n slow {label}\ndone",
        "# revoke the key at the other side, or start the service with a wrong one; then, twice:\n"
        f"{_use(failures, name, 'errors')}",
    )
    told = (
        expected(failures, name, "refuses"), expected(failures, name, "errors"),
        expected(failures, name, "hangs") + " Slower answers add up along the calls of one request.",
        expected(failures, name, "errors") + " A 401 must not be repeated.",
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _sqlite(found: Supplier | None, failures: FailureMap) -> Family:
    title = "SQLite Stress Testing"
    bullets = (
        "Concurrent write load testing", "Kill process during write operations", "Corrupt database file partially",
        "Fill disk during write operations",
    )  # fmt: skip
    if found is None:
        return _absent(title, bullets, "The service does not use SQLite.")
    asked = _use(failures, "SQLite", "full")
    steps = (
        f"for _ in $(seq 20); do (for _ in $(seq 10); do {asked}; done) & done; wait   # twenty clients side by side\n"
        f"{break_it('SQLite', 'database', 'locked')}\n{asked}",
        f'({asked}) & sleep 0.2; kill -9 "$(pgrep -f uvicorn)"; sqlite3 "$DATABASE" \'PRAGMA integrity_check\'',
        f"{break_it('SQLite', 'database', 'errors')}\n{asked}",
        f"{break_it('SQLite', 'database', 'full')}\n{asked}",
    )
    told = (
        expected(failures, "SQLite", "locked"),
        "The integrity check must say `ok`; work that was under way must be found again.",
        expected(failures, "SQLite", "errors"), expected(failures, "SQLite", "full"),
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _model(found: Supplier | None, failures: FailureMap) -> Family:
    name = found.name if found is not None else "Model"
    title = f"{name} Model Failures"
    bullets = (
        "Remove model files after startup", "Simulate CUDA OOM errors", "Inject model loading timeouts",
        "Corrupt model cache",
    )  # fmt: skip
    if found is None:
        return _absent(title, bullets, "The service loads no machine learning model that is known.")
    asked = _use(failures, name, "errors")
    steps = (
        f"mv ~/.cache/huggingface ~/.cache/huggingface.away   # or the folder of `artifacts_path`\n{asked}",
        "python - <<'PY' &\nimport torch; hold = torch.empty(int(0.97 * torch.cuda.mem_get_info()[0]), "
        f"dtype=torch.uint8, device='cuda'); input()\nPY\n{asked}",
        "sudo tc qdisc add dev eth0 root netem delay 20s   # the hub answers too late; an empty "
        f"cache\n{asked}\nsudo tc qdisc del dev eth0 root",
        f"{break_it(name, 'model', 'errors')}\n{asked}",
    )
    told = (
        expected(failures, name, "errors"),
        expected(failures, name, "errors") + " It should say that the GPU is full, and try again on the CPU.",
        expected(failures, name, "hangs", "refuses"), expected(failures, name, "errors"),
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _files(found: Supplier | None, failures: FailureMap) -> Family:
    title = "File System Chaos"
    bullets = (
        "Fill disk to capacity", "Remove checkpoint directory during processing",
        "Change permissions on upload directory", "Corrupt checkpoint files partially",
    )  # fmt: skip
    if found is None:
        return _absent(title, bullets, "The service writes no file that is known.")
    asked = _use(failures, found.name, "full")
    takes = next((e for e in failures.entries if e.request is not None and e.request.files), None)
    upload = _use(failures, found.name) if takes is None else use(takes)
    steps = (
        f"{break_it(found.name, 'disk', 'full')}\n{asked}",
        f'({asked}) & sleep 0.5; rm -r "$CHECKPOINTS"; wait',
        f'chmod a-w "$UPLOADS"   # not as root, who may do everything\n{upload}',
        f'for file in "$CHECKPOINTS"/*; do truncate -s 50% "$file"; done   # then restart the service\n{asked}',
    )
    told = (
        expected(failures, found.name, "full"), expected(failures, found.name, "errors", over="checkpoint"),
        expected(failures, found.name, "errors", over="upload"),
        "A checkpoint that cannot be read must be put aside, and the work begun again.",
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _socket(found: Supplier | None, failures: FailureMap) -> Family:
    title = "WebSocket Disruption"
    bullets = (
        "Kill connections during progress updates", "Inject message delays and reordering",
        "Flood with invalid messages", "Simulate client reconnection storms",
    )  # fmt: skip
    entry = next((e for e in failures.entries if e.request is not None and e.request.method == "WS"), None)
    if found is None or entry is None or entry.request is None:
        return _absent(title, bullets, "The service has no WebSocket endpoint that is known.")
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


def _pipeline(background: Entrance | None, failures: FailureMap) -> Family:
    title = "Processing Pipeline Failures"
    bullets = (
        "Kill process at each pipeline stage", "Inject OOM at specific stages", "Corrupt intermediate stage data",
        "Timeout specific processing steps",
    )  # fmt: skip
    if background is None:
        return _absent(title, bullets, "The service has no worker, task, thread or schedule that is known.")
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
