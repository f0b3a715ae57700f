"""Offered changes as plain data: a rule calls one of these; `apply` carries it out with LibCST, when it is wanted.

Each function takes the span of the code that changes and gives a `Fix`; nothing here reads or parses code.
"""

from __future__ import annotations

from collections.abc import Sequence

from brownout.core import Fix, Span


def add_keyword(call: Span, name: str, value: str, position: int | None = None) -> Fix:
    """Give a call the keyword argument `name=value`, or set it where it, or the argument at `position`, is given."""
    arguments = (("name", name), ("value", value), ("position", position))
    return Fix(f"Add {name}={value}", False, "add_keyword", call, arguments)


def add_imported_keyword(place: Span, name: str, module: str, function: str, arguments: str) -> Fix:
    """Give a call, or a bare decorator, the keyword argument `name=function(arguments)`; imports the function."""
    wanted = (("name", name), ("module", module), ("function", function), ("arguments", arguments))
    return Fix(f"Add {name}={function}({arguments})", False, "add_imported_keyword", place, wanted)


def pause_before_retry(handler: Span, turn: str, *, waits: bool) -> Fix:
    """Pause at the end of a handler, longer with each attempt; `waits`: the function is a coroutine."""
    arguments = (("turn", turn), ("waits", waits))
    return Fix("Pause before the next attempt", False, "pause_before_retry", handler, arguments)


def device_if_available(literal: Span) -> Fix:
    """Take the literal device only where there is one, and the processor otherwise."""
    return Fix('Take "cpu" where CUDA is not available', True, "device_if_available", literal)


def write_atomically(statement: Span, position: int | None = None, *, own: bool = False) -> Fix:
    """Write to a temporary file beside the target and put it in place with one `os.replace`.

    `position` is that of the path among the arguments of a library's function that writes an object onto one. `own`:
    others may write at the same time, so that the temporary file needs a name of its own.
    """
    title = "Write to a temporary file, then replace the target"
    return Fix(title, False, "write_atomically", statement, (("position", position), ("own", own)))


def remove_in_finally(creation: Span, removal: Span) -> Fix:
    """Put what stands between the creation and the removal of a file under `try`, the removal under `finally`."""
    arguments = (("removal_line", removal.line), ("removal_column", removal.column))
    return Fix("Remove the file in a finally block", False, "remove_in_finally", creation, arguments)


def bound_read(assignment: Span, megabytes: int = 50) -> Fix:
    """Read an upload up to a limit, and answer 413 when there is more."""
    title = f"Read {megabytes} MB at most and answer 413 beyond"
    return Fix(title, False, "bound_read", assignment, (("megabytes", megabytes),))


def base_name(expression: Span) -> Fix:
    """Keep only the last part of a file name that a client has sent."""
    return Fix("Keep only the file's own name: Path(…).name", False, "base_name", expression)


def log_exception(handler: Span, logger: str, words: str = "") -> Fix:
    """Log the exception, with its traceback, at the start of a silent handler."""
    arguments = (("logger", logger), ("words", words))
    return Fix(f"Log it with {logger or 'logger'}.exception", True, "log_exception", handler, arguments)


def answer_failure(statement: Span, errors: Sequence[str], status: int, words: str) -> Fix:
    """Answer the failure of a statement in a route with a status of its own, such as 503."""
    arguments = (("errors", " ".join(errors)), ("status", status), ("words", words))
    return Fix(f"Answer {status} when it fails", False, "answer_failure", statement, arguments)


def raise_for_status(assignment: Span, name: str) -> Fix:
    """Raise on an error status, right after the response has been given its name."""
    return Fix(f"Add {name}.raise_for_status()", False, "raise_for_status", assignment, (("name", name),))


def catch_disconnect(loop: Span) -> Fix:
    """Leave a WebSocket's loop quietly when the client has gone."""
    return Fix("Leave the loop on WebSocketDisconnect", False, "catch_disconnect", loop)


def load_once(call: Span) -> Fix:
    """Load a model in a function of the module's that keeps it for the next time."""
    return Fix("Load it once: a function with functools.cache", False, "load_once", call)


def limit_socket(statement: Span, socket: str, seconds: int = 5) -> Fix:
    """Give a socket a limit right before it waits for the first time."""
    arguments = (("socket", socket), ("seconds", seconds))
    return Fix(f"Add {socket}.settimeout({seconds})", False, "limit_socket", statement, arguments)


def reconnect(block: Span) -> Fix:
    """Connect again whenever a WebSocket's connection ends."""
    return Fix("Connect again: async for … in connect(…)", False, "reconnect", block)


def skip_odd_message(statement: Span, answer: str) -> Fix:
    """Answer a message that cannot be parsed with an error, and go on with the next one."""
    return Fix("Answer the odd message and go on", False, "skip_odd_message", statement, (("answer", answer),))


def drop_dead_client(statement: Span, collection: str, removal: str) -> Fix:
    """Take a client that has gone out of the collection, and go on with the others."""
    arguments = (("collection", collection), ("removal", removal))
    return Fix("Take out who has gone, go on with the others", False, "drop_dead_client", statement, arguments)


def remove_client_in_finally(block: Span, removal: str) -> Fix:
    """Take the client out in a `finally` block."""
    return Fix("Take it out in a finally block", False, "remove_client_in_finally", block, (("removal", removal),))


def enable_wal(statement: Span, connection: str) -> Fix:
    """Turn the write-ahead log on, right after connecting."""
    arguments = (("connection", connection),)
    return Fix("Turn on WAL: PRAGMA journal_mode=WAL", False, "enable_wal", statement, arguments)


def edit_text(literal: Span, pattern: str, new: str, title: str) -> Fix:
    """Replace what matches a pattern in a literal text, such as a pragma, once."""
    return Fix(title, False, "edit_text", literal, (("pattern", pattern), ("new", new)))


def commit_after(statement: Span, connection: str, *, awaited: bool) -> Fix:
    """Commit after the last write."""
    arguments = (("connection", connection), ("awaited", awaited))
    return Fix(f"Commit: {connection}.commit()", False, "commit_after", statement, arguments)


def close_connection(connect: Span) -> Fix:
    """Close the connection at the end of its `with` block, besides committing."""
    return Fix("Close it with contextlib.closing", False, "close_connection", connect)


def back_up(copy: Span) -> Fix:
    """Copy a live database with SQLite's own backup."""
    return Fix("Copy it with Connection.backup", False, "back_up", copy)


def begin_transaction(first: Span, last: Span, connection: str, *, awaited: bool) -> Fix:
    """Make one transaction of the writes from the first statement to the last."""
    arguments = (
        ("connection", connection),
        ("awaited", awaited),
        ("last_line", last.line),
        ("last_column", last.column),
    )
    return Fix("Make the writes one transaction", False, "begin_transaction", first, arguments)


def make_directory(call: Span, look: Span) -> Fix:
    """Make a directory without asking first: `exist_ok=True` instead of the `if` around."""
    arguments = (("look_line", look.line), ("look_column", look.column))
    return Fix("Make it with exist_ok=True", True, "make_directory", call, arguments)


def close_descriptor(call: Span, name: str) -> Fix:
    """Close the descriptor of `mkstemp` right after it was made."""
    return Fix(f"Close it: os.close({name})", True, "close_descriptor", call, (("name", name),))


def delete_statement(statement: Span, title: str) -> Fix:
    """Delete a statement."""
    return Fix(title, False, "delete_statement", statement)


def refuse_none(statement: Span, name: str, words: str) -> Fix:
    """Raise `ValueError` where a result is None."""
    arguments = (("name", name), ("words", words))
    return Fix(f"Raise ValueError if {name} is None", False, "refuse_none", statement, arguments)


def iterate_copy(iterable: Span) -> Fix:
    """Loop over a copy of a collection that changes inside of the loop."""
    return Fix("Loop over a copy: list(…)", True, "iterate_copy", iterable)


def keep_task(statement: Span) -> Fix:
    """Keep a task in a set of the module's until it is done."""
    return Fix("Keep the task until it is done", False, "keep_task", statement)


def log_failure(statement: Span, task: str, logger: str = "") -> Fix:
    """Log how a task ended, by a callback."""
    arguments = (("task", task), ("logger", logger))
    return Fix("Log its failure in a done callback", False, "log_failure", statement, arguments)


def log_traceback(call: Span) -> Fix:
    """Log an error together with its traceback."""
    return Fix("Log it with its traceback: .exception(…)", True, "log_traceback", call)


def remove_keyword(call: Span, name: str) -> Fix:
    """Leave a keyword argument of a call out."""
    return Fix(f"Remove {name}=", False, "remove_keyword", call, (("name", name),))


def bound_copy(statement: Span, megabytes: int = 50) -> Fix:
    """Copy an upload chunk by chunk up to a limit, and answer 413 when there is more."""
    title = f"Copy {megabytes} MB at most and answer 413 beyond"
    return Fix(title, False, "bound_copy", statement, (("megabytes", megabytes),))


def digest_file(call: Span, algorithm: str) -> Fix:
    """Let `hashlib.file_digest` read the file piece by piece."""
    title = "Hash it with hashlib.file_digest (Python 3.11)"
    return Fix(title, False, "digest_file", call, (("algorithm", algorithm),))


def clean_up_in_finally(lending: Span) -> Fix:
    """Put a `yield` under `try`, and what follows it under `finally`."""
    return Fix("Clean up in a finally block", False, "clean_up_in_finally", lending)


def check_status(assignment: Span, name: str) -> Fix:
    """Raise `ValueError` where a conversion did not succeed."""
    return Fix(
        f"Raise ValueError unless {name}.status is SUCCESS", False, "check_status", assignment, (("name", name),)
    )


def sync_file(block: Span, handle: str) -> Fix:
    """Wait until the disk has the file, at the end of the `with` block that writes it."""
    return Fix("Flush and fsync before the replace", True, "sync_file", block, (("handle", handle),))


def rotate_log(handler: Span) -> Fix:
    """Rotate the log file by its size."""
    return Fix("Rotate it with RotatingFileHandler", False, "rotate_log", handler)


def without_test(test: Span, argument: str) -> Fix:
    """Use a file without looking for it first: `missing_ok=True`, `exist_ok=True`."""
    arguments = (("argument", argument),)
    return Fix(f"Do it in one step with {argument}=True", True, "without_test", test, arguments)


def raise_again(handler: Span) -> Fix:
    """Raise the exception again at the end of its handler."""
    return Fix("Raise it again at the end of the handler", False, "raise_again", handler)


def add_key(literal: Span, key: str, value: str) -> Fix:
    """Put a key first into a dict literal."""
    return Fix(f'Add "{key}": {value}', False, "add_key", literal, (("key", key), ("value", value)))


def go_on(loop: Span, start: int, end: int, logger: str, piece: str = "") -> Fix:
    """Log a failure of the statements `start` to `end` (exclusive) of a loop's body, and go on with the next round."""
    arguments = (("start", start), ("end", end), ("logger", logger), ("piece", piece))
    return Fix("Log the failure and go on", False, "go_on", loop, arguments)


def bound_cache(decorator: Span, size: int = 128) -> Fix:
    """Give a cache a size, so that the oldest results make room for new ones."""
    return Fix(f"Keep {size} results: lru_cache(maxsize={size})", False, "bound_cache", decorator, (("size", size),))


def check_integrity(statement: Span, connection: str) -> Fix:
    """Ask SQLite whether the file is whole, right after connecting."""
    arguments = (("connection", connection),)
    return Fix("Check it: PRAGMA quick_check", False, "check_integrity", statement, arguments)
