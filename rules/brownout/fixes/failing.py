"""Offered changes about failures and what they leave behind; plain data, as in the package itself."""

from __future__ import annotations

from collections.abc import Sequence

from brownout.core import Fix, Span


def hide_text(text: Span, logger: str, *, logs: bool) -> Fix:
    """Answer with a fixed text instead of the error's own; `logs`: log it, since nothing else does."""
    title = 'Answer "Internal error"' + (", and log it" if logs else "")
    return Fix(title, False, "hide_text", text, (("logger", logger), ("logs", logs)))


def answer_status(statement: Span, status: int, words: str, *, flask: bool) -> Fix:
    """Give the answer in a handler a status of its own: an `HTTPException`, or a second value in Flask."""
    arguments = (("status", status), ("words", words), ("flask", flask))
    return Fix(f"Answer with status {status}", False, "answer_status", statement, arguments)


def fall_back(assignment: Span, errors: Sequence[str]) -> Fix:
    """Go on with None when what is asked for does not come."""
    return Fix("Go on with None when it fails", False, "fall_back", assignment, (("errors", " ".join(errors)),))


def start_over(statement: Span, errors: Sequence[str], path: str, empty: str, logger: str) -> Fix:
    """Log a damaged state file and return an empty state."""
    arguments = (("errors", " ".join(errors)), ("path", path), ("empty", empty), ("logger", logger))
    return Fix("Log a damaged file and start from the beginning", False, "start_over", statement, arguments)


def remove_on_failure(write: Span, path: str, *, is_path: bool) -> Fix:
    """Remove a stored file when what follows fails."""
    arguments = (("path", path), ("is_path", is_path))
    return Fix("Remove the file when what follows fails", False, "remove_on_failure", write, arguments)


def open_with(call: Span) -> Fix:
    """Open it in a `with` statement around the rest of the function."""
    return Fix("Open it in a with statement", False, "open_with", call)


def make_folder(statement: Span, folder: str, *, is_path: bool, after: bool) -> Fix:
    """Make a directory after the statement that names it, or before the one that writes into it."""
    arguments = (("folder", folder), ("is_path", is_path), ("after", after))
    return Fix(f"Make {folder}", True, "make_folder", statement, arguments)


def mark_failed(running: Span, over: Span, target: str, kept: int) -> Fix:
    """Set a status to failed when what comes before it is over fails; `kept` statements after it store it."""
    arguments = (("last_line", over.line), ("last_column", over.column), ("target", target), ("kept", kept))
    return Fix('Set it to "failed" when the work fails', False, "mark_failed", running, arguments)
