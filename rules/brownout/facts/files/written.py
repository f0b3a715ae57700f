"""Paths that calls write to: opened for writing, saved, copied or moved onto."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from brownout.facts.files.files import accesses
from brownout.facts.index import per_file
from brownout.facts.nodes import around, last_word, own
from brownout.facts.paths import PathShape, shape
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_TARGETS = {
    "PIL.Image.Image.save": ("fp", 0),
    "cv2.imwrite": ("filename", 0),
    "cv2.VideoWriter": ("filename", 0),
    "shutil.copy": ("dst", 1),
    "shutil.copy2": ("dst", 1),
    "shutil.copyfile": ("dst", 1),
    "shutil.move": ("dst", 1),
    "urllib.request.urlretrieve": ("filename", 1),
    "pypdf.PdfWriter.write": ("stream", 0),
    "pymupdf.Document.save": ("filename", 0),
    "pymupdf.Pixmap.save": ("filename", 0),
}
_SAVERS = {"save": 0, "to_csv": 0, "to_excel": 0, "to_parquet": 0, "to_json": 0, "savefig": 0, "download_file": 2}
"""Methods of objects that are not known, by the position of the path that they write."""


@per_file
def writes(code: Code) -> list[tuple[Call, ast.expr, PathShape]]:
    """The calls of a file that write a path, with the path's expression and shape."""
    seen: set[int] = set()
    found: list[tuple[Call, ast.expr, PathShape]] = []
    for access in accesses(code):
        if set(access.mode) & set("wa"):
            seen.add(id(access.call))
            found.append((access.call, access.path, access.shape))
    for call in code.all_calls:
        path = _target(call)
        if path is not None and id(call) not in seen:
            found.append((call, path, shape(path, call.function, code)))
    return found


def _target(call: Call) -> ast.expr | None:
    name = call.entry.name if call.entry is not None else call.target or ""
    if call.last not in _SAVERS and name not in _TARGETS:
        return None
    if name in _TARGETS:
        return call.argument(*_TARGETS[name])
    if call.callee is None and call.receiver is not None and call.target is None:
        position = _SAVERS.get(last_word(call.node))
        return None if position is None else call.argument(None, position)
    if name.startswith(("werkzeug.", "pandas.", "matplotlib.")) and last_word(call.node) in _SAVERS:
        return call.argument(None, 0)
    return None


def uncounted(found: PathShape, call: Call) -> PathShape:
    """The path without numbers that a loop of the function counts: `page_0.png` is the same for every request."""
    counters = {
        call.code.symbol(name, call.function) or name.id
        for node in own(call.function.node)
        if isinstance(node, ast.For) and last_word(node.iter) in ("enumerate", "range")
        for name in [node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target]
        if isinstance(name, ast.Name)
    }
    return (
        found
        if counters.isdisjoint(found.keys)
        else replace(found, keys=[key for key in found.keys if key not in counters])
    )


SHARED = ("/tmp", "/var/tmp", "/dev/shm")
_PRIVATE_KINDS = frozenset({"lock", "pid", "sock", "socket", "pidfile", "lockfile", "ready", "alive", "heartbeat"})


def is_fixed_temporary(found: PathShape) -> bool:
    """Whether a path is one and the same each time, in the directory that all programs share for temporary files."""
    if not found.keys or not all(key[:1] in "'\"" or key == "tempfile.gettempdir()" for key in found.keys):
        return False
    if found.words & _PRIVATE_KINDS or (not {"gettempdir"}.isdisjoint(found.calls) and len(found.keys) < 2):
        return False
    first = found.literals[0] if found.literals else ""
    return "gettempdir" in found.calls or first in SHARED or first.startswith(tuple(f"{one}/" for one in SHARED))


def in_lock(call: Call) -> bool:
    """Whether a lock is held around a call."""
    return any("lock" in unparse(getattr(item, "context_expr", item)).lower() for item in around(call, "with"))
