"""Directories that requests write into: which they are, and whether anything in the project makes them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.core import Note
from brownout.facts.files import handed
from brownout.facts.files.written import writes
from brownout.facts.nodes import last_word
from brownout.facts.paths import CHOSEN, PathShape, shape, words_of
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_SYSTEM = ("/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run", "~", "/etc")
_STEPS = 6
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NO_NAMES = frozenset(
    {"Path", "os", "path", "join", "str", "self", "cls", "parent", "dirname", "parents", "mode", "True"}
)


@dataclass(slots=True)
class Missing:
    """A write below a directory that nothing makes: how the directory is written, and where it is named, if it is."""

    call: Call
    folder: str
    name: str
    is_path: bool
    named: ast.stmt | None


def never_made(code: Code) -> Iterator[Missing]:
    """The writes of a file below a fixed directory that nothing in the project makes."""
    made = _made(code.project)
    for call, path, found in writes(code):
        if not code.in_request(call.function):
            continue
        folder = _folder(found)
        if folder is not None and not any(words <= found.words for words in made):
            yield _missing(call, folder, path)


def _missing(call: Call, folder: str, path: ast.expr) -> Missing:
    """With the module's name for the directory, if it has one."""
    for statement in call.code.module.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value, is_path = statement.value, False
            if isinstance(value, ast.Call) and len(value.args) == 1 and last_word(value) == "Path":
                value, is_path = value.args[0], True
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.rstrip("/") == folder:
                return Missing(call, folder, statement.targets[0].id, is_path, statement)
    elsewhere = _begins_with(path, call)
    if elsewhere is not None and shape(elsewhere, call.function, call.code).literals == [folder]:
        return Missing(call, folder, unparse(elsewhere), True, None)
    return Missing(call, folder, json.dumps(folder), False, None)


def _begins_with(path: ast.expr, call: Call) -> ast.expr | None:
    """What a path that is put together with `/` begins with: `config.UPLOADS`."""
    joined = False
    for _ in range(_STEPS):
        if isinstance(path, ast.BinOp) and isinstance(path.op, ast.Div):
            path, joined = path.left, True
            continue
        bindings = call.function.scope.bindings.get(path.id, ()) if isinstance(path, ast.Name) else ()
        if len(bindings) != 1 or bindings[0].value is None or bindings[0].kind != "assign":
            break
        path = bindings[0].value
    return path if joined and isinstance(path, ast.Name | ast.Attribute) else None


def _folder(shape: PathShape) -> str | None:
    """The fixed directory in front of a path; None where there is none, or it is the system's."""
    if len(shape.keys) < 2 or shape.keys[0][:1] not in "'\"" or (shape.temporary and shape.literals[0] == "/tmp"):
        first = shape.literals[0] if shape.literals and shape.keys and shape.keys[0][:1] in "'\"" else ""
        folder = first.rpartition("/")[0]
        return folder if folder and not _is_system(folder) and first != folder else None
    folder = shape.literals[0]
    if _is_system(folder) or folder in (".", "./", "") or CHOSEN in folder:
        return None
    return folder.rstrip("/")


def _is_system(folder: str) -> bool:
    """Whether a directory is there on any machine, or mounted by whoever runs it: `/tmp/…`, `/srv`, `/data`."""
    return folder.startswith(_SYSTEM) or (folder.startswith("/") and "/" not in folder.strip("/"))


@per_project
def _made(project: Project) -> frozenset[frozenset[str]]:
    """The words of each name and text for which the project makes a directory."""
    found: set[frozenset[str]] = set()
    makers: set[str] = set()
    for module in project.modules:
        for text in module.makes:
            if text.startswith("def "):
                makers.add(text.removeprefix("def "))
                continue
            for part in _NAME.findall(text.partition("exist_ok")[0]):
                if part not in _NO_NAMES:
                    found.add(frozenset(words_of(part)))
    found.discard(frozenset())
    if "?" in makers:  # a list of another file: it may hold any folder
        found.add(frozenset())
    if makers:
        found.update(words for words in _given(makers, project) if words)
    return frozenset(found)


def _given(makers: set[str], project: Project) -> Iterator[frozenset[str]]:
    """The words of the paths that are given to functions which make a directory of a parameter."""
    for module in project.modules:
        for function in module.functions.values():
            for call in function.calls:
                if call.symbol.removesuffix("()").rpartition(".")[2] in makers:
                    yield from (frozenset(found.words) for _key, found in call.paths)
                    names = (form.rpartition(".")[2] for _key, form in call.arguments if form.startswith("@"))
                    yield from (frozenset(words_of(name)) for name in names)


@dataclass(slots=True)
class Relative:
    """A file or database under a path that begins where the process was started."""

    call: Call
    path: str
    notes: list[Note]


@per_project
def _goes_elsewhere(project: Project) -> bool:
    """Whether anything changes the working directory."""
    return any("chdir" in module.practices for module in project.modules)


def relative(code: Code) -> Iterator[Relative]:
    """What requests write or connect to in a file under a relative path that is written out."""
    if _goes_elsewhere(code.project):
        return
    opened = list(writes(code))
    for call in code.index.tagged("sqlite-connect"):
        path = call.argument("database", 0)
        if path is not None:
            opened.append((call, path, shape(path, call.function, code)))
    for call, path, found in opened:
        if code.in_request(call.function):
            given = [(found, list[Note]()), *((one.shape, one.notes) for one in handed.given(path, found, call))]
            for one, notes in given:
                if _is_relative(one):
                    yield Relative(call, one.literals[0], notes)
                    break


def _is_relative(found: PathShape) -> bool:
    """Whether a path begins with a text that names something below the working directory."""
    if not found.literals or found.keys[:1] != [repr(found.literals[0])] or found.unique or found.temporary:
        return False
    first = found.literals[0]
    return _NAME.match(first.removeprefix("./")) is not None and ":" not in first and not found.calls & _ANCHORS


_ANCHORS = frozenset({"resolve", "absolute", "abspath", "realpath", "expanduser"})
