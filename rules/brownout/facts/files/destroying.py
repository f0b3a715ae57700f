"""Things that are removed before what replaces them exists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Note
from brownout.facts.paths import CHOSEN, shape, words_of
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.effects import Chain

_REMOVES = {"os.remove": "path", "os.unlink": "path", "shutil.rmtree": "path"}
_CREATES = {
    "shutil.copytree": ("dst", 1),
    "shutil.copy": ("dst", 1),
    "shutil.copy2": ("dst", 1),
    "shutil.copyfile": ("dst", 1),
    "shutil.unpack_archive": ("extract_dir", 1),
    "zipfile.ZipFile.extractall": ("path", 0),
    "tarfile.TarFile.extractall": ("path", 0),
    "urllib.request.urlretrieve": ("filename", 1),
}
_WRITES = frozenset({"builtins.open", "pathlib.Path.open", "pathlib.Path.write_text", "pathlib.Path.write_bytes"})
_SPARE = frozenset(
    """
    cache caches cached build dist work workdir working staging stage scratch sandbox lock pid socket sock out output
    outputs result results report reports export exports log logs preview thumbnail generated artifact artifacts trace
    dump debug test tests fixture sample example stale old obsolete marker flag sentinel static ui assets
    bundle site link symlink
    """.split()
)
_KEEPS = frozenset("copytree copy copy2 copyfile move rename replace backup".split())
_SLOW = frozenset({Effect.NETWORK, Effect.PROCESS, Effect.MODEL})


@dataclass(slots=True)
class Destroyed:
    """A call that removes a live thing; `made` is the call that makes the new one afterwards."""

    call: Call
    path: ast.expr
    how: str
    notes: list[Note]


def destroyed_first(code: Code) -> Iterator[Destroyed]:
    """The calls of a file that remove or empty a live target before its replacement exists."""
    for call in code.library_calls:
        path = _removed(call)
        if path is not None:
            made = _made_later(path, call, code) if _is_live(path, call, code) else None
            if made is not None:
                yield Destroyed(call, path, "removes", [Note(code.location(made.node.func), "it is made anew here")])
            continue
        emptied = _emptied(call, code)
        if emptied is not None:
            yield emptied


def _removed(call: Call) -> ast.expr | None:
    name = call.entry.name if call.entry is not None else ""
    if name in _REMOVES:
        return call.argument(_REMOVES[name], 0)
    return call.receiver if name == "pathlib.Path.unlink" else None


def _is_live(path: ast.expr, call: Call, code: Code) -> bool:
    """Whether a path is that of something that others use now, as far as its name tells."""
    if not code.judged(call.function):
        return False
    found = shape(path, call.function, code)
    function = call.function
    around = words_of(function.qualname) | words_of(code.module.path.rpartition("/")[2].removesuffix(".py"))
    if found.temporary or found.unique or not found.keys or (found.words | around) & _SPARE:
        return False
    if CHOSEN in found.keys and len(found.keys) > 1:
        return False  # one of many, named by whoever calls
    block = call.table.block
    if block is not None and any(one.kind in ("handler", "finally") for one in block.chain()):
        return False
    text = unparse(path)
    for earlier in code.calls_in(call.function):
        last = earlier.text.rpartition(".")[2]
        if earlier.node.lineno < call.node.lineno and last in _KEEPS:
            first = earlier.receiver if len(earlier.node.args) < 2 else earlier.node.args[0]
            if first is not None and _plain(first) == text:
                return False
    return True


def _made_later(path: ast.expr, call: Call, code: Code) -> Call | None:
    """The call after a removal that makes the thing anew, out of something that may fail."""
    text = _plain(path)
    slow: Call | None = None
    for later in code.calls_in(call.function):
        if later.node.lineno <= call.node.lineno:
            continue
        target = _target(later)
        if target is not None and _plain(target) == text:
            name = later.entry.name if later.entry is not None else ""
            return None if (name in _WRITES and slow is None) or not _follows(later, call) else later
        if later.callee is not None and any(_plain(argument) == text for argument in later.node.args):
            return later if later.callee.name in _makers(code.project) and _follows(later, call) else None
        if slow is None and _is_slow(later, code) and _follows(later, call):
            slow = later
        if slow is not None and _names_it(later.node, text):
            return slow
    return None


def _names_it(node: ast.Call, text: str) -> bool:
    """Whether the path stands anywhere in what a call is given."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(
        isinstance(part, ast.Name | ast.Attribute) and unparse(part) == text for one in given for part in walk(one)
    )


def _follows(later: Call, call: Call) -> bool:
    """Whether every way on from a call, as long as all goes well, comes to another one."""
    flow, wanted = call.code.flow(call.function), later.table.statement
    return flow.on_every_path(call.table.statement, lambda step: step is wanted, errors=False)


def _target(call: Call) -> ast.expr | None:
    name = call.entry.name if call.entry is not None else ""
    if name in _CREATES:
        return call.argument(*_CREATES[name])
    if name in ("pathlib.Path.write_text", "pathlib.Path.write_bytes"):
        return call.receiver
    if name in ("builtins.open", "pathlib.Path.open"):
        is_method = name.startswith("pathlib")
        mode = call.code.constant(call.argument("mode", 0 if is_method else 1), call.function)
        writes = isinstance(mode, str) and bool(set(mode) & set("wx"))
        return (call.receiver if is_method else call.argument("file", 0)) if writes else None
    return None


def _plain(node: ast.expr) -> str:
    """A path as written, without `str(…)` and `Path(…)` around it."""
    while isinstance(node, ast.Call) and len(node.args) == 1 and getattr(node.func, "id", "") in ("str", "Path"):
        node = node.args[0]
    return unparse(node)


@per_project
def _makers(project: Project) -> dict[str, Chain]:
    return project.reaching(Effect.NETWORK, Effect.PROCESS, Effect.DISK, Effect.MODEL)


@per_project
def _slow_functions(project: Project) -> dict[str, Chain]:
    return project.reaching(*_SLOW)


def _is_slow(call: Call, code: Code) -> bool:
    if call.entry is not None:
        return call.entry.effect in _SLOW and not call.entry.short
    return call.callee is not None and call.callee.name in _slow_functions(code.project)


def _emptied(call: Call, code: Code) -> Destroyed | None:
    """An `open` that empties a file of the service's own, which is then filled from another machine or a process."""
    node = call.table.parent
    path = _target(call)
    name = call.entry.name if call.entry is not None else ""
    if path is None or not name.endswith("open") or not isinstance(node, ast.With | ast.AsyncWith):
        return None
    keys = shape(path, call.function, code).keys
    if unparse(path).endswith("devnull") or "/dev/null" in code.text_of(path, call.function):
        return None
    if CHOSEN in keys or any(key.endswith("()") for key in keys) or not _is_live(path, call, code):
        return None
    for later in code.calls_in(call.function):
        if node.lineno < later.node.lineno <= (node.end_lineno or 0) and _is_slow(later, code):
            return Destroyed(
                call, path, "empties", [Note(code.location(later.node.func), "the content comes from here")]
            )
    return None
