"""Files that are SQLite databases: known by the `connect` that opens them or by their name; copied, moved, removed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.databases.statements import statements
from brownout.facts.files.loads import content_of, path_of_handle
from brownout.facts.paths import PathShape, shape, words_of
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function, Row

_SUFFIX = re.compile(r"\.(db|sqlite|sqlite3|db3)(-wal|-shm)?$|-(wal|shm)$", re.IGNORECASE)
_NOT_LIVE = frozenset(
    "backup backups bak snapshot copy copied template seed fixture default example sample initial packaged vacuum "
    "vacuumed download downloaded upload uploaded import imported staged new incoming export exported".split()
)
_SPARE = frozenset("cache caches cached index scratch throwaway".split())
_COPIES = frozenset({"shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.move", "shutil.copyfileobj"})
_REMOVES = frozenset(
    "os.remove os.unlink os.rename os.replace shutil.move pathlib.Path.unlink pathlib.Path.rename "
    "pathlib.Path.replace".split()
)
_BROKEN = frozenset({"sqlite3.DatabaseError", "sqlite3.Error", "sqlite3.OperationalError"})
_SAVES = re.compile(r"copy|backup|back_up|quarantine|archive|salvage|preserve", re.IGNORECASE)
_TELLS = frozenset({"warning", "error", "exception", "critical", "capture_exception", "capture_message"})
_ASIDE = re.compile(r"corrupt|broken|bad|bak|backup|quarantine|old|damaged", re.IGNORECASE)


@dataclass(slots=True)
class Copied:
    """A call that copies or moves a live database as a file; `source` is the path that it reads."""

    call: Call
    source: ast.expr
    plain: bool


def opened_keys(code: Code) -> set[str]:
    """The identities of the paths that the file opens as databases."""
    found = set[str]()
    for call in code.index.tagged("sqlite-connect"):
        if call.has("sqlite-connect") and (path := call.argument("database", 0)) is not None:
            found.add(shape(path, call.function, code).key)
            owner = call.function.owner
            if owner is not None and isinstance(path, ast.Name):  # self.path = path
                found |= {
                    f"{code.names.full(owner.qualname)}.{name}"
                    for name, bindings in owner.attributes.items()
                    if any(isinstance(one.value, ast.Name) and one.value.id == path.id for one, _ in bindings)
                }
    return found - {"", "$"}


def is_database(path: PathShape, opened: set[str]) -> bool:
    """Whether a path is that of a database: opened here, or named so."""
    if path.key in opened:
        return True
    text = path.literals[-1] if path.literals else ""
    return bool(_SUFFIX.search(text))


@per_project
def speaks_sqlite(project: Project) -> bool:
    """Whether any file of the project opens SQLite databases."""
    names = {"sqlite3", "aiosqlite", "sqlalchemy", "peewee", "sqlmodel"}
    return any(not names.isdisjoint(module.imported) for module in project.modules if not module.is_test)


@per_project
def _opened_symbols(project: Project) -> frozenset[str]:
    """The names of constants, anywhere in the project, that are opened as databases."""
    targets = project.calls_by_target
    rows = [*targets.get("sqlite3.connect", ()), *targets.get("aiosqlite.connect", ())]
    forms = (form for _, row in rows for key, form in row.arguments if key in (0, "database"))
    return frozenset(form[1:] for form in forms if form.startswith("@"))


def copies(code: Code) -> Iterator[Copied]:
    """The calls of a file that copy a live database as if it were an ordinary file."""
    opened: set[str] | None = None
    for call in code.calls if speaks_sqlite(code.project) else ():
        source = _source(call)
        if source is None or not code.judged(call.function):
            continue
        if "test" in words_of(call.function.qualname):
            continue  # the database of a test run, made ready by those who run it
        opened = opened_keys(code) if opened is None else opened
        found = shape(source, call.function, code)
        named = not code.module.imported.isdisjoint(("sqlite3", "aiosqlite")) and _is_named(found)
        if not (named or is_database(found, opened) or found.key in _opened_symbols(code.project)):
            continue
        if found.temporary or found.unique or found.words & _NOT_LIVE or _is_closed(call, found, code):
            continue
        yield Copied(call, source, _is_plain(call))


def _source(call: Call) -> ast.expr | None:
    """The path that a call reads as a whole: `copy2(db, …)`, `out.write_bytes(db.read_bytes())`."""
    name = call.entry.name if call.entry is not None else ""
    if name == "shutil.copyfileobj":
        return path_of_handle(call.argument("fsrc", 0), call)
    if name in _COPIES:
        return call.argument("src", 0)
    last = call.last
    if last in ("write_bytes", "write") and call.node.args:
        return content_of(call.node.args[0], call)
    return None


def _is_plain(call: Call) -> bool:
    """Whether the call copies one file onto another, both of which it names."""
    if call.entry is None or call.unpacks or len(call.node.args) != 2 or call.node.keywords:
        return False
    if call.entry.name == "shutil.copyfile":
        return True
    target = shape(call.node.args[1], call.function, call.code)
    return call.entry.name in ("shutil.copy", "shutil.copy2") and bool(target.suffix)


def _is_closed(call: Call, path: PathShape, code: Code) -> bool:
    """Whether the function closes its connection to the database before, or copies what SQLite has written out."""
    function = call.function
    for one in code.calls_in(function):
        last = one.text.rpartition(".")[2]
        if one.node.lineno < call.node.lineno and last in ("close", "dispose", "backup", "shutdown", "disconnect"):
            return True
    for statement in statements(code, function):
        if "VACUUM INTO" in statement.sql.upper() or statement.sql.upper().startswith("BEGIN"):
            return True
    for row in code.module.withs:
        node = row.node
        if row.function is function and isinstance(node, ast.With | ast.AsyncWith):
            closes = any("closing(" in unparse(item.context_expr) for item in node.items)
            if closes and (node.end_lineno or 0) < call.node.lineno:
                return True
    return False


@dataclass(slots=True)
class Destroyed:
    """A call in a handler of SQLite's errors that takes the database away."""

    call: Call
    caught: str


def destroyed_when_broken(code: Code) -> Iterator[Destroyed]:
    """The calls of a file that remove or rename a database because SQLite has complained about it."""
    opened: set[str] | None = None
    for row in code.module.tries if code.index.entries(_REMOVES) else ():
        node = row.node
        if not isinstance(node, ast.Try | ast.TryStar) or not code.judged(row.function):
            continue
        for handler in node.handlers:
            if not _is_of_sqlite(handler, row, code):
                continue
            opened = opened_keys(code) if opened is None else opened
            told = _is_told(handler)
            for call in _within(handler, row.function, code):
                if _takes_away(call, opened, code, told=told) and not _saved_before(call, handler, row.function, code):
                    yield Destroyed(call, unparse(handler.type) if handler.type is not None else "everything")


def _is_of_sqlite(handler: ast.ExceptHandler, row: Row, code: Code) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return any(code.target(node, row.function) in _BROKEN for node in types)


def _within(handler: ast.ExceptHandler, function: Function, code: Code) -> Iterator[Call]:
    for call in code.calls_in(function):
        if handler.lineno < call.node.lineno <= (handler.end_lineno or 0):
            yield call


def _takes_away(call: Call, opened: set[str], code: Code, *, told: bool) -> bool:
    """Whether a call removes or moves a database; putting it aside and saying so is how it should be done."""
    name = call.entry.name if call.entry is not None else ""
    if name not in _REMOVES:
        return False
    is_method = name.startswith("pathlib.")
    path = call.receiver if is_method else call.argument("path" if "rename" not in name else "src", 0)
    if path is None:
        return False
    found = shape(path, call.function, code)
    if found.words & _SPARE or found.temporary or not (is_database(found, opened) or _is_named(found)):
        return False
    target = call.node.args[0 if is_method else 1] if len(call.node.args) > (0 if is_method else 1) else None
    return target is None or not _ASIDE.search(unparse(target)) or not told


def _is_told(handler: ast.ExceptHandler) -> bool:
    """Whether the handler tells somebody: it logs more than a debug line."""
    calls = (part.func for part in walk(handler) if isinstance(part, ast.Call))
    return any(isinstance(func, ast.Attribute) and func.attr in _TELLS for func in calls)


def _is_named(path: PathShape) -> bool:
    return bool(path.words & {"db", "database", "sqlite", "wal", "shm"})


def _saved_before(call: Call, handler: ast.ExceptHandler, function: Function, code: Code) -> bool:
    return any(
        one.node.lineno < call.node.lineno and _SAVES.search(one.text.rpartition(".")[2])
        for one in _within(handler, function, code)
    )
