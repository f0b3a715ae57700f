"""Archives that a service unpacks: who has made them, and what looks at their members first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import inside, last_word, own
from brownout.facts.paths import shape
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_EXTRACTS = {
    "tarfile.TarFile.extractall": "tar",
    "zipfile.ZipFile.extractall": "zip",
    "shutil.unpack_archive": "any",
}
_MEMBERS = {"tarfile.TarFile.extract": "tar", "zipfile.ZipFile.extract": "zip"}
_LOOKS = frozenset(
    "infolist namelist getmembers getnames testzip file_size getinfo total_size is_relative_to commonpath".split()
)
_CHECKS = re.compile(r"(check|valid|verif|safe|inspect|guard|ensure|assert|scan|filter|limit)", re.IGNORECASE)


@dataclass(slots=True)
class Extraction:
    """An archive unpacked as it is; `kind` is tar, zip or any."""

    call: Call
    kind: str


def unchecked(code: Code) -> Iterator[Extraction]:
    """The archives of a file that are unpacked whole, without a look at what is in them."""
    for call in code.index.to(_EXTRACTS.keys() | _MEMBERS.keys()):
        kind = _EXTRACTS.get(call.target or "") or _each(call)
        if kind is None or call.unpacks or not code.serves(call.function):
            continue
        if _is_filtered(call, kind) or _is_own(call) or _looked_at(call):
            continue
        yield Extraction(call, kind)


def _each(call: Call) -> str | None:
    """The kind of an archive whose members a loop unpacks one by one, with no look at any."""
    kind = _MEMBERS.get(call.target or "")
    block = call.table.block
    if kind is None or block is None or block.kind != "loop" or not isinstance(block.node, ast.For):
        return None
    looks = (ast.If, ast.IfExp, ast.Compare, ast.Assert, ast.Try)
    return None if any(isinstance(part, looks) for part in inside(block.node.body)) else kind


def _is_filtered(call: Call, kind: str) -> bool:
    if kind != "zip" and (given := call.argument("filter")) is not None:
        return (
            call.code.constant(given, call.function) != "fully_trusted" and last_word(given) != "fully_trusted_filter"
        )
    return call.argument("members") is not None


def _is_own(call: Call) -> bool:
    """Whether the archive is one that the project brings along: a constant path, or the package's own data."""
    archive = _archive(call)
    if archive is None:
        return False
    found = shape(archive, call.function, call.code)
    if found.calls & {"files", "as_file"}:
        return True
    return bool(found.keys) and all(key[:1] in "'\"." or "__file__" in key for key in found.keys)


def _archive(call: Call) -> ast.expr | None:
    """The path, or the open file, of the archive."""
    if call.target == "shutil.unpack_archive":
        return call.argument("filename", 0)
    receiver = call.receiver
    if isinstance(receiver, ast.Name):
        bindings = call.function.scope.bindings.get(receiver.id, ())
        receiver = next((found.value for found in bindings if found.value is not None), receiver)
    opened = call.code.call_of(receiver)
    if opened is None:
        return receiver
    return opened.argument("fileobj") or opened.argument("name", 0) or opened.argument("file", 0)


def _looked_at(call: Call) -> bool:
    """Whether something looks at the members, or at the size, before they are unpacked."""
    line = call.node.lineno
    block = call.table.block
    names = set(walk(block.node.iter)) if _each(call) and block and isinstance(block.node, ast.For) else set[ast.AST]()
    for node in own(call.function.node):
        if getattr(node, "lineno", line) >= line or node in names:
            continue
        if isinstance(node, ast.Attribute) and node.attr in _LOOKS:
            return True
        if isinstance(node, ast.Call) and _CHECKS.search(last_word(node)) and (node.args or node.keywords):
            return True
    return False
