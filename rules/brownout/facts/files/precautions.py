"""What a service with a database or a disk should do somewhere, and this project does nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.databases import sqlite
from brownout.facts.databases.pragmas import is_spare
from brownout.facts.databases.statements import Statement, statements
from brownout.facts.entrypoints import SERVICE_KINDS
from brownout.facts.failing.failures import stops
from brownout.facts.files.files import PROGRESS, accesses
from brownout.facts.files.loads import Load, is_packaged, loads
from brownout.facts.paths import CHOSEN, PathShape, shape, words_of
from brownout.facts.project import Project, per_project
from brownout.facts.rows import caught
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_OPENS = frozenset(
    "init initialize initialise setup open connect start startup bootstrap migrate create prepare ensure".split()
)
_CREATES = re.compile(r"CREATE\s+TABLE\s+IF\s+NOT\s+EXISTS", re.IGNORECASE)
_CHECKS = re.compile(
    r"validate|isinstance|schema|checksum|sha256|sha1|md5|hexdigest|crc32|digest|version|TypeAdapter|parse_obj|"
    r"load_state_dict\((\w+|torch\.load\(.*)\)|from_dict|structure|decode_|convert\(|issubset|REQUIRED"
)
_RENDERS = frozenset({"convert_from_path", "convert_from_bytes"})
_STORES = _RENDERS | {"copyfileobj", "write", "write_bytes", "save", "copyfile"}
_LOGS = frozenset("log logs cache caches cached tmp temp".split())


def does(project: Project, practice: str) -> bool:
    """Whether any file of the project but its tests does something."""
    return practice in _practices(project)


@per_project
def _practices(project: Project) -> frozenset[str]:
    return frozenset(practice for module in project.modules if not module.is_test for practice in module.practices)


@per_project
def is_service(project: Project) -> bool:
    """Whether the project runs on: it has routes, workers, schedules, or something that starts it as a service."""
    kinds = SERVICE_KINDS | {"startup", "lifespan"}
    return any(point.kind in kinds for points in project.entry_points.values() for point in points)


def unchecked_openings(code: Code) -> Iterator[Call]:
    """The first connection of a file where the service sets its database up, in a project without checks."""
    if not is_service(code.project) or does(code.project, "integrity-check"):
        return
    for call in _files(code):
        creates = any(one.verb == "CREATE" for one in statements(code, call.function))
        starts = bool(code.kinds(call.function) & {"startup", "lifespan"})
        named = not words_of(call.function.name).isdisjoint(_OPENS)
        if (creates or starts or named or call.function.name == "<module>") and not _is_disposable(call):
            yield call
            return


def _files(code: Code) -> Iterator[Call]:
    for call in code.library_calls:
        if sqlite.opens_file(call) and code.judged(call.function):
            yield call


def _is_disposable(call: Call) -> bool:
    """Whether the database can be made again: a cache, an index, a scratch file."""
    path = call.argument("database", 0) or call.argument("url", 0)
    text = call.code.text_of(path, call.function) + (f" {unparse(path)}" if path is not None else "")
    owner = call.function.owner.name if call.function.owner is not None else ""
    return is_spare(text) or is_spare(owner) or is_spare(call.function.name)


def unversioned_schemas(code: Code) -> Iterator[Statement]:
    """The first statement of a file that makes a table if there is none, in a project that knows no schema version."""
    if not is_service(code.project) or does(code.project, "schema-version"):
        return
    for statement in statements(code):
        function = statement.call.function
        if _CREATES.search(statement.sql) and code.judged(function):
            connects = [call for call in _files(code) if call.function is function]
            owner = function.owner.name if function.owner is not None else ""
            memory = [call for call in code.calls_in(function) if call.has("sqlite-connect")]
            if any(_is_disposable(call) for call in connects) or is_spare(owner) or (memory and not connects):
                continue
            yield statement
            return


def unsaved_databases(code: Code) -> Iterator[Call]:
    """The first connection of a file to a database that nothing in the project ever backs up."""
    if not is_service(code.project) or does(code.project, "database-backup"):
        return
    for call in _files(code):
        if not _is_disposable(call):
            yield call
            return


def blind_writes(code: Code) -> Iterator[Call]:
    """The calls of a file that store what a request brings, unguarded, in a project that never asks for free space."""
    if does(code.project, "space-check"):
        return
    handles = {(id(one.call.function), one.handle) for one in accesses(code) if one.writes and one.handle}
    binary = {(id(one.call.function), one.handle) for one in accesses(code) if one.writes and "b" in one.mode}
    for call in _calls_in_requests(code):
        last = call.name.rpartition(".")[2]
        if last not in _STORES:
            continue
        if last in _RENDERS and call.argument("output_folder") is None:
            continue
        receiver = getattr(call.receiver, "id", None)
        if last == "write" and (id(call.function), receiver) not in handles & binary:
            continue
        if last == "save" and not (call.has("image-parse") or (call.target or "").startswith("PIL.")):
            continue
        if last in ("write", "write_bytes") and (not call.node.args or isinstance(call.node.args[0], ast.Constant)):
            continue
        if not _is_guarded(call, "OSError"):
            yield call


def _calls_in_requests(code: Code) -> Iterator[Call]:
    for function in code.requested:
        yield from code.calls_in(function)


def _is_guarded(call: Call, kind: str) -> bool:
    links = call.code.project.links
    caught = call.row.caught if call.row is not None else _caught(call)
    return any(stops(caught, one, links) for one in (kind, "Exception"))


def _caught(call: Call) -> tuple[str, ...]:
    """The handlers around a call whose callee is not known."""
    return caught(call.table.block, call.table.scope, call.code.names)


def piling_up(code: Code) -> Iterator[Call]:
    """The writes of a file that make a new file for every request or job, in a project that removes nothing."""
    if does(code.project, "deletion") or not is_service(code.project):
        return
    seen: set[str] = set()
    for call, path in _made(code):
        if not code.serves(call.function) or path.words & _LOGS:
            continue
        if (path.unique or CHOSEN in path.keys) and path.key not in seen:
            seen.add(path.key)
            yield call


def _made(code: Code) -> Iterator[tuple[Call, PathShape]]:
    """The calls of a file that make a file, and its path: opened to be written, copied, saved by an imaging library."""
    for access in accesses(code):
        if access.writes:
            yield access.call, access.shape
    for call in code.calls:
        target = None
        if call.has("copy") and not call.name.endswith("copyfileobj"):
            target = call.argument("dst", 1)
        elif call.name.endswith(".save") and call.name.startswith("PIL."):
            target = call.argument("fp", 0)
        if target is not None:
            yield call, shape(target, call.function, code)


def trusted_checkpoints(code: Code) -> Iterator[Load]:
    """The loads of checkpoints whose content the function uses or gives back as it is."""
    for load in loads(code):
        function = load.call.function
        if not load.shape.words & PROGRESS or not code.judged(function) or is_packaged(load):
            continue
        if not _looks(function, load, code):
            yield load


def _looks(function: Function, load: Load, code: Code) -> bool:
    """Whether the function looks at what it has loaded: its type, its keys, a version, a checksum."""
    text = unparse(function.node)
    if _CHECKS.search(text) or ".get(" in text:
        return True
    for call in code.calls_in(function):
        if call.last[:1].isupper() and any(keyword.arg is None for keyword in call.node.keywords):
            return True
    return _is_guarded(load.call, "KeyError")
