"""Files for the tools of chaos testing, made for the dependencies that were found: valid as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from brownout.audit.advice import File
from brownout.audit.breaking import proxy_port, server, slug
from brownout.audit.data import Cell, FailureMap, Request, Supplier
from brownout.audit.using import PORT, variable
from brownout.facts.failing.outcomes import Outcome

_PART = re.compile(r"\{(\w+)\}")
MOST = 6
"""Dependencies that get files of their own: those that take most down."""


def files(failures: FailureMap, name: str) -> tuple[File, ...]:
    """All generated files."""
    remote = [s for s in failures.dependencies if s.kind in ("network", "message", "database")]
    remote = [s for s in remote if s.name not in ("SQLite", "WebSocket client", "HTTP")][:MOST]
    disk = next((s for s in failures.dependencies if s.kind == "disk" or s.name == "SQLite"), None)
    return tuple(_files(remote, disk, failures, slug(name)))


def _files(remote: list[Supplier], disk: Supplier | None, failures: FailureMap, app: str) -> Iterator[File]:
    if remote:
        yield File(
            "toxiproxy.json",
            "a proxy in front of each service: `toxiproxy-server -config toxiproxy.json`",
            proxies(remote),
        )
        yield File("toxics.sh", "one fault after the other, each taken back", toxics(remote, failures))
        yield File(
            "compose.chaos.yml",
            "the proxy beside the service: `docker compose -f compose.yml -f compose.chaos.yml up`",
            compose(remote),
        )
    for supplier in remote:
        cell = _worst(supplier, failures)
        yield File(
            f"experiment-{slug(supplier.name)}.json",
            f"Chaos Toolkit: {supplier.name} hangs (`chaos run`)",
            experiment(supplier, cell, failures),
        )
    for supplier in remote:
        yield File(
            f"chaos-mesh-{slug(supplier.name)}.yaml",
            f"Chaos Mesh: {supplier.name} slow, then cut off",
            network_chaos(supplier, app),
        )
    if disk is not None:
        yield File("chaos-mesh-disk.yaml", "Chaos Mesh: every tenth write finds the disk full", io_chaos(app))
    yield File("chaos-mesh-memory.yaml", "Chaos Mesh: memory runs out, the pod is killed", stress_chaos(app))


def _worst(supplier: Supplier, failures: FailureMap) -> Cell | None:
    """The request that fares worst while the dependency says nothing: on the event loop first."""
    asked = {entry.label for entry in failures.entries if entry.request is not None and entry.request.method != "WS"}
    found: list[tuple[bool, int, Cell]] = []
    for cell in failures.cells:
        if cell.dependency == supplier.name and cell.entry in asked:
            ways = [way for way in cell.ways if way.failure == "hangs"] or list(cell.ways)
            rank = min(Outcome(way.outcome).rank for way in ways)
            found.append((not any(way.holds_loop for way in ways), rank, cell))
    return min(found, key=lambda row: row[:2])[2] if found else None


def proxies(remote: list[Supplier]) -> str:
    """Toxiproxy's configuration."""
    found: list[dict[str, object]] = []
    for supplier in remote:
        host, port = server(supplier.name)
        found.append(
            {
                "name": slug(supplier.name),
                "listen": f"[::]:{proxy_port(supplier.name)}",
                "upstream": f"{host}:{port}",
                "enabled": True,
            }
        )
    return json.dumps(found, indent=2) + "\n"


def toxics(remote: list[Supplier], failures: FailureMap) -> str:
    """A script that adds and takes back each fault."""
    lines = [
        "#!/bin/sh",
        "# One fault at a time; use the service while each lasts, and compare with the failure map.",
        "set -eu",
        "",
    ]
    for supplier in remote:
        name = slug(supplier.name)
        worst = _worst(supplier, failures)
        entry = worst.entry if worst is not None else "what needs it"
        lines += [
            f"echo '== {supplier.name} (for example: {entry})'",
            f"toxiproxy-cli toxic add -n silent -t timeout -a timeout=0 {name}   # accepts, says nothing",
            f"sleep 60; toxiproxy-cli toxic remove -n silent {name}",
            f"toxiproxy-cli toxic add -n slow -t latency -a latency=2000 -a jitter=500 {name}",
            f"sleep 60; toxiproxy-cli toxic remove -n slow {name}",
            f"toxiproxy-cli toxic add -n broken -t reset_peer -a timeout=100 {name}",
            f"sleep 60; toxiproxy-cli toxic remove -n broken {name}",
            f"toxiproxy-cli toggle {name}; sleep 60; toxiproxy-cli toggle {name}   # not there at all",
            "",
        ]
    return "\n".join(lines)


def compose(remote: list[Supplier]) -> str:
    """A container with the proxy, and a small disk for the service's data."""
    ports = "\n".join(f'      - "{port}:{port}"' for port in sorted({proxy_port(supplier.name) for supplier in remote}))
    return (
        "services:\n  toxiproxy:\n    image: ghcr.io/shopify/toxiproxy:2.12.0\n    command: -host=0.0.0.0 "
        "-config /toxiproxy.json\n"
        f'    volumes:\n      - ./toxiproxy.json:/toxiproxy.json:ro\n    ports:\n      - "8474:8474"\n{ports}\n'
        "  app:\n    # the service under test: point its addresses at toxiproxy, and let its disk be small\n"
        "    mem_limit: 1g\n    tmpfs:\n      - /data:size=64m\n    depends_on:\n      - toxiproxy\n"
    )


def experiment(supplier: Supplier, cell: Cell | None, failures: FailureMap) -> str:
    """A Chaos Toolkit experiment: others are answered before, and while one request waits for a silent dependency."""
    name = slug(supplier.name)
    entry = next((one for one in failures.entries if cell is not None and one.label == cell.entry), None)
    asked = entry.request if entry is not None else None
    page: dict[str, object] = {
        "version": "1.0.0",
        "title": f"The service stays up when {supplier.name} says nothing",
        "description": supplier.verdict,
        "tags": ["brownout", name],
    }
    if asked is not None and (names := _PART.findall(asked.path)):
        page["configuration"] = {
            part: {"type": "env", "key": variable(part), "default": "1"} for part in dict.fromkeys(names)
        }
    method = [_proxied(f"{name}-says-nothing", f"toxic add -n silent -t timeout -a timeout=0 {name}", 2)]
    if asked is not None and entry is not None:
        method.append(_asks(asked, entry.label))
    page["steady-state-hypothesis"] = {
        "title": "Another request is answered within five seconds",
        "probes": [
            {
                "type": "probe",
                "name": "the-service-answers",
                "tolerance": [200, 204],
                "provider": {"type": "http", "url": _steady(failures), "timeout": 5},
            }
        ],
    }
    page["method"] = method
    page["rollbacks"] = [_proxied(f"{name}-answers-again", f"toxic remove -n silent {name}")]
    return json.dumps(page, indent=2) + "\n"


def _proxied(title: str, arguments: str, seconds: int = 0) -> dict[str, object]:
    """An action at the proxy, and a pause after it."""
    made: dict[str, object] = {
        "type": "action",
        "name": title,
        "provider": {"type": "process", "path": "toxiproxy-cli", "arguments": arguments, "timeout": 10},
    }
    if seconds:
        made["pauses"] = {"after": seconds}
    return made


def _asks(asked: Request, label: str) -> dict[str, object]:
    """The request that meets the dependency, in the background: the hypothesis is asked while it waits."""
    path = _PART.sub(lambda match: f"${{{match[1]}}}", asked.path)
    words = "&".join(f"{word}=text" for word in asked.query)
    provider: dict[str, object] = {
        "type": "http",
        "url": f"http://localhost:{PORT}{path}{f'?{words}' if words else ''}",
        "method": asked.method,
        "timeout": 60,
    }
    if asked.body:
        provider["headers"] = {"Content-Type": "application/json"}
        provider["arguments"] = json.loads(asked.body)
    return {
        "type": "action",
        "name": f"use: {label}",
        "background": True,
        "provider": provider,
        "pauses": {"after": 5},
    }


def _steady(failures: FailureMap) -> str:
    """A route that needs nothing, or least: health, as a rule."""
    paths = [
        (entry.worst != "", "health" not in entry.label, entry.request.path)
        for entry in failures.entries
        if entry.request is not None and entry.request.method == "GET" and "{" not in entry.request.path
    ]
    return f"http://localhost:{PORT}{min(paths)[2] if paths else '/'}"


def network_chaos(supplier: Supplier, app: str) -> str:
    """Two manifests: slow, and cut off."""
    host, _ = server(supplier.name)
    target = (
        f"  direction: to\n  externalTargets:\n    - {host}\n"
        if "." in host
        else (f"  direction: to\n  target:\n    mode: all\n    selector:\n      labelSelectors:\n        app: {host}\n")
    )
    head = _head("NetworkChaos", f"{slug(supplier.name)}-slow", app)
    slow = (
        f"{head}  action: delay\n  mode: all\n{_selector(app)}  delay:\n    latency: 2s\n    jitter: "
        f"500ms\n{target}  duration: 2m\n"
    )
    head = _head("NetworkChaos", f"{slug(supplier.name)}-away", app)
    away = f"{head}  action: partition\n  mode: all\n{_selector(app)}{target}  duration: 2m\n"
    return f"{slow}---\n{away}"


def io_chaos(app: str) -> str:
    """ENOSPC on a tenth of the writes below /data."""
    head = _head("IOChaos", "disk-full", app)
    return (
        f"{head}  action: fault\n  mode: all\n{_selector(app)}  volumePath: /data\n  path: /data/**/*\n  errno: 28\n"
        "  percent: 10\n  methods:\n    - write\n    - create\n    - fsync\n  duration: 5m\n"
    )


def stress_chaos(app: str) -> str:
    """Memory is taken away; then the pod is killed."""
    stress = _head("StressChaos", "memory", app)
    stress += (
        f"  mode: one\n{_selector(app)}  stressors:\n    memory:\n      workers: 2\n      size: 80%\n  duration: 5m\n"
    )
    kill = _head("PodChaos", "kill", app)
    return f"{stress}---\n{kill}  action: pod-kill\n  mode: one\n{_selector(app)}"


def _head(kind: str, name: str, app: str) -> str:
    return f"apiVersion: chaos-mesh.org/v1alpha1\nkind: {kind}\nmetadata:\n  name: {app}-{name}\nspec:\n"


def _selector(app: str) -> str:
    return f"  selector:\n    labelSelectors:\n      app: {app}\n"
