"""Statuses that handlers set when a job fails, and the edits that leave them at what they were."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.facts.code import Code
from brownout.model.tables import Function

from wild.mutators import Editor, Mutation

_SWEEPS = re.compile(
    r"reaper|requeue|(reap|orphan|stuck|stale|recover|sweep|unfinished)\w*_(\w*job|task|run|record|orphan)"
)
_UNDER_WAY = re.compile(r"\b(running|processing|in_?progress|started|working)\b", re.IGNORECASE)
_FAILED = re.compile(r"^(failed|failure|error|errored)$", re.IGNORECASE)


def failures(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The status that a handler sets when a job fails: it stays at what it was."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or not code.judged(row.function) or node.finalbody:
            continue
        for handler in node.handlers:
            if handler.type is None or ast.unparse(handler.type) != "Exception":
                continue
            marks = [one for one in handler.body if _marks(one)]
            if len(marks) == 1 and _was_set(marks[0], row.function) and not _is_looked_after(code):
                edit = editor.replaced(marks[0], "pass")
                yield Mutation("stuck-status", code.module.path, row.function.qualname, node.lineno, (edit,))


def _is_looked_after(code: Code) -> bool:
    """Whether somebody else takes care of failed jobs: whom the queue calls, or who sweeps up what was left behind."""
    if any(_SWEEPS.search(name.rpartition(".")[2]) for name in code.project.links.functions):
        return True
    return any("on-failure" in module.practices for module in code.project.modules)


def _was_set(mark: ast.stmt, function: Function) -> bool:
    """Whether the function itself has said before that the job is under way: else nobody waits for its end here."""
    return any(
        isinstance(part, ast.Assign | ast.Expr)
        and part.lineno < mark.lineno
        and _place(part) == _place(mark)
        and _UNDER_WAY.search(" ".join(_said(part)))
        for part in ast.walk(function.node)
    )


def _marks(node: ast.stmt) -> bool:
    """Whether a statement sets a status to failed: `job.status = FAILED`, `await update(job, status="failed")`."""
    place = _place(node)
    return bool(place) and any(_FAILED.match(word) for word in _said(node))


def _place(node: ast.stmt) -> str:
    """Where a statement keeps a status: the attribute or element, or the function that is given it."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        name = target.attr if isinstance(target, ast.Attribute) else ""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = str(target.slice.value)
        return ast.unparse(target) if name in ("status", "state") else ""
    value = getattr(node, "value", None)
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(node, ast.Expr) or not isinstance(call, ast.Call):
        return ""
    keys = [
        key.value
        for part in ast.walk(call)
        if isinstance(part, ast.Dict)
        for key in part.keys
        if key is not None and isinstance(key, ast.Constant)
    ]
    words = [ast.unparse(call.func), *(one.arg or "" for one in call.keywords), *map(str, keys)]
    return ast.unparse(call.func) if re.search(r"status|state\b", " ".join(words)) else ""


def _said(node: ast.stmt) -> list[str]:
    """The words for a status in what a statement assigns, or in what it hands over."""
    parts = ast.walk(node.value) if isinstance(node, ast.Assign | ast.Expr) else ()
    found = [part.value if isinstance(part, ast.Constant) else getattr(part, "attr", "") for part in parts]
    return [one for one in found if isinstance(one, str) and len(one) < 20]


MUTATORS = (failures,)
