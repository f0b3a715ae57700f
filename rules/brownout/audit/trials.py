"""The audit's six families of chaos tests, each bullet made concrete for this code, or why it does not apply."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.audit.advice import Family, Trial
from brownout.audit.breaking import PORT, break_it, is_request, proxy_port, server, slug, use_it
from brownout.audit.data import FailureMap, Supplier

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
    background: str | None
    """The entry point that does background work."""


def subjects(failures: FailureMap) -> Subjects:
    """The most important dependency of each kind."""
    known = failures.dependencies

    def first(
        *, names: tuple[str, ...] = (), kinds: tuple[str, ...] = (), but: tuple[str, ...] = ()
    ) -> Supplier | None:
        found = (s for s in known if (s.name in names or s.kind in kinds) and s.name not in but)
        return next(found, None)

    background = next(
        (e.label for e in failures.entries if e.kind in ("worker", "thread", "scheduled", "background", "task")), None
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


def expected(failures: FailureMap, dependency: str, *kinds: str) -> str:
    """What the failure map says will happen."""
    told: list[str] = []
    for cell in failures.cells:
        if cell.dependency == dependency:
            for way in cell.ways:
                if way.failure in kinds or not kinds:
                    told.append(f"`{cell.entry}`: {way.outcome}")
                    break
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return f"Today: {'; '.join(told[:3])}{more}." if told else "Nothing that a user notices, as far as can be told."


def _use(failures: FailureMap, dependency: str, failure: str = "") -> str:
    """A command that uses a dependency through the service: a request, where one leads there in that way."""
    cells = [cell for cell in failures.cells if cell.dependency == dependency and is_request(cell)]
    fitting = [cell for cell in cells if any(way.failure == failure for way in cell.ways)] or cells
    paths = {entry.label: entry.path for entry in failures.entries}
    if not fitting:
        return f"curl -sS 'http://localhost:{PORT}/'"
    return use_it(fitting[0], paths.get(fitting[0].entry, ""))


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
        "# replace the key in the service's environment by a wrong one, then use it "
        f"twice\n{_use(failures, name, 'errors')}",
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
    use = _use(failures, "SQLite", "full")
    steps = (
        f"seq 200 | xargs -P 20 -I{{}} {use}\n# meanwhile, in a second "
        f"terminal:\n{break_it('SQLite', 'database', 'locked')}",
        f'({use}) & sleep 0.2; kill -9 "$(pgrep -f uvicorn)"; sqlite3 "$DATABASE" \'PRAGMA integrity_check\'',
        f"{break_it('SQLite', 'database', 'errors')}\n{use}",
        f"{break_it('SQLite', 'database', 'full')}\n{use}",
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
    use = _use(failures, name, "errors")
    steps = (
        f"mv ~/.cache/huggingface ~/.cache/huggingface.away   # or the folder of `artifacts_path`\n{use}",
        "python - <<'PY' &\nimport torch; hold = torch.empty(int(0.97 * torch.cuda.mem_get_info()[0]), "
        f"dtype=torch.uint8, device='cuda'); input()\nPY\n{use}",
        "sudo tc qdisc add dev eth0 root netem delay 20s   # the hub answers too late; an empty "
        f"cache\n{use}\nsudo tc qdisc del dev eth0 root",
        f"{break_it(name, 'model', 'errors')}\n{use}",
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
    use = _use(failures, found.name, "full")
    steps = (
        f"{break_it(found.name, 'disk', 'full')}\n{use}",
        f'({use}) & sleep 0.5; rm -r "$DATA_DIR/checkpoints"; wait',
        f'chmod a-w "$DATA_DIR/uploads"\n{use}',
        f'for file in "$DATA_DIR"/checkpoints/*; do truncate -s 50% "$file"; done   # then restart\n{use}',
    )
    told = (
        expected(failures, found.name, "full"), expected(failures, found.name, "errors"),
        expected(failures, found.name, "errors"),
        "A checkpoint that cannot be read must be put aside, and the work begun again.",
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _socket(found: Supplier | None, failures: FailureMap) -> Family:
    title = "WebSocket Disruption"
    bullets = (
        "Kill connections during progress updates", "Inject message delays and reordering",
        "Flood with invalid messages", "Simulate client reconnection storms",
    )  # fmt: skip
    path = next((e.label.partition(" ")[2] for e in failures.entries if e.kind == "websocket"), "")
    if found is None or not path.startswith("/"):
        return _absent(title, bullets, "The service has no WebSocket endpoint that is known.")
    url = f"ws://localhost:{PORT}{path.replace('{', '').replace('}', '')}"
    steps = (
        f"python -m websockets {url} & sleep 2; sudo ss -K dst 127.0.0.1 dport = {PORT}",
        f"toxiproxy-cli create -l 127.0.0.1:1{PORT} -u 127.0.0.1:{PORT} sockets\ntoxiproxy-cli toxic add -t "
        "latency -a latency=1500 -a jitter=1500 sockets",
        f"python -c \"import websockets.sync.client as c; s = c.connect('{url}'); [s.send('{{') for _ in "
        'range(1000)]"',
        f"for _ in $(seq 200); do timeout 1 python -m websockets {url} & done; wait",
    )
    told = (
        expected(failures, "WebSocket client", "errors"),
        "Progress must never go backwards in the page; within one connection order is kept, over a new one it is not.",
        "One bad message ends at most its own connection.",
        "The number of registered connections must come back to what is open.",
    )  # fmt: skip
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))


def _pipeline(background: str | None, failures: FailureMap) -> Family:
    title = "Processing Pipeline Failures"
    bullets = (
        "Kill process at each pipeline stage", "Inject OOM at specific stages", "Corrupt intermediate stage data",
        "Timeout specific processing steps",
    )  # fmt: skip
    if background is None:
        return _absent(title, bullets, "The service has no worker, task, thread or schedule that is known.")
    cells = [cell for cell in failures.cells if cell.entry == background]
    stuck = [
        f"{cell.dependency}: {way.outcome}"
        for cell in cells
        for way in cell.ways
        if way.outcome in ("stuck state", "data loss")
    ]
    slow = [cell.dependency for cell in cells if any(way.outcome == "hangs" for way in cell.ways)]
    waits = next((cell for cell in cells if cell.dependency in slow), None)
    kinds = {supplier.name: supplier.kind for supplier in failures.dependencies}
    halt = (
        break_it(waits.dependency, kinds.get(waits.dependency, ""), "hangs")
        if waits
        else "# no step of it waits without a limit"
    )
    steps = (
        f'for wait in 1 3 10 30; do start a piece of work for `{background}`; sleep $wait; kill -9 "$(pgrep '
        '-f uvicorn)"; restart; done',
        f"systemd-run --scope -p MemoryMax=512M uvicorn …   # then give `{background}` its largest piece of work",
        f"truncate -s 50% one of the files that `{background}` left after its first step, then let it go on",
        halt,
    )
    told = (
        "After the restart each piece of work is done once or marked as failed; none stays under way.",
        "The process is killed and comes back; the piece of work must not kill it again and again.",
        f"Today: {'; '.join(dict.fromkeys(stuck)) or 'nothing is left stuck'}.",
        f"Today: `{background}` hangs on {', '.join(slow)}." if slow else "Each step comes to an end by itself.",
    )
    return Family(title, tuple(Trial(*row) for row in zip(bullets, steps, told, strict=True)))
