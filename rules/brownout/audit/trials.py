"""The audit's six families of chaos tests, each bullet made concrete for this code, or why it does not apply."""

from __future__ import annotations

from dataclasses import dataclass

from brownout.audit.advice import Family, Trial
from brownout.audit.breaking import break_it, proxy_port, server, slug
from brownout.audit.data import Entrance, FailureMap, Supplier
from brownout.audit.trials_running import absent, expected, pipeline, socket
from brownout.audit.using import PORT, SAMPLE, use
from brownout.facts.failing.outcomes import Outcome

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
        socket(found.socket, failures),
        pipeline(found.background, failures),
    )


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
        return absent(title, bullets, "No call of another service was found.")
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
        return absent(title, bullets, "The service does not use SQLite.")
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
        return absent(title, bullets, "The service loads no machine learning model that is known.")
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
        return absent(title, bullets, "The service writes no file that is known.")
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
