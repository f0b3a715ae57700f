"""Threads and tasks that are meant to work for ever: what ends them, and who would notice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.fallible import handed, is_work, may_fail, reaches
from brownout.facts.failing.trying import caught_names
from brownout.facts.nodes import blocks, guarded, inside, last_word, names_in
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function, Row

_WATCHED = re.compile(
    r"\b(excepthook|is_alive|TaskGroup|create_task_group|start_soon|FIRST_COMPLETED|FIRST_EXCEPTION|gather)\b"
)
_NOTHING_CAME = frozenset("TimeoutError timeout Empty QueueEmpty CancelledError".split())
"""What a wait ends with where nothing has come, or the task is to end: no failure of the work."""
_TAKES = frozenset({"get", "get_nowait", "recv", "blpop", "brpop", "bzpopmin", "poll", "receive", "pop", "popleft"})

_LOOKS = frozenset("glob rglob iglob listdir scandir iterdir walk exists is_file is_dir stat mkdir makedirs".split())
"""What looks at a directory or makes one: it seldom fails once the service runs."""
_AWAY = frozenset({Effect.NETWORK, Effect.DATABASE, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL})
"""What fails in ordinary production: it depends on somebody else who is to answer."""
_STORES = frozenset("add put insert upsert save store write send publish index".split())
_STORE = re.compile(r"(^|_)(index|indexer|store|storage|db|database|collection|repo|repository|client|session)$")

_TALKS = frozenset({"echo", "secho", "print"})
"""What only writes lines for whoever looks on."""


@dataclass(slots=True)
class Worker:
    """A loop that is meant to run for ever, and a call that ends it."""

    row: Row
    call: Call


def mortal(code: Code) -> Iterator[Worker]:
    """The endless loops of a file's threads and tasks that one failure ends, unnoticed."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.While) or not is_endless(node) or not _runs_alone(row.function, code):
            continue
        if _watched(row.function, code) or _restarted(row.function, code):
            continue
        if _is_at_terminal(row.function) or any(block.kind == "loop" for block in blocks(row.block)):
            continue
        if _guards_itself(node) or _only_waits(node):
            continue
        if guarded(row.block):
            continue  # its end is told by the handler around it
        inner = [call for call in code.calls_in(row.function) if any(b.node is node for b in blocks(call.table.block))]
        ends = [call for call in inner if _leaves(call, node)]
        if any(_is_work_on_item(call, node) for call in ends):
            told = [call for call in ends if _keeps(call) or _is_work_on_item(call, node)]
            yield Worker(row, min(told, key=_unlikely))


def work_of(worker: Worker) -> tuple[int, int] | None:
    """The statements of the loop's body that are the work on one item: after what waits for it, up to a last pause.

    None where the call is not among them, or where nothing waits: a failure that comes at once would come without end.
    """
    node = worker.row.node
    if not isinstance(node, ast.While):
        return None
    own_lines = [(part.lineno, part.end_lineno or part.lineno) for part in node.body]
    place = next((i for i, (a, b) in enumerate(own_lines) if a <= worker.call.node.lineno <= b), None)
    start, end = 0, len(node.body)
    while start < end and _waits(node.body[start]):
        start += 1
    while end > start and _pauses(node.body[end - 1]):
        end -= 1
    waited = start > 0 or end < len(node.body)
    return (start, end) if place is not None and start <= place < end and waited else None


def _waits(node: ast.stmt) -> bool:
    """Whether a statement waits for the next item, or looks whether the loop is to end."""
    if isinstance(node, ast.If):
        return not node.orelse and isinstance(node.body[-1], ast.Break | ast.Return | ast.Continue)
    value = getattr(node, "value", None)
    value = value.value if isinstance(value, ast.Await) else value
    takes = (
        isinstance(node, ast.Assign) and isinstance(value, ast.Call) and last_word(value) in _TAKES - {"poll", "pop"}
    )
    return _pauses(node) or takes


def _pauses(node: ast.stmt) -> bool:
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return last_word(getattr(value, "value", value) if isinstance(value, ast.Await) else value) in ("sleep", "wait")


def is_endless(node: ast.While) -> bool:
    """Whether a loop has no end but a signal: `while True`, `while not stop.is_set()`, `while self.running`."""
    test = node.test
    if isinstance(test, ast.Constant):
        return bool(test.value) and not any(_is_answer(part) for part in [*node.body, *inside(node.body)])
    text = unparse(test).replace("get_running_loop", "")
    return re.search(r"stop|running|shutdown|alive|closed|done|exit|quit|is_set|active", text) is not None


def _is_answer(node: ast.AST) -> bool:
    """Whether a statement hands on what the loop was for: one that tries until it has an answer is no worker."""
    return isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant)


def _is_at_terminal(function: Function) -> bool:
    """Whether the function talks with a person at a terminal, who sees it end."""
    return any(isinstance(call.node.func, ast.Name) and call.node.func.id == "input" for call in function.calls)


def _only_waits(node: ast.While) -> bool:
    """Whether the loop does nothing but wait until its condition is met."""
    return all(
        isinstance(part, ast.Pass)
        or (isinstance(part, ast.Expr) and last_word(getattr(part.value, "value", part.value)) in ("sleep", "wait"))
        for part in node.body
    )


def _runs_alone(function: Function, code: Code) -> bool:
    """Whether the function is the body of a thread or a task, or is called by nothing but such a one."""
    if code.in_request(function):
        return False  # it lives as long as a connection does
    if any(point.kind in ("thread", "task") for point in code.points(function)):
        return True
    edges = code.project.graph.callers.get(code.names.full(function.qualname), ())
    return bool(edges) and all(edge.row.symbol.endswith((".Process", "Process().start")) for edge in edges)


def _watched(function: Function, code: Code) -> bool:
    """Whether somebody hears of the end of a thread or task: in the file at large, or where it is started."""
    if _WATCHED.search(code.module.text):
        return True
    starters = (
        other
        for other in code.functions
        if other is not function and any(function.name in _names_of(one) for one in code.calls_in(other))
    )
    return any(call.last == "add_done_callback" for other in starters for call in code.calls_in(other))


def _names_of(call: Call) -> set[str]:
    """The last words of what a call is given, and of what that calls: `_run` of `create_task(self._run())`."""
    given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    return {last_word(one) for one in given}


def _guards_itself(node: ast.While) -> bool:
    """Whether the loop stops some failure and goes on: whoever wrote it has thought of what may fail."""
    for part in inside(node.body):
        if isinstance(part, ast.ExceptHandler) and not any(isinstance(one, ast.Raise) for one in inside(part.body)):
            if not _only_nothing_came(caught_names(part)):
                return True
        if isinstance(part, ast.withitem) and last_word(part.context_expr) == "suppress":
            given = part.context_expr.args if isinstance(part.context_expr, ast.Call) else []
            if not _only_nothing_came([last_word(one) for one in given]):
                return True
    return False


def _only_nothing_came(names: Iterable[str]) -> bool:
    """Whether handlers expect nothing but a wait that ended without anything."""
    found = set(names)
    return bool(found) and found <= _NOTHING_CAME


def _restarted(function: Function, code: Code) -> bool:
    """Whether somebody calls the function in a handler of everything as well, or a decorator stands around it."""
    return bool(function.decorators) or code.names.full(function.qualname) in _supervised(code.project)


@per_project
def _supervised(project: Project) -> frozenset[str]:
    """Functions that every caller calls where a handler of everything stands around."""
    return frozenset(
        name
        for name, edges in project.graph.callers.items()
        if (plain := [edge for edge in edges if edge.elsewhere is None and edge.row.where != "task"])
        and all("*" in edge.row.caught for edge in plain)
    )


def _unlikely(call: Call) -> int:
    """How seldom a call fails where all is as it was on the day of the release: the first of the likeliest is told."""
    entry = handed(call) or call.entry
    if last_word(call.node) in _LOOKS:
        return 2
    if entry is not None:
        return 0 if entry.effect in _AWAY else 1
    away = call.callee is not None and reaches(call, _far(call.code.project))
    return 0 if away or _keeps(call) else 1


def _keeps(call: Call) -> bool:
    """Whether an unknown object that is named as a store is given something: `self.index.add(document)`."""
    if call.callee is not None or call.entry is not None or last_word(call.node) not in _STORES:
        return False
    if (call.target or "").startswith("builtins."):
        return False
    return call.receiver is not None and _STORE.search(last_word(call.receiver)) is not None


def _leaves(call: Call, node: ast.While) -> bool:
    """Whether an exception of a call would leave the loop."""
    if isinstance(call.table.parent, ast.With | ast.AsyncWith):
        return False
    if last_word(call.node) in _TAKES and call.callee is None and not call.does(Effect.NETWORK):
        return False
    if any(block.kind in ("handler", "finally") for block in blocks(call.table.block)):
        return False
    for block in blocks(call.table.block):
        if block.node is node:
            break
        if block.kind == "with" and last_word(getattr(block.node, "context_expr", None)) == "suppress":
            return False
        if block.kind == "try":
            return False  # some failure of it is expected: whoever wrote the handler has thought of the loop
    return True


def _is_work_on_item(call: Call, node: ast.While) -> bool:
    """Whether a call may fail: one that deals with the outside world, or an unknown one that is given the item."""
    if last_word(call.node) in _TALKS:
        return False
    if may_fail(call) or (call.callee is not None and call.callee.name in _outside(call.code.project)):
        return not _caught_below(call)
    makes = last_word(call.node).lstrip("_")[:1].isupper()
    if makes or call.callee is not None or call.entry is not None or not is_work(call):
        return False
    taken = {
        name
        for part in inside(node.body)
        if isinstance(part, ast.Assign | ast.NamedExpr | ast.For | ast.AsyncFor | ast.AnnAssign)
        for name in names_in(getattr(part, "target", None) or part.targets[0])  # type: ignore[union-attr]
    }
    given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    return any(names_in(one) & taken for one in given)


@per_project
def _far(project: Project) -> frozenset[str]:
    return project.reached(*_AWAY)


@per_project
def _outside(project: Project) -> frozenset[str]:
    return frozenset(project.outside)


def _caught_below(call: Call) -> bool:
    """Whether what the call does is caught inside of the function that it calls."""
    callee = call.callee
    if callee is None:
        return False
    rows = [row for row in callee.calls if not row.text.startswith(("log", "_log"))]
    if any("*" in row.caught for row in rows):
        return True  # whoever wrote a handler of everything there has thought of what may fail
    return not call.code.project.escapes.get(callee.name) and bool(callee.calls) and all(row.caught for row in rows)
