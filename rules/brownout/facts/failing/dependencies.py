"""What a call depends on outside of the code, by the name that a person would use for it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.catalog import Entry
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

HTTP = frozenset({"requests", "httpx", "httpx2", "aiohttp", "urllib3", "urllib", "http"})
"""Libraries that only carry: the dependency is who answers at the other end."""
_SERVER = ("starlette.", "fastapi.", "flask.", "werkzeug.", "aiohttp.web.", "django.http.", "sanic.", "litestar.")
"""What talks to the client of a request, which is nobody that one depends on."""
_BY_TOOL = {
    "Poppler": "pdfinfo pdftoppm pdftotext pdftocairo pdfimages",
    "Tesseract": "tesseract",
    "Ghostscript": "gs",
    "LibreOffice": "soffice libreoffice",
    "ImageMagick": "convert magick",
    "ffmpeg": "ffmpeg ffprobe",
}
PROGRAMS = {program: tool for tool, programs in _BY_TOOL.items() for program in programs.split()}
"""What a program is part of."""
_HOST = re.compile(r"^[a-z]+://([A-Za-z0-9.-]+)")
_DEPTH = 6
_ANY_PLACE = frozenset("url uri urls link href path route request req endpoint target address text bytes data".split())
"""Names of variables that hold an address and do not say whose."""
FILE_SYSTEM = "file system"
SOCKET = "WebSocket client"


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """Something outside of the code that can fail: its name and of which kind it is."""

    name: str
    kind: str
    library: str = ""
    """The library of the catalog through which it is used."""


def dependency(call: Call) -> Dependency | None:
    """What a call depends on; None for what cannot fail from outside, such as a pause."""
    entry = call.entry
    if entry is None or entry.effect is None or entry.effect in (Effect.SLEEP, Effect.WAIT, Effect.CLIENT):
        return None
    name = _name(call, entry)
    return None if name is None else Dependency(name, entry.effect.value, entry.library)


def _name(call: Call, entry: Entry) -> str | None:
    effect = entry.effect
    if effect is Effect.CPU and (not entry.raises or entry.short):
        return None
    if effect is Effect.MESSAGE and (entry.name.startswith(_SERVER) or "ServerConnection" in entry.name):
        return SOCKET
    if effect is Effect.NETWORK and entry.name.startswith(_SERVER):
        return None
    if effect in (Effect.NETWORK, Effect.MESSAGE) and entry.library in HTTP:
        where = address(call) if effect is Effect.NETWORK else ""
        where = "" if where.lower() in _ANY_PLACE else where
        return f"HTTP {where}" if where else "HTTP"
    if effect is Effect.DISK:
        if any(_is_nowhere(argument) for argument in call.node.args[:1]):
            return None
        if "image-parse" in entry.tags:
            return _plain(entry)
        return "file storage" if entry.display == "the file storage" else FILE_SYSTEM
    if effect is Effect.PROCESS and entry.library in ("subprocess", "os", "asyncio", "anyio", "trio"):
        return program(call)
    if effect is Effect.DATABASE and entry.library in ("sqlalchemy", "sqlmodel"):
        return "SQLite" if is_sqlite(call.code.project) else "the SQL database"
    if effect is Effect.DATABASE and entry.library == "django" and "cache" not in entry.name:
        return "the Django database"
    return _plain(entry)


def _is_nowhere(node: ast.expr) -> bool:
    """Whether a path is that of the null device, which is never full and never refuses."""
    if isinstance(node, ast.Constant):
        return node.value == "/dev/null"
    return (isinstance(node, ast.Attribute) and node.attr == "devnull") or (
        isinstance(node, ast.Name) and node.id in ("devnull", "DEVNULL")
    )


def _plain(entry: Entry) -> str:
    if entry.library == "socket":
        return "DNS" if "gethost" in entry.name or "getaddrinfo" in entry.name else "network socket"
    name = entry.display
    if name in ("the other side", "the server"):
        return entry.library
    return re.sub(r"^(the|a|an) ", "", name)


@per_project
def is_sqlite(project: Project) -> bool:
    """Whether an SQLAlchemy engine of the project is made for SQLite, by a literal or a constant."""
    rows = [
        row
        for name, found in project.calls_by_target.items()
        if name.endswith(("create_engine", "create_async_engine"))
        for _, row in found
    ]
    texts = [form for row in rows for key, form in row.arguments if key in (0, "url")]
    texts += [value for module in project.modules for value in module.constants.values() if "://" in value]
    return any("sqlite" in text for text in texts) and not any(re.search(r"postgres|mysql", text) for text in texts)


def program(call: Call) -> str:
    """The program that a call starts: the first word of its arguments, where that can be told."""
    node = call.argument("args", 0) or call.argument("program", 0) or call.argument("cmd", 0)
    if isinstance(node, ast.Name):
        bindings = call.function.scope.bindings.get(node.id, ())
        node = bindings[0].value if bindings and bindings[0].kind == "assign" else node
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        node = node.elts[0]
    text = call.code.constant(node, call.function)
    word = text.split()[0].rpartition("/")[2] if isinstance(text, str) and text.split() else ""
    if not word and node is not None and "sys.executable" in unparse(node):
        word = "python"
    return PROGRAMS.get(word, word) or "child process"


def address(call: Call) -> str:
    """Where an HTTP call goes: a host that is written down, or the setting that names it; "" where nobody knows."""
    url = call.argument("url", 0)
    last = call.name.rpartition(".")[2]
    if last in ("request", "stream", "urlopen") and len(call.node.args) > 1 and last != "urlopen":
        url = call.argument("url", 1)
    return "" if url is None else _origin(url, call.function, call.code, 0)


def _origin(node: ast.expr, function: Function, code: Code, depth: int) -> str:
    """The host or the setting from which a URL is built."""
    if depth > _DEPTH:
        return ""
    text = code.constant(node, function)
    if isinstance(text, str) and (match := _HOST.match(text)):
        return match[1]
    if isinstance(node, ast.JoinedStr):
        return _joined(node, function, code, depth)
    if isinstance(node, ast.BinOp):
        return _origin(node.left, function, code, depth + 1)
    if isinstance(node, ast.BoolOp):
        return next((found for value in node.values if (found := _origin(value, function, code, depth + 1))), "")
    if isinstance(node, ast.Call):
        return _called(node, function, code, depth)
    if isinstance(node, ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return key if isinstance(key, str) else ""
    if isinstance(node, ast.Attribute):
        return _attribute(node, function, code, depth)
    if isinstance(node, ast.Name):
        return _named(node, function, code, depth)
    return ""


def _joined(node: ast.JoinedStr, function: Function, code: Code, depth: int) -> str:
    first = node.values[0] if node.values else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and (match := _HOST.match(first.value)):
        return match[1]
    if isinstance(first, ast.Constant) and not str(first.value).endswith("://"):
        return ""  # a path below the address that the client was made with
    parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    return _origin(parts[0].value, function, code, depth + 1) if parts else ""


def _called(node: ast.Call, function: Function, code: Code, depth: int) -> str:
    """`os.environ.get("X")` is X, `urljoin(base, …)` is its base, `url.rstrip("/")` is url."""
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if last in ("getenv", "get") and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    if last in ("urljoin", "URL", "str", "yarl", "quote") and node.args:
        return _origin(node.args[0], function, code, depth + 1)
    if isinstance(node.func, ast.Attribute):
        return _origin(node.func.value, function, code, depth + 1)
    return ""


def _attribute(node: ast.Attribute, function: Function, code: Code, depth: int) -> str:
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and function.owner is not None:
        found = function.owner.attributes.get(node.attr, [])
        values = [(binding.value, scope) for binding, scope in found if binding.value is not None]
        if len(values) == 1 and not isinstance(values[0][0], ast.Name) and values[0][1].function is not None:
            return _origin(values[0][0], values[0][1].function, code, depth + 1) or node.attr
    return node.attr


def _named(node: ast.Name, function: Function, code: Code, depth: int) -> str:
    bindings = function.scope.bindings.get(node.id, ())
    if bindings and bindings[0].kind == "parameter":
        return ""
    value = bindings[0].value if bindings and bindings[0].kind == "assign" else None
    if value is not None:
        return _origin(value, function, code, depth + 1)
    return node.id if node.id.isupper() else ""
