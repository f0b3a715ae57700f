"""Files that are read back into objects: which call loads them, from which path, and who handles a broken one."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts.failing.failures import stops
from brownout.facts.files.files import KEEPERS, OUTPUT, PROGRESS, STATE, accesses
from brownout.facts.files.handed import given, kept_by, written_to
from brownout.facts.files.replacing import replaces
from brownout.facts.paths import CHOSEN, PathShape, shape, words_of

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.link import Links
    from brownout.facts.summary import FunctionSummary

_FROM_PATH = {
    "torch.load": "f",
    "numpy.load": "file",
    "joblib.load": "filename",
    "pandas.read_pickle": "filepath_or_buffer",
}
_PARSERS = frozenset(
    {"model_validate_json", "parse_raw", "from_json", "safe_load", "full_load", "loads", "load", "decode"}
)
_SETTINGS = frozenset(
    "config configuration settings preferences prefs credentials token tokens catalog registry alias aliases".split()
)
_MODELS = frozenset("dict model models weights artifact artifacts tokenizer".split())
_PACKAGED = frozenset("__file__ resources package static assets fixtures templates schema schemas locale".split())
_DECODING = re.compile(r"(Decod|Pars|YAML|Unpickl|Validation|Corrupt)\w*(Error|Exception)")
"""What parsers call the error of a broken file, whichever parser it is."""
_ERRORS = ("ValueError", "json.JSONDecodeError", "pickle.UnpicklingError", "EOFError", "RuntimeError")
_GIVEN = frozenset({"manifest"})
"""Names of what others give a service to read as often as of its own state."""
_DEPTH = 5


@dataclass(slots=True)
class Load:
    """One loading of a file; `why` says why the file is the service's state."""

    call: Call
    path: ast.expr
    shape: PathShape
    why: str = ""
    notes: list[Note] = field(default_factory=list[Note])
    """Where a caller gives the path, if that is what makes it the service's state."""


def loads(code: Code) -> Iterator[Load]:
    """The calls of a file that parse the whole content of a file of the disk."""
    for call in code.calls:
        path = loaded_path(call)
        if path is not None:
            yield Load(call, path, shape(path, call.function, code))


def loaded_path(call: Call) -> ast.expr | None:
    """The path whose content a call turns into objects."""
    name = call.entry.name if call.entry is not None else ""
    if name in _FROM_PATH:
        given = call.argument(_FROM_PATH[name], 0)
        return path_of_handle(given, call) or given
    if not call.has("load") and name.rpartition(".")[2] not in _PARSERS:
        return None
    first = call.node.args[0] if call.node.args else None
    if first is None or isinstance(first, ast.Starred):
        return None
    return path_of_handle(first, call) or content_of(first, call)


def content_of(node: ast.expr, call: Call) -> ast.expr | None:
    """The path whose whole content an expression is: `path.read_text()`, `file.read()`, or a name given one of them."""
    if isinstance(node, ast.Name):
        values = [binding.value for binding in call.function.scope.bindings.get(node.id, ())]
        node = values[0] if len(values) == 1 and values[0] is not None else node
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr in ("read_text", "read_bytes"):
        return node.func.value
    return path_of_handle(node.func.value, call) if node.func.attr == "read" and not node.args else None


def path_of_handle(node: ast.expr | None, call: Call) -> ast.expr | None:
    """The path behind an open file: of `open(path)`, or of a name that was given one."""
    if isinstance(node, ast.Name):
        values = [binding.value for binding in call.function.scope.bindings.get(node.id, ())]
        node = next(
            (value for value in reversed(values) if value is not None and value.lineno <= call.node.lineno), None
        )
    opening = call.code.call_of(node)
    if opening is None or opening.entry is None:
        return None
    name = opening.entry.name
    if name == "pathlib.Path.open":
        return opening.receiver
    is_open = name in ("builtins.open", "io.open", "gzip.open", "aiofiles.open", "codecs.open", "bz2.open", "lzma.open")
    return opening.argument("file" if name == "builtins.open" else "filename", 0) if is_open else None


def state_loads(code: Code) -> Iterator[Load]:
    """The loads of files that the service writes itself, or that are named as its state."""
    written: list[PathShape] | None = None
    for load in loads(code):
        if not code.judged(load.call.function):
            continue
        if written is None:
            written = [one.shape for one in accesses(code) if one.writes]
            written += [shape(one.target, one.call.function, code) for one in replaces(code)]
        if is_packaged(load) and not any(one.key == load.shape.key for one in written):
            continue  # beside the program lies also what the program writes
        owner = load.call.function.owner
        load.shape.words |= words_of(owner.name) & KEEPERS if owner is not None else set()
        load.why = _why(load.shape, written)
        if not load.why:
            load.why, load.notes = _why_given(load, code)
        if load.why:
            yield load


def _why_given(load: Load, code: Code) -> tuple[str, list[Note]]:
    """Why the file that some caller gives is the service's state, where that caller does not expect it damaged."""
    for one in given(load.path, load.shape, load.call):
        if (
            _expects_damage(one.caught, code.project.links)
            or is_shipped(one.shape)
            or _callers_guard(one.caller, code, 0)
        ):
            continue
        if one.shape.key in written_to(code.project):
            return "the service writes it", one.notes
        file = one.shape
        if file.literals:
            file = PathShape(words_of(file.literals[-1]) | kept_by(file, one.caller), file.keys)
        if why := _why(file, ()):
            return why, one.notes
    return "", []


def _why(found: PathShape, written: Collection[PathShape]) -> str:
    if found.temporary or found.unique or found.words & _MODELS:
        return ""
    name = words_of(found.literals[-1]) if found.literals else set[str]()
    made = any("[" in key for key in found.keys) or (any("(" in key for key in found.keys) and not name)
    made = made or any(key.isidentifier() and key.islower() for key in found.keys)  # a name of this function only
    if any(one.key == found.key for one in written) and CHOSEN not in found.keys and not made and not name & _SETTINGS:
        return "the service writes it"
    foreign = _GIVEN.difference(*(one.words for one in written))
    named = sorted(found.words & PROGRESS - foreign) if not name & _SETTINGS else []
    if not named and CHOSEN not in found.keys and not found.words & (OUTPUT | _SETTINGS):
        named = sorted(found.words & STATE - foreign)
    return f"it is named *{named[0]}*" if named else ""


def is_packaged(load: Load) -> bool:
    """Whether the file comes with the program, so that it is as it was shipped."""
    return is_shipped(load.shape)


def is_shipped(found: PathShape) -> bool:
    """Whether a path lies where the program's own files are."""
    return any(key.endswith("__file__") for key in found.keys) or not _PACKAGED.isdisjoint(found.words)


def is_guarded(call: Call) -> bool:
    """Whether a handler stops the failure of parsing a file: around the call, or around every call of its function."""
    links = call.code.project.links
    if call.row is not None and _expects_damage(call.row.caught, links):
        return True
    summary = call.code.summary(call.function)
    return summary is not None and _callers_guard(summary, call.code, 0)


def _expects_damage(caught: tuple[str, ...], links: Links) -> bool:
    """Whether handlers for these types deal with a file that cannot be parsed."""
    return any(_DECODING.search(kind) for kind in caught) or any(stops(caught, kind, links) for kind in _ERRORS)


def _callers_guard(summary: FunctionSummary, code: Code, depth: int) -> bool:
    callers = code.project.graph.callers.get(summary.name, ())
    if not callers or depth > _DEPTH:
        return False
    for edge in callers:
        if not _expects_damage(edge.row.caught, code.project.links) and not _callers_guard(
            edge.caller, code, depth + 1
        ):
            return False
    return True
