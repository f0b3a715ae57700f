"""Files that are read whole for what needs only one piece after the other: a hash, a copy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word, leaves, own
from brownout.facts.paths import CHOSEN, shape
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256"})
_WRITERS = frozenset({"write", "write_bytes", "write_text", "writestr"})
_SENDERS = frozenset({"put_object", "upload_blob", "upload_from_string"})
"""What stores bytes elsewhere, and takes an open file just as well, or has a sister that does."""
_SMALL = frozenset("config settings manifest version template schema key token state readme package license".split())
_READS = frozenset({"read", "read_bytes"})
_SIZES = frozenset({"stat", "getsize", "st_size"})


@dataclass(slots=True)
class Whole:
    """A read of all bytes; `hashing` is the call `hashlib.sha256(file.read())` where it is just that."""

    call: Call
    use: str
    hashing: ast.Call | None
    algorithm: str


def whole(code: Code) -> Iterator[Whole]:
    """The reads of a file's whole content for a hash or a copy, in code that serves."""
    for call in code.index.written(_READS):
        if last_word(call.node) not in _READS or call.node.args or call.node.keywords or call.receiver is None:
            continue
        if not code.serves(call.function):
            continue
        path = _path(call)
        if path is None or _is_small(path, call) or _size_checked(call):
            continue
        use = _use(call)
        if use is not None:
            kind, outer = use
            plain = kind == "a hash" and outer is not None and last_word(call.node) == "read"
            single = plain and outer is not None and outer.args == [call.node] and not outer.keywords
            name = (code.target(outer.func, call.function) or "").rpartition(".")[2] if outer is not None else ""
            yield Whole(call, kind, outer if single and name in ALGORITHMS else None, name)


def _path(call: Call) -> ast.expr | None:
    """The path of the file that is read; None where it is no file of the disk."""
    code, receiver = call.code, call.receiver
    if receiver is None:
        return None
    if last_word(call.node) == "read_bytes":
        target = code.target(receiver, call.function)
        return receiver if target is None or target.startswith("pathlib.") else None
    opened = code.call_of(receiver)
    if opened is None and isinstance(receiver, ast.Name):
        bindings = call.function.scope.bindings.get(receiver.id, ())
        values = [binding.value for binding in bindings if binding.kind in ("with", "assign")]
        opened = code.call_of(values[-1]) if values else None
    if opened is None or opened.entry is None:
        return None
    if opened.entry.name in ("builtins.open", "io.open", "aiofiles.open"):
        mode = code.constant(opened.argument("mode", 1), call.function)
        return opened.argument("file", 0) if isinstance(mode, str) and "b" in mode and "r" in mode else None
    if opened.entry.name == "pathlib.Path.open":
        return opened.receiver
    return None


def _is_small(path: ast.expr, call: Call) -> bool:
    """Whether the file is one of the service's own: a constant path, or one that is named like a small file."""
    found = shape(path, call.function, call.code)
    if found.words & _SMALL:
        return True
    return bool(found.keys) and CHOSEN not in found.keys and all(key[:1] in "'\"" for key in found.keys)


def _size_checked(call: Call) -> bool:
    """Whether something before looks at the file's size and leaves."""
    for node in own(call.function.node):
        if isinstance(node, ast.If | ast.Assert) and node.lineno < call.node.lineno:
            words = {last_word(part) for part in walk(node.test)}
            sized = words & _SIZES or any("size" in word.lower() for word in words)
            if sized and (isinstance(node, ast.Assert) or leaves(node.body)):
                return True
    return False


def _use(call: Call) -> tuple[str, ast.Call | None] | None:
    """What the bytes are for: a hash or a copy; with the call that hashes them."""
    parent: ast.AST | None = call.table.parent
    if isinstance(parent, ast.Await):
        parent = _parent(parent, call)
    if isinstance(parent, ast.keyword):
        parent = _parent(parent, call)
    if isinstance(parent, ast.Call):
        return _of(parent, call)
    statement = call.table.statement
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        uses = [row.node for row in call.function.calls if _gives(row.node, name)]
        loads = sum(
            isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in own(call.function.node)
        )
        kinds = [_of(node, call) for node in uses]
        if kinds and all(kind is not None for kind in kinds) and loads == len(kinds):
            first = kinds[0]
            return None if first is None else (first[0], None)
    return None


def _parent(node: ast.AST, call: Call) -> ast.AST | None:
    for part in own(call.function.node):
        if any(child is node for child in ast.iter_child_nodes(part)):
            return part
    return None


def _gives(node: ast.Call, name: str) -> bool:
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(isinstance(argument, ast.Name) and argument.id == name for argument in given)


def _of(node: ast.Call, call: Call) -> tuple[str, ast.Call] | None:
    target = call.code.target(node.func, call.function) or ""
    if target.startswith(("hashlib.", "zlib.crc", "zlib.adler")):
        return "a hash", node
    if last_word(node) == "update" and "hashlib" in (call.code.symbol(node.func, call.function) or ""):
        return "a hash", node
    if (last_word(node) in _WRITERS and len(node.args) <= 2) or last_word(node) in _SENDERS:
        return "a copy", node
    return None
