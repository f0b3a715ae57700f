"""Status fields of jobs: what sets them to running, and the ways out that leave them so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from brownout.facts.failing.fallible import is_work
from brownout.facts.index import per_file
from brownout.facts.nodes import follows, last_word, own
from brownout.facts.paths import words_of
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_RUNNING = frozenset(
    "running processing in_progress started working busy converting parsing indexing importing in_process "
    "paying charging transcoding rendering uploading exporting syncing".split()
)
_OVER = frozenset(
    """
    done completed complete finished success succeeded ready processed ok failed error failure errored aborted cancelled
    canceled dead idle pending queued waiting converted parsed indexed imported rejected broken retry new
    retrying rescheduled deferred postponed paused stopped skipped timeout timed_out expired interrupted unavailable
    lost terminated killed partial incomplete invalid paid charged transcoded rendered uploaded exported synced
    """.split()
)
_WORDS = ("status", "state", "phase", "stage")
_FIELD = re.compile(r"status|states?\b|phase|stage", re.IGNORECASE)
_SQL = re.compile(r"set\s+\w*(?:status|state)\w*\s*=\s*(?:'(\w+)'|(\?|%s|:\w+))", re.IGNORECASE)
_SETTER = re.compile(r"^_?(set|mark|update|change|report|write|store|save)_?", re.IGNORECASE)
_JOBS = r"(job|task|run|work|process|document|doc|import|export|item|queue|record|batch|execution)"
_REAPERS = re.compile(
    r"(^|_)(reap\w*|requeue\w*|reclaim\w*|zombies?|watchdog|stuck)(_|$)"
    r"|(^|_)(recover|stale|orphan(s|ed)?|unfinished|interrupted)$"
    rf"|(^|_)(recover|stale|orphan(s|ed)?|unfinished|interrupted|expired?|reset)_(\w+_)?{_JOBS}"
)
"""Functions that look after jobs which were left behind, by their names."""


_ANSWERS = re.compile(r"(^|_)(item|message|msg|event|chunk|part|delta|block)$", re.IGNORECASE)
"""Names of the pieces of which an answer is made up while it is streamed: nobody waits for the status of one."""
_GATHERS = frozenset({"append", "extend", "insert", "add", "appendleft"})


@dataclass(slots=True)
class Stuck:
    """A statement that sets a status to running, and one that may fail before it is set again."""

    function: Function
    statement: ast.stmt
    escape: ast.stmt


def stuck(code: Code) -> Iterator[Stuck]:
    """The statuses of a file that stay at running when the work fails."""
    if reaped(code.project) or not any(word in code.module.folded for word in _WORDS):
        return
    if not _FIELD.search(code.module.text):
        return
    for function in code.functions:
        if not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef) or not code.judged(function):
            continue
        set_to = {id(node): value for node in _settings(function, code) if (value := _sets(node, function, code))}
        if "running" not in set_to.values() or "over" not in set_to.values() or _answered(function, code):
            continue
        found = _left(function, _by_helpers(function, code) | set_to, code)
        if found is not None:
            yield found


def _settings(function: Function, code: Code) -> Iterator[ast.stmt]:
    """The statements of a function that assign something or only call something."""
    for row in code.module.assigns_of(function):
        if row.scope is function.scope and isinstance(row.node, ast.Assign | ast.AugAssign):
            yield row.node
    for call in function.calls:
        statement = call.statement
        if call.scope is function.scope and isinstance(statement, ast.Expr):
            value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
            if value is call.node:
                yield statement


@dataclass(slots=True)
class Course:
    """Where a status is set again in the block in which it was set to running; `kept` statements store it first."""

    over: ast.stmt
    target: str
    kept: int


def course(stuck: Stuck, code: Code) -> Course | None:
    """How the status goes on, where it is a text of an attribute or element, and one block tells it all."""
    node = stuck.statement
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.value, ast.Constant):
        return None
    after = follows(node, stuck.function)
    over = next((one for one in after if _sets(one, stuck.function, code) == "over"), None)
    if over is None:
        return None
    kept = 0
    while kept < len(after) and _stores(after[kept]):
        kept += 1
    return Course(over, unparse(node.targets[0]), kept) if after.index(over) > kept else None


def _stores(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return last_word(value.value if isinstance(value, ast.Await) else value) in ("save", "commit", "flush", "asave")


def _left(function: Function, set_to: dict[int, str], code: Code) -> Stuck | None:
    """The first statement that sets the status to running, with a failing step that leaves it so."""
    work = {id(call.table.statement) for call in code.calls_in(function) if is_work(call)} - set_to.keys()
    for node in own(function.node):
        if set_to.get(id(node)) == "running" and isinstance(node, ast.stmt):
            told = {id(one) for one in takewhile(_stores, follows(node, function))}
            risky = work - told  # what stores the status: if that fails, nobody has been told that the job runs
            escape = code.flow(function).escapes_without(
                node, lambda step: set_to.get(id(step)) == "over", errors=_fails(risky)
            )
            if escape is not None and (escape.kind in ("error", "raise") or _is_settled(node, set_to, function, code)):
                return Stuck(function, node, escape.at)
    return None


def _is_settled(node: ast.stmt, set_to: dict[int, str], function: Function, code: Code) -> bool:
    """Whether the status is set again wherever nothing fails: then another way out is one that a failure takes."""

    def ends(step: ast.stmt) -> bool:
        return set_to.get(id(step)) == "over" or isinstance(step, ast.Raise)

    return code.flow(function).on_every_path(node, ends, errors=False)


def _fails(risky: set[int]) -> Callable[[ast.AST], bool]:
    """Whether a step of the flow is one of those that may fail."""
    return lambda step: id(step) in risky


def _sets(node: ast.AST, function: Function, code: Code) -> str:
    """`running` or `over` for a statement that sets a status so, else the empty string."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript) and _is_field(target):
                return _kind(node.value, function, code)
    if isinstance(node, ast.Assign | ast.AugAssign) and isinstance(node.value, ast.Dict):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if _ANSWERS.search(last_word(target)):
            return ""
        return _in_dict(node.value, function, code)
    if isinstance(node, ast.Expr | ast.Assign):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        return _by_call(value, function, code) if isinstance(value, ast.Call) else ""
    return ""


def _is_field(target: ast.Attribute | ast.Subscript) -> bool:
    if isinstance(target, ast.Subscript) and _ANSWERS.search(last_word(target.value)):
        return False
    if isinstance(target, ast.Attribute):
        return _names_status(target.attr)
    key = target.slice.value if isinstance(target.slice, ast.Constant) else None
    if isinstance(key, str):
        return _names_status(key)
    return _names_status(last_word(target.value))


@lru_cache(4096)
def _names_status(word: str) -> bool:
    return _FIELD.search(word) is not None


@lru_cache(4096)
def _names_setter(word: str) -> bool:
    return _SETTER.match(word) is not None or _names_status(word) or word in ("hset", "set")


def _kind(node: ast.expr | None, function: Function, code: Code) -> str:
    """What a value says about a job: it runs, it is over; the empty string where it says neither."""
    if node is None:
        return ""
    if isinstance(node, ast.IfExp):
        return _kind(node.body, function, code) or _kind(node.orelse, function, code)
    if isinstance(node, ast.Attribute) and node.attr == "value":
        node = node.value
    value = code.constant(node, function)
    word = value if isinstance(value, str) else last_word(node)
    word = word.lower().replace("-", "_").replace(" ", "_").removeprefix("status_").removeprefix("state_")
    if word in _RUNNING:
        return "running"
    return "over" if word in _OVER else ""


def _in_dict(node: ast.Dict, function: Function, code: Code) -> str:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and _names_status(key.value):
            return _kind(value, function, code)
    return ""


def _by_call(node: ast.Call, function: Function, code: Code) -> str:
    """What a call sets: `update(status="running")`, `mark_running(job)`, `execute("UPDATE … SET status='running'")`."""
    word = last_word(node)
    if word in _GATHERS:
        return ""  # a piece of an answer, which lives as long as the answer does
    for keyword in node.keywords:
        if keyword.arg is not None and _names_status(keyword.arg):
            return _kind(keyword.value, function, code)
    for argument in node.args:
        if isinstance(argument, ast.Dict) and (found := _in_dict(argument, function, code)):
            return found
    first = code.constant(node.args[0], function) if node.args else None
    match = _SQL.search(first) if isinstance(first, str) else None
    if match is not None:
        given = node.args[1].elts[0] if len(node.args) > 1 and isinstance(node.args[1], ast.Tuple | ast.List) else None
        return _kind(ast.Constant(match[1]), function, code) if match[1] else _kind(given, function, code)
    if _names_setter(word):
        kinds = [_kind(argument, function, code) for argument in node.args]
        kinds += [_kind(ast.Constant(part), function, code) for part in words_of(word)]
        return next((kind for kind in kinds if kind), "")
    return ""


_FAILS = re.compile(r"(^|_)(fail|failed|failure|abort|give_up)(_|$)", re.IGNORECASE)


def _by_helpers(function: Function, code: Code) -> dict[int, str]:
    """The calls in a function of others of the project that say of a job that it is over."""
    found: dict[int, str] = {}
    for call in code.calls_in(function):
        callee = call.callee
        if callee is None or not isinstance(call.table.statement, ast.Expr | ast.Return):
            continue
        name = callee.qualname.rpartition(".")[2]
        if _FAILS.search(name) or callee.name in _enders(code):
            found[id(call.table.statement)] = "over"
    return found


@per_file
def _enders(code: Code) -> frozenset[str]:
    """The functions of a file that set a status to over, and never to running."""
    found: set[str] = set()
    for function in code.functions:
        if {_sets(node, function, code) for node in own(function.node)} - {""} == {"over"}:
            found.add(code.names.full(function.qualname))
    return frozenset(found)


def _answered(function: Function, code: Code) -> bool:
    """Whether every caller catches what the function lets through."""
    edges = code.project.graph.callers.get(code.names.full(function.qualname), [])
    direct = [edge for edge in edges if edge.elsewhere is None]
    return bool(direct) and all("*" in edge.row.caught for edge in direct)


@per_project
def reaped(project: Project) -> bool:
    """Whether the project has a function that looks after jobs that were left behind, or that a queue calls then."""
    names = (name.rpartition(".")[2] for module in project.modules if not module.is_test for name in module.functions)
    if any(_REAPERS.search(name) for name in names):
        return True
    return any("on-failure" in module.practices for module in project.modules if not module.is_test)
