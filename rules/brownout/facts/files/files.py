"""Files that a function writes and reads: which call, onto which path, and whether the path is the service's state."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.index import per_file
from brownout.facts.paths import CHOSEN, LOST, PathShape, shape, words_of
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

STATE = frozenset(
    """
    checkpoint checkpoints ckpt state states config configuration manifest index cache progress settings queue
    session sessions registry store history credentials token tokens metadata meta status job jobs database db
    ledger journal snapshot resume cursor offset offsets preferences prefs catalog inventory users tasks memory
    weights
    """.split()
)
PROGRESS = frozenset("checkpoint checkpoints ckpt state progress manifest journal ledger resume cursor".split())
"""Names that say state whatever folder the caller chooses."""
KEEPERS = frozenset("checkpoint checkpoints ckpt progress journal".split())
"""Words in the name of a class that say what its files are: `CheckpointManager`."""
_SETS_UP = frozenset("create default defaults init initialize setup scaffold generate export install".split())
_SOURCES = frozenset({".py", ".pyi", ".gitignore", ".md"})
_DATA = frozenset({".json", ".jsonl", ".pkl", ".pickle", ".yaml", ".yml", ".toml"})
_EXISTS = re.compile(r"\.exists\b|\bis_?file\b|\bexists\(")
OUTPUT = frozenset(
    """
    report reports export exports log logs out output outputs result results html pdf csv plot figure preview
    thumbnail readme docs doc sample example dist build download downloads txt md template generated artifact
    artifacts trace dump debug stdout stderr devnull fixture tests requirements dockerfile proc sys
    """.split()
)


@dataclass(slots=True)
class Access:
    """One opening of a file: the call, the path's expression and shape; `handle` is the name bound by `with`."""

    call: Call
    path: ast.expr
    shape: PathShape
    writes: bool
    mode: str
    with_node: ast.With | ast.AsyncWith | None = None
    handle: str | None = None


@per_file
def accesses(code: Code) -> list[Access]:
    """The places of a file that open, read or write a path."""
    accessed: list[Access] = []
    for call in code.library_calls:
        found = _access(call)
        if found is not None:
            path, writes, mode = found
            with_node, handle = _with(call)
            accessed.append(Access(call, path, shape(path, call.function, code), writes, mode, with_node, handle))
    return accessed


def _access(call: Call) -> tuple[ast.expr, bool, str] | None:
    target = call.entry.name if call.entry is not None else None
    if target in ("builtins.open", "io.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open", "aiofiles.open"):
        path = call.argument("file" if target == "builtins.open" else "filename", 0)
        mode = call.argument("mode", 1)
        return None if path is None else (path, *_mode(call, mode))
    if target is not None and target.startswith("pathlib.Path.") and call.receiver is not None:
        method = target.rpartition(".")[2]
        if method == "open":
            return (call.receiver, *_mode(call, call.argument("mode", 0)))
        if method in ("write_text", "write_bytes"):
            return call.receiver, True, "w"
        if method in ("read_text", "read_bytes"):
            return call.receiver, False, "r"
    if call.has("dump", "load") and call.entry is not None:
        return _saved(call)
    return None


_SAVERS = {"torch.save": 1, "joblib.dump": 1, "numpy.save": 0, "numpy.savez": 0, "numpy.savez_compressed": 0}


def _saved(call: Call) -> tuple[ast.expr, bool, str] | None:
    """Libraries that write an object straight onto a path."""
    name = call.entry.name if call.entry is not None else ""
    path = call.argument(None, _SAVERS[name]) if name in _SAVERS else None
    if path is None or _is_handle(path, call):
        return None
    return path, True, "wb"


def _is_handle(node: ast.expr, call: Call) -> bool:
    target = call.code.target(node, call.function) or ""
    return target.startswith(("io.", "tempfile.", "builtins.open", "_io."))


def _mode(call: Call, node: ast.expr | None) -> tuple[bool, str]:
    mode = "r" if node is None else call.code.constant(node, call.function)
    if not isinstance(mode, str):
        return False, "?"
    return "w" in mode, mode


def _with(call: Call) -> tuple[ast.With | ast.AsyncWith | None, str | None]:
    parent = call.table.parent
    if isinstance(parent, ast.With | ast.AsyncWith):
        for item in parent.items:
            if item.context_expr is call.node:
                name = item.optional_vars.id if isinstance(item.optional_vars, ast.Name) else None
                return parent, name
    return None, None


def is_state(access: Access, read_keys: Collection[str]) -> str | None:
    """Why a written path is the service's state: read back here, or named so; None where it is not, or may not be."""
    found = access.shape
    if found.unique or found.temporary or not found.keys or only_created(access) or found.suffix in _SOURCES:
        return None
    if len(found.keys) > 1 and found.keys[-1] == CHOSEN:
        # one of many files, named by whoever calls: a store of contents, unless it is named otherwise
        strong = sorted(found.words & PROGRESS)
        return f"it is named *{strong[0]}*" if strong else None
    is_output = bool(found.words & OUTPUT and not found.words & {"checkpoint", "checkpoints", "state", "manifest"})
    if is_output and not _is_data_file(found):
        return None
    if found.key in read_keys and LOST not in found.keys and any(key != CHOSEN for key in found.keys):
        return "it is read back"
    if is_output:
        return None
    if "dict" in found.words and access.call.name == "torch.save":
        return None  # a model that is exported, not the state of a run
    named = sorted(found.words & (STATE if CHOSEN not in found.keys or len(found.keys) == 1 else PROGRESS))
    return f"it is named *{named[0]}*" if named and not words_of(access.call.function.name) & _SETS_UP else None


def _is_data_file(found: PathShape) -> bool:
    """Whether only the folder is one for output, and in it lies data under a name of its own: `exports/latest.json`."""
    name = found.literals[-1] if found.literals and found.keys[-1] == repr(found.literals[-1]) else ""
    return found.suffix in _DATA and name[:1] != "." and words_of(name).isdisjoint(OUTPUT)


def is_plain(access: Access) -> bool:
    """Whether a write is a statement of its own that says which path, so that it can be turned to another one."""
    call, node = access.call, access.with_node
    if isinstance(node, ast.With):
        item = node.items[0]
        is_given = bool(call.node.args) and call.node.args[0] is access.path
        is_path = isinstance(call.node.func, ast.Attribute) and call.receiver is access.path
        return len(node.items) == 1 and isinstance(item.optional_vars, ast.Name) and (is_given or is_path)
    statement = call.table.statement
    if not isinstance(statement, ast.Expr) or statement.value is not call.node or call.unpacks:
        return False
    if call.name in ("torch.save", "joblib.dump"):
        return any(access.path is one for one in call.node.args)
    return call.name in ("pathlib.Path.write_text", "pathlib.Path.write_bytes") and bool(call.node.args)


def only_created(access: Access) -> bool:
    """Whether the file is written only where there is none yet: nothing that was there can be lost."""
    block = access.call.table.block
    while block is not None:
        node = block.node
        if block.kind == "handler" and isinstance(node, ast.ExceptHandler) and node.type is not None:
            if "FileNotFoundError" in unparse(node.type):
                return True
        if isinstance(node, ast.If) and block.kind in ("if", "orelse"):
            looks = _EXISTS.search(unparse(node.test)) is not None
            denied = unparse(node.test).startswith("not ")
            if looks and denied == (block.kind == "if"):
                return True
        block = block.parent
    return _left_early(access.call)


def _left_early(call: Call) -> bool:
    """Whether the function returns before the call where the file is there: `if path.exists(): return`."""
    node = call.function.node
    body = [] if isinstance(node, ast.Lambda) else node.body
    for statement in body:
        if isinstance(statement, ast.If) and statement.lineno < call.node.lineno:
            test = unparse(statement.test)
            if _EXISTS.search(test) and not test.startswith("not ") and isinstance(statement.body[-1], ast.Return):
                return True
    return False


def replaced_later(access: Access, code: Code) -> bool:
    """Whether the written file is not the live one yet: its path is put in place by a replace in the same function."""
    names = {node.id for node in walk(access.path) if isinstance(node, ast.Name)}
    for row in access.call.function.calls:
        last = row.node.func.attr if isinstance(row.node.func, ast.Attribute) else getattr(row.node.func, "id", "")
        if last not in ("replace", "rename", "move", "renames"):
            continue
        moved = row.node.args[0] if row.node.args and _is_module_function(row.node) else None
        if moved is None and isinstance(row.node.func, ast.Attribute):
            moved = row.node.func.value
        if moved is not None and names & {node.id for node in walk(moved) if isinstance(node, ast.Name)}:
            return True
        if moved is not None and shape(moved, access.call.function, code).key == access.shape.key:
            return True
    return False


def _is_module_function(node: ast.Call) -> bool:
    return not isinstance(node.func, ast.Attribute) or getattr(node.func.value, "id", "") in ("os", "shutil")
