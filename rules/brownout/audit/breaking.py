"""Commands that break one dependency in one way; `using` has those that use an entry point meanwhile."""

from __future__ import annotations

import re
from zlib import crc32

_PROGRAMS = {
    "Poppler": ("pdfinfo", "pdftoppm"),
    "Tesseract": ("tesseract",),
    "Ghostscript": ("gs",),
    "LibreOffice": ("soffice",),
}
_SERVERS = {
    "Label Studio": ("label-studio", 8080), "PostgreSQL": ("postgres", 5432), "MySQL": ("mysql", 3306),
    "Redis": ("redis", 6379), "MongoDB": ("mongo", 27017), "RabbitMQ": ("rabbitmq", 5672), "Kafka": ("kafka", 9092),
    "Elasticsearch": ("elasticsearch", 9200), "MinIO": ("minio", 9000),
}  # fmt: skip


_WHEN = {
    "hangs": "accepts and then says nothing",
    "refuses": "is not there",
    "errors": "answers with an error",
    "full": "has no space left",
    "locked": "is locked",
}
_OWN_WORDS = {
    ("file system", "errors"): "refuses access",
    ("child process", "errors"): "ends with an error",
    ("child process", "refuses"): "cannot be started",
    ("child process", "hangs"): "does not come to an end",
    ("SQLite", "errors"): "is corrupt or cannot be opened",
    ("SQLite", "full"): "finds the disk full",
    ("WebSocket client", "errors"): "leaves",
    ("Docling", "hangs"): "does not come to an end",
    ("Docling", "errors"): "cannot read the document",
    ("OpenCV", "errors"): "cannot read the picture",
    ("Pillow", "errors"): "cannot read or write the picture",
    ("Poppler", "errors"): "fails on the file",
    ("Tesseract", "errors"): "fails on the picture",
    ("Poppler", "hangs"): "does not come to an end",
    ("Tesseract", "hangs"): "does not come to an end",
}
_WITH_ARTICLE = ("file system", "file storage", "WebSocket client", "child process", "mail server")


def when(dependency: str, failure: str) -> str:
    """`when Label Studio is not there`."""
    return f"when {spoken(dependency)} {_OWN_WORDS.get((dependency, failure), _WHEN[failure])}"


def spoken(dependency: str) -> str:
    """A dependency as it stands in a sentence: `the server behind webhook_url`, `the file system`, `Redis`."""
    if dependency == "HTTP":
        return "the other side"
    if dependency.startswith("HTTP "):
        return f"the server behind {dependency.removeprefix('HTTP ')}"
    return f"the {dependency}" if dependency in _WITH_ARTICLE else dependency


def slug(name: str) -> str:
    """A name as tools take it: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "dependency"


def server(dependency: str) -> tuple[str, int]:
    """The name and port under which a dependency's server is usually reached."""
    if dependency in _SERVERS:
        return _SERVERS[dependency]
    name = dependency.removeprefix("HTTP ")
    return (name, 443) if "." in name else (slug(name), 8080)


def proxy_port(dependency: str) -> int:
    """Where the proxy in front of a dependency listens: always the same port for the same name."""
    return 20000 + crc32(dependency.encode()) % 10000


def break_it(dependency: str, kind: str, failure: str) -> str:
    """Shell commands that bring one failure about."""
    if dependency == "SQLite":
        return _sqlite(failure)
    if dependency in ("file system", "file storage") or kind == "disk":
        return _disk(failure)
    if dependency == "WebSocket client":
        return ""  # the client is who uses it: see `using.leave`
    if kind == "process":
        return _process(dependency, failure)
    if kind in ("cpu", "model"):
        return _content(dependency, failure, kind)
    return _network(dependency, failure)


def _sqlite(failure: str) -> str:
    if failure == "locked":
        return "sqlite3 \"$DATABASE\" 'BEGIN EXCLUSIVE' '.shell sleep 60' &   # holds the lock for a minute"
    if failure == "full":
        return _fill('"$(dirname "$DATABASE")"')
    return 'cp "$DATABASE" backup.db; printf \'broken\' | dd of="$DATABASE" bs=1 seek=100 conv=notrunc'


def _disk(failure: str) -> str:
    if failure == "full":
        return _fill('"$DATA_DIR"')
    return 'chmod -R a-rwx "$DATA_DIR"   # not as root, who may do everything'


def _fill(folder: str) -> str:
    """Fills the volume that a folder lies on, if it is one that was made small for the test."""
    return (
        f'test "$(df --output=size -k {folder} | tail -n 1)" -lt 2000000 && dd if=/dev/zero of={folder}/fill bs=1M'
        "   # small volumes only; delete `fill` afterwards"
    )


def _process(dependency: str, failure: str) -> str:
    programs = _PROGRAMS.get(dependency, (slug(dependency),))
    lines = ["mkdir -p fakes"]
    body = {"hangs": "sleep 3600", "errors": "exit 1", "refuses": ""}[failure]
    for program in programs:
        if failure == "refuses":
            lines.append(f'sudo mv "$(command -v {program})" /tmp/{program}.away   # and back afterwards')
        else:
            lines.append(f"printf '#!/bin/sh\\n{body}\\n' > fakes/{program}; chmod +x fakes/{program}")
    if failure != "refuses":
        lines.append('export PATH="$PWD/fakes:$PATH"   # then start the service')
    return "\n".join(lines)


def _content(dependency: str, failure: str, kind: str) -> str:
    if failure == "refuses":
        return (
            "export HF_HUB_OFFLINE=1; mv ~/.cache/huggingface ~/.cache/huggingface.away   # an empty cache, and no hub"
        )
    if failure == "hangs":
        return (
            "python -c \"from PIL import Image; i = Image.effect_noise((1240, 1754), 90); i.save('big.pdf', "
            'save_all=True, append_images=[i] * 200)"   # scans without an end'
        )
    if dependency in ("OpenCV", "Pillow"):
        return "find \"$DATA_DIR\" -name '*.png' -exec truncate -s 50% {} +   # half of each picture"
    if kind == "model":
        return "find ~/.cache/huggingface -name '*.safetensors' -exec truncate -s 1K {} +   # half a model"
    return "cp sample.pdf broken.pdf; truncate -s 50% broken.pdf   # the first half of a document"


def _network(dependency: str, failure: str) -> str:
    host, port = server(dependency)
    name, listen = slug(dependency), proxy_port(dependency)
    create = f"toxiproxy-cli create -l 127.0.0.1:{listen} -u {host}:{port} {name}   # and point the service at it"
    if failure == "hangs":
        return f"{create}\ntoxiproxy-cli toxic add -t timeout -a timeout=0 {name}"
    if failure == "refuses":
        return f"{create}\ntoxiproxy-cli toggle {name}   # or stop it: docker compose stop {host}"
    return (
        f"python - <<'PY' &   # answers everything with 503; point the service at 127.0.0.1:{listen}\n"
        "from http.server import BaseHTTPRequestHandler as H, HTTPServer\n"
        "for verb in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'):\n"
        "    setattr(H, f'do_{verb}', lambda self: self.send_error(503))\n"
        f"HTTPServer(('127.0.0.1', {listen}), H).serve_forever()\nPY"
    )
