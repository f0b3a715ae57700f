"""Files that are put in place by a replace: where the new one was made, and whether it has reached the disk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts.files.files import OUTPUT, Access, accesses
from brownout.facts.files.ownership import bound_names, derived, mentions
from brownout.facts.nodes import last_word
from brownout.facts.paths import shape
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_FLEETING = frozenset("status cache cached heartbeat pid lock log logs metrics thumbnail preview stat stats".split())
_MAKERS = {
    "tempfile.mkstemp": 2,
    "tempfile.NamedTemporaryFile": 7,
    "tempfile.mkdtemp": 2,
    "tempfile.TemporaryDirectory": 2,
}
_PLACES = frozenset("tmp temp temporary tempdir gettempdir".split())


@dataclass(slots=True)
class Replace:
    """A call that puts the file `source` in the place of `target`."""

    call: Call
    source: ast.expr
    target: ast.expr
    moves: bool


def replaces(code: Code) -> Iterator[Replace]:
    """The calls of a file that rename or move one file onto another."""
    for call in code.library_calls:
        name = call.entry.name if call.entry is not None else ""
        if name in ("os.replace", "os.rename", "shutil.move"):
            source, target = call.argument("src", 0), call.argument("dst", 1)
        elif name in ("pathlib.Path.replace", "pathlib.Path.rename"):
            source, target = call.receiver, call.argument("target", 0)
        else:
            continue
        if source is not None and target is not None and code.judged(call.function):
            yield Replace(call, source, target, name == "shutil.move")


@dataclass(slots=True)
class Unsynced:
    """A replace whose new file may not be on the disk yet; `block` is the `with` that writes it."""

    replace: Replace
    block: ast.With | None
    handle: str | None
    notes: list[Note]


def unsynced(code: Code) -> Iterator[Unsynced]:
    """The replaces of a file whose new content was written by the same function and not synced."""
    found: list[Access] | None = None
    for replace in replaces(code):
        function = replace.call.function
        if replace.moves or _syncs(function, code) or _is_fleeting(replace, code):
            continue
        found = [one for one in accesses(code) if one.writes] if found is None else found
        names = _names(replace.source)
        for access in found:
            if access.call.function is function and access.call.node.lineno < replace.call.node.lineno:
                if _is_same(access, replace, names, code):
                    block = access.with_node if isinstance(access.with_node, ast.With) else None
                    note = Note(code.location(access.call.node.func), "it is written here")
                    yield Unsynced(replace, block, access.handle, [note])
                    break
        else:
            yield from _from_temporary(replace, names, code)


def _from_temporary(replace: Replace, names: set[str], code: Code) -> Iterator[Unsynced]:
    """The same for a file that `tempfile` has made, open from the start."""
    for call in code.calls_in(replace.call.function):
        if call.name in ("tempfile.NamedTemporaryFile", "tempfile.mkstemp"):
            held = bound_names(call)
            if names & derived(held, call.function):
                parent = call.table.parent
                note = Note(code.location(call.node.func), "it is made here")
                if isinstance(parent, ast.With) and len(held) == 1:
                    yield Unsynced(replace, parent, next(iter(held)), [note])
                else:
                    yield Unsynced(replace, *_opened_from(held, replace, code), [note])
                return


def _opened_from(held: set[str], replace: Replace, code: Code) -> tuple[ast.With | None, str | None]:
    """The `with os.fdopen(number) as file` that writes what `mkstemp` has made, and the name of the file."""
    for call in code.calls_in(replace.call.function):
        parent = call.table.parent
        first = call.node.args[0] if call.text == "os.fdopen" and call.node.args else None
        if isinstance(first, ast.Name) and first.id in held and isinstance(parent, ast.With):
            name = parent.items[0].optional_vars
            if len(parent.items) == 1 and isinstance(name, ast.Name):
                return parent, name.id
    return None, None


def _is_same(access: Access, replace: Replace, names: set[str], code: Code) -> bool:
    written = _names(access.path)
    if names & written and not written <= _names(replace.target) - names:
        return True
    key = shape(replace.source, replace.call.function, code).key
    return bool(key) and "$" not in key and key == access.shape.key


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)} - {"os", "Path", "str", "self"}


def _syncs(function: Function, code: Code) -> bool:
    """Whether the function, or one of the project that it calls, waits until the disk has the data."""
    for call in code.calls_in(function):
        handed = [part for part in call.node.args[:2] if isinstance(part, ast.Name | ast.Attribute)]
        if any("fsync" in last_word(part) for part in handed):
            return True  # `to_thread(os.fsync, …)`
        last = call.last.lower()
        if "fsync" in last or "fdatasync" in last or last in ("sync", "sync_file", "durable"):
            return True
        if call.callee is not None and any("fsync" in row.text for row in call.callee.calls):
            return True
    return False


def _is_fleeting(replace: Replace, code: Code) -> bool:
    """Whether the file may be lost: a cache, a status, an output that is made again."""
    function = replace.call.function
    words = shape(replace.target, function, code).words | shape(replace.source, function, code).words
    owner = function.owner.name if function.owner is not None else ""
    words |= {word.lower() for word in function.name.split("_")} | ({"cache"} if "cache" in owner.lower() else set())
    return bool(words & _FLEETING) or bool(words & OUTPUT and not words & {"state", "checkpoint", "config", "manifest"})


@dataclass(slots=True)
class CrossDevice:
    """A replace onto a target from the default temporary directory; `made` is the call that made the file, if any."""

    replace: Replace
    made: Call | None
    position: int
    fixable: bool


def cross_device(code: Code) -> Iterator[CrossDevice]:
    """The replaces of a file whose source lies in the default temporary directory, and whose target does not."""
    for replace in replaces(code):
        function = replace.call.function
        names = _names(replace.source)
        if _in_temporary_place(replace.target, function, code):
            continue
        if _in_default_directory(replace.source, function, code):
            yield CrossDevice(replace, None, 0, False)
            continue
        for made in code.calls_in(function):
            position = _MAKERS.get(made.name)
            if position is None or made.unpacks or made.argument("dir", position) is not None:
                continue
            ours = derived(bound_names(made), function)
            if not (names & ours) or mentions(replace.target, ours):
                continue
            yield CrossDevice(replace, made, position, _is_known_before(replace.target, made))
            break


def _in_temporary_place(target: ast.expr, function: Function, code: Code) -> bool:
    found = shape(target, function, code)
    text = " ".join(found.literals)
    return bool(found.words & _PLACES or "/tmp/" in text or found.calls & {"gettempdir", "mkdtemp"})


def _in_default_directory(source: ast.expr, function: Function, code: Code) -> bool:
    """Whether a path lies in the default temporary directory by its text: `gettempdir()`, `/tmp/…`."""
    found = shape(source, function, code)
    first = found.literals[0] if found.literals else ""
    return "gettempdir" in found.calls or first.startswith(("/tmp/", "/var/tmp/"))


def _is_known_before(target: ast.expr, made: Call) -> bool:
    """Whether the target is a plain name or attribute that has its value before the temporary file is made."""
    if not isinstance(target, ast.Name | ast.Attribute) or made.name in (
        "tempfile.mkdtemp",
        "tempfile.TemporaryDirectory",
    ):
        return False
    if isinstance(target, ast.Attribute):
        return True
    bindings = made.function.scope.bindings.get(target.id, ())
    return all(getattr(binding.node, "lineno", 0) < made.node.lineno for binding in bindings)
