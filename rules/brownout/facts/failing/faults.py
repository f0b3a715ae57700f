"""What can go wrong at one call, and how the call shows it: by raising, by its result, by waiting, or not at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.databases.sqlite import sets_wal
from brownout.facts.failing.dependencies import FILE_SYSTEM, HTTP, SOCKET, Dependency, dependency
from brownout.facts.files.files import Access, accesses, only_created, replaced_later
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.catalog import Entry
    from brownout.facts.call import Call


class Failure(StrEnum):
    """How a dependency fails."""

    HANGS = "hangs"
    REFUSES = "refuses"
    ERRORS = "errors"
    FULL = "full"
    LOCKED = "locked"


class Shown(StrEnum):
    """How a call shows the failure."""

    RAISED = "raised"
    HIDDEN = "hidden"
    """By its result, at which nobody looks."""
    LOOKED_AT = "looked at"
    """By its result, and the code looks at it."""
    OVERWRITTEN = "overwritten"
    """What was there before is gone already."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which one call fails: `kinds` are what it raises, `at` is the call that shows it."""

    dependency: Dependency
    failure: Failure
    shown: Shown
    kinds: tuple[str, ...]
    at: Call
    writes: bool = False
    note: str = ""
    roots: tuple[str, ...] = ()
    """What the library raises at all, where `kinds` are narrower."""


_ABSENT = re.compile(r"NotFound|NotInstalled|Connect|Unreachable|Unavailable")
_SLOW = re.compile(r"Timeout|TimedOut|Deadline")
_SQL_WRITE = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|VACUUM)\b", re.IGNORECASE)
_NO_FILE = re.compile(
    r"\s*(SELECT\s+(?!.*\b(FROM|JOIN)\b)[\w\s,.()'*+-]+|"
    r"PRAGMA\s+(foreign_keys|busy_timeout|cache_size|temp_store|synchronous|recursive_triggers)\s*=\s*\w+)\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_DISK_WRITE = re.compile(
    r"(^|\.)(write_text|write_bytes|mkdir|makedirs|touch|copy|copy2|copyfile|copytree|copyfileobj|move|write|writelines|"
    r"NamedTemporaryFile|TemporaryFile|TemporaryDirectory|mkstemp|mkdtemp|make_archive|unpack_archive|extractall|symlink_to)$"
)
_LOOKS = re.compile(r"\.(status_code|status|ok|is_success|is_error|reason)\b")
_PROCESSES = frozenset({"subprocess", "os", "asyncio", "anyio", "trio"})


def faults(call: Call) -> Iterator[Fault]:
    """Every way in which a call fails."""
    found = dependency(call)
    entry = call.entry
    if found is None or entry is None:
        return
    if entry.writes and entry.effect is Effect.CPU:
        yield from _written(call, entry)
    if found.name == SOCKET:
        if entry.raises:
            yield Fault(found, Failure.ERRORS, Shown.RAISED, _plain(entry.raises), call)
    elif found.name == "SQLite":
        yield from _sqlite(call, found, entry)
    elif found.name == FILE_SYSTEM:
        yield from _disk(call, found, entry)
    elif entry.effect is Effect.PROCESS:
        yield from _process(call, found, entry)
    elif entry.effect is Effect.MODEL:
        for failure in (Failure.ERRORS, *([Failure.REFUSES] if "hub-download" in entry.tags else [])):
            if entry.raises:
                yield Fault(found, failure, Shown.RAISED, _plain(entry.raises), call)
    elif entry.effect is Effect.CPU or "image-parse" in entry.tags:
        yield from _waits(call, found, entry)
        yield Fault(found, Failure.ERRORS, Shown.RAISED, _kinds(entry, Failure.ERRORS), call)
    else:
        yield from _remote(call, found, entry)


def _remote(call: Call, found: Dependency, entry: Entry) -> Iterator[Fault]:
    writes = entry.writes
    yield from _waits(call, found, entry, writes)
    if not entry.raises:
        shown = Shown.UNKNOWN if entry.blocks or entry.awaits else Shown.LOOKED_AT
        yield Fault(found, Failure.REFUSES, shown, (), call, writes, "the catalog does not say what it raises")
        return
    yield Fault(found, Failure.REFUSES, Shown.RAISED, _kinds(entry, Failure.REFUSES), call, writes)
    if entry.library in HTTP and entry.library not in ("urllib", "http"):
        yield _status(call, found, entry)
    else:
        yield Fault(found, Failure.ERRORS, Shown.RAISED, _kinds(entry, Failure.ERRORS), call, writes)


def _waits(call: Call, found: Dependency, entry: Entry, writes: bool = False) -> Iterator[Fault]:
    """The fault of a call that waits: what becomes of it depends on the limits around it."""
    local = entry.effect in (Effect.CPU, Effect.DISK)
    if entry.timeout is not None or (not local and (entry.blocks or entry.awaits)):
        kinds = _kinds(entry, Failure.HANGS)
        yield Fault(found, Failure.HANGS, Shown.RAISED, kinds, call, writes)


def _kinds(entry: Entry, failure: Failure) -> tuple[str, ...]:
    """What a library raises for a failure: those of its exceptions whose names say so, else all but those of others."""
    kinds = _plain(entry.raises)
    if entry.library in ("subprocess", "os") and entry.effect is Effect.PROCESS:
        named = {
            Failure.HANGS: "subprocess.TimeoutExpired",
            Failure.ERRORS: "subprocess.CalledProcessError",
            Failure.REFUSES: "OSError",
        }
        return (named[failure],)
    slow = tuple(kind for kind in kinds if _SLOW.search(kind))
    absent = tuple(kind for kind in kinds if _ABSENT.search(kind))
    rest = tuple(kind for kind in kinds if kind not in slow and kind not in absent)
    if failure is Failure.HANGS:
        return slow or rest or kinds
    if failure is Failure.REFUSES:
        return absent or rest or kinds
    return rest or kinds


def _plain(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kind.removeprefix("builtins.") for kind in kinds)


def _status(call: Call, found: Dependency, entry: Entry) -> Fault:
    """An answer such as 503: raised only where the code asks for it, or looks at the status."""
    raised = (entry.raises[0],)
    if "raise_for_status" in unparse(call.node) or _raises_everywhere(call):
        return Fault(found, Failure.ERRORS, Shown.RAISED, raised, call, entry.writes)
    for other in call.code.calls_in(call.function):
        if other.text.endswith(".raise_for_status") and other.node.lineno >= call.node.lineno:
            kinds = _plain(other.entry.raises) if other.entry is not None and other.entry.raises else raised
            return Fault(found, Failure.ERRORS, Shown.RAISED, kinds, other, entry.writes, roots=entry.raises)
    if _LOOKS.search(unparse(call.function.node)):
        return Fault(found, Failure.ERRORS, Shown.LOOKED_AT, (), call, note="the status of the answer is looked at")
    returned = (value.value if isinstance(value, ast.Await) else value for value in call.function.returns)
    if any(call.node is value for value in returned):
        return Fault(found, Failure.ERRORS, Shown.UNKNOWN, (), call, note="the answer is handed to the caller unread")
    note = "nobody looks at the status: a 503 passes for an answer"
    return Fault(found, Failure.ERRORS, Shown.HIDDEN, (), call, note=note)


def _raises_everywhere(call: Call) -> bool:
    rows = call.code.project.calls_by_target.get("aiohttp.ClientSession", [])
    return call.name.startswith("aiohttp.") and any(
        key == "raise_for_status" for _, row in rows for key, _ in row.arguments
    )


def _sqlite(call: Call, found: Dependency, entry: Entry) -> Iterator[Fault]:
    if reads_no_file(call):
        return
    kinds = _plain(entry.raises)
    writes = _is_sql_write(call, entry)
    runs = entry.writes or not {"execute", "commit"}.isdisjoint(entry.tags) or entry.library not in ("sqlite3",)
    if runs and (writes or not sets_wal(call.code.project)):
        yield Fault(found, Failure.LOCKED, Shown.RAISED, kinds, call, writes)
    if writes:
        yield Fault(found, Failure.FULL, Shown.RAISED, kinds, call, writes)
    yield Fault(found, Failure.ERRORS, Shown.RAISED, kinds, call, writes)


def reads_no_file(call: Call) -> bool:
    """Whether a statement is answered without a look at the file: `SELECT 1`, or a setting of the connection.

    SQLite opens a file lazily: such a statement succeeds while the database is locked, corrupt or gone.
    """
    made = call.code.call_of(call.receiver) if call.receiver is not None else None
    if made is not None and call.name.rpartition(".")[2].startswith("fetch"):
        return reads_no_file(made)
    if call.entry is None or "execute" not in call.entry.tags:
        return False
    text = call.code.constant(call.argument("sql", 0), call.function)
    return isinstance(text, str) and _NO_FILE.match(text) is not None


def _is_sql_write(call: Call, entry: Entry) -> bool:
    if entry.writes or entry.name.endswith("executemany"):
        return True
    if "execute" not in entry.tags:
        return False
    text = call.code.text_of(call.argument("sql", 0), call.function)
    return _SQL_WRITE.search(text) is not None


def _disk(call: Call, found: Dependency, entry: Entry) -> Iterator[Fault]:
    kinds = _plain(entry.raises) or ("OSError",)
    mode = _mode(call)
    writes = bool(set(mode) & set("wax+")) or entry.writes or _DISK_WRITE.search(entry.name) is not None
    keeps = writes and "a" not in mode and _DISK_WRITE.search(entry.name) is None and not _is_passing(call)
    if writes:
        if "w" in mode and _is_overwritten(call):
            note = "the file is emptied before the new content is written"
            yield Fault(found, Failure.FULL, Shown.OVERWRITTEN, (), call, True, note)
        yield Fault(found, Failure.FULL, Shown.RAISED, kinds, call, keeps)
    yield Fault(found, Failure.ERRORS, Shown.RAISED, kinds, call, keeps)


def _mode(call: Call) -> str:
    if not call.name.endswith("open") or call.entry is None:
        return "w" if call.name.endswith(("write_text", "write_bytes")) else ""
    position = 0 if call.name.startswith("pathlib.") else 1
    value = call.code.constant(call.argument("mode", position), call.function)
    return value if isinstance(value, str) else "r"


def _is_passing(call: Call) -> bool:
    """Whether a written file is a temporary one, which nobody misses."""
    own = next((access for access in _accesses(call) if access.call is call), None)
    return own is not None and (own.shape.temporary or own.shape.unique or not own.shape.keys)


def _is_overwritten(call: Call) -> bool:
    """Whether a file that this module reads back is written in place."""
    every = _accesses(call)
    own = next((access for access in every if access.call is call), None)
    if own is None or own.shape.unique or own.shape.temporary or not own.shape.keys or only_created(own):
        return False
    read = {access.shape.key for access in every if not access.writes}
    return own.shape.key in read and not replaced_later(own, call.code)


def _accesses(call: Call) -> list[Access]:
    """The files that the module around a call opens; worked out once per module."""
    code = call.code
    if code.accesses is None:
        code.accesses = list(accesses(code))
    return code.accesses


def _written(call: Call, entry: Entry) -> Iterator[Fault]:
    """Libraries that write a file of their own: Pillow raises, OpenCV tells by its result."""
    found = Dependency(FILE_SYSTEM, Effect.DISK.value, entry.library)
    if entry.library == "cv2":
        used = not isinstance(call.table.parent, ast.Expr)
        note = "" if used else "it returns False, and nobody looks"
        yield Fault(found, Failure.FULL, Shown.LOOKED_AT if used else Shown.HIDDEN, (), call, True, note)
    else:
        kinds = tuple(kind for kind in _plain(entry.raises) if kind == "OSError") or _plain(entry.raises)
        yield Fault(found, Failure.FULL, Shown.RAISED, kinds, call)


def _process(call: Call, found: Dependency, entry: Entry) -> Iterator[Fault]:
    yield from _waits(call, found, entry)
    yield Fault(found, Failure.REFUSES, Shown.RAISED, _kinds(entry, Failure.REFUSES) or ("OSError",), call)
    if entry.library not in _PROCESSES or call.name.endswith(("check_call", "check_output", "run_process")):
        yield Fault(found, Failure.ERRORS, Shown.RAISED, _kinds(entry, Failure.ERRORS), call)
        return
    check = call.argument("check")
    if isinstance(check, ast.Constant) and check.value is True:
        yield Fault(found, Failure.ERRORS, Shown.RAISED, _kinds(entry, Failure.ERRORS), call)
    elif not call.name.endswith(
        ("Popen", "create_subprocess_exec", "create_subprocess_shell", "popen", "open_process")
    ):
        looks = "returncode" in unparse(call.function.node) or not isinstance(call.table.parent, ast.Expr | ast.Assign)
        note = "" if looks else "nobody looks at the exit code"
        yield Fault(found, Failure.ERRORS, Shown.LOOKED_AT if looks else Shown.HIDDEN, (), call, note=note)
