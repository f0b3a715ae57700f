"""Work that a library tries again when it fails: `@retry`, `@backoff.on_exception(…)`, and what they are given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.index import per_file
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

NOT_LOAD = re.compile(
    r"Value|Decode|Key|Validation|Type|Index|Parse|Integrity|Conflict|AlreadyExists|Duplicate|Stale|Timeout|Empty|"
    r"HTTPException|Watch|NotFound|Unauthorized|Authentication|Exists|Cancel|Attribute|Assertion|Syntax|Schema|Import"
)
"""Failures that a pause does not help against, and time-outs, which were a pause."""


@dataclass(slots=True)
class Declared:
    """A retry that a library makes: its name there, where it is written, and its call where it is given arguments."""

    library: str
    node: ast.expr
    function: Function
    call: Call | None
    decorated: Function | None = None


@per_file
def declared(code: Code) -> tuple[Declared, ...]:
    """The retries of a file that libraries make: `@retry`, `@retry(…)`, `for attempt in Retrying(…)`."""
    return tuple(_declared(code))


def _declared(code: Code) -> Iterator[Declared]:
    decorated = {id(node): function for function in code.functions for node in function.decorators}
    for call in code.index.tagged("retry"):
        if call.entry is not None and "retry" in call.entry.tags:
            yield Declared(call.entry.name, call.node.func, call.function, call, decorated.get(id(call.node)))
    for function in code.functions:
        for node in function.decorators:
            if isinstance(node, ast.Name | ast.Attribute):
                entry = code.project.links.entry(code.names.symbol(node, function.outer or function.scope))
                if entry is not None and "retry" in entry.tags:
                    yield Declared(entry.name, node, function.parent or function, None, function)


def never_stops(found: Declared) -> bool:
    """Whether a library's retry is given no limit."""
    if found.library.startswith("tenacity."):
        return _is_left_out(found, "stop", 1 if found.library != "tenacity.retry" else None, "stop_never")
    if found.library != "backoff.on_exception" or found.call is None or found.call.unpacks:
        return False
    return all(
        found.call.argument(name) is None or found.call.code.constant(found.call.argument(name), found.function) is None
        for name in ("max_tries", "max_time", "giveup")
    )


def endless_tasks(code: Code) -> Iterator[tuple[Call, Function]]:
    """The decorators of Celery tasks that are tried again for as long as they fail, with the task."""
    for function in code.functions:
        for node in function.decorators:
            call = code.call_of(node)
            if call is None or call.entry is None or call.entry.name not in _TASKS or call.unpacks:
                continue
            given = call.argument("max_retries")
            if not _is_none(given):
                continue
            again = [one for one in function.calls if unparse(one.node.func).endswith(".retry")]
            limited = any(keyword.arg == "max_retries" for one in again for keyword in one.node.keywords) or any(
                isinstance(part, ast.Compare) and "request.retries" in unparse(part) for part in walk(function.node)
            )
            if (again and not limited) or call.argument("autoretry_for") is not None:
                yield call, function


_TASKS = frozenset({"celery.Celery.task", "celery.shared_task"})


def never_pauses(found: Declared) -> bool:
    """Whether a library's retry is given no pause."""
    if not found.library.startswith("tenacity."):
        return False
    return not _retries_other_failures(found) and _is_left_out(
        found, "wait", 2 if found.library != "tenacity.retry" else None, "wait_none"
    )


def pauses_in_step(found: Declared) -> bool:
    """Whether a library's retry is told to pause for one length of time, with nothing random in it."""
    call = found.call
    if call is None or call.unpacks:
        return False
    if found.library == "backoff.on_exception":
        wait, jitter = call.argument("wait_gen", 0), call.argument("jitter")
        return wait is not None and unparse(wait).endswith("constant") and _is_none(jitter)
    if not found.library.startswith("tenacity."):
        return False
    wait = call.argument("wait", 2 if found.library != "tenacity.retry" else None)
    return isinstance(wait, ast.Call) and unparse(wait.func).rpartition(".")[2] == "wait_fixed"


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_left_out(found: Declared, name: str, position: int | None, nothing: str) -> bool:
    """Whether a parameter of tenacity is left out, or given the value that means nothing."""
    call = found.call
    if call is None:
        return True
    if call.unpacks:
        return False
    given = call.argument(name, position)
    return given is None or unparse(given).removesuffix("()").rpartition(".")[2] == nothing


def _retries_other_failures(found: Declared) -> bool:
    """Whether it is told to retry on failures that a pause does not help against."""
    given = found.call.argument("retry") if found.call is not None else None
    if given is None:
        return False
    if isinstance(given, ast.Call) and "result" in unparse(given.func):
        return False
    names = [unparse(part) for part in given.args] if isinstance(given, ast.Call) else []
    return bool(names) and all(NOT_LOAD.search(name) for name in names)
