"""What a project does once for all calls: default time limits, adapters, start-up code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.facts.entrypoints import SERVICE_KINDS
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.catalog import Entry
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.link import Links
    from brownout.model.tables import Function

_START = frozenset({"startup", "shutdown", "lifespan", "cli"})
_ADAPTERS = frozenset({"requests.Session.mount"})


def limited_elsewhere(call: Call) -> bool:
    """Whether an ambient setting of the project, an adapter or an enclosing deadline limits the call."""
    entry = call.entry
    if entry is None or entry.timeout is None:
        return False
    targets = call.code.project.calls_by_target
    if entry.timeout.ambient and entry.timeout.ambient in targets:
        return True
    if entry.timeout.constructor:
        return True
    return by_adapter(entry, call.code.project) or _overridden(call) or in_deadline(call)


def by_adapter(entry: Entry, project: Project) -> bool:
    """Whether an adapter of the project's own, mounted somewhere, may limit the calls of sessions."""
    is_mounted = entry.name.startswith("requests.Session.") and _ADAPTERS & project.calls_by_target.keys()
    return bool(is_mounted) and _own_adapter(project)


def _overridden(call: Call) -> bool:
    """Whether the call goes through a method of the project's own, such as `request` of its `Session` subclass."""
    links = call.code.project.links
    owner = links.target(call.code.symbol(call.receiver, call.function)) if call.receiver is not None else None
    return sends_itself(owner, links)


def sends_itself(owner: str | None, links: Links) -> bool:
    """Whether an object is of a class of the project that sends requests in a method of its own."""
    if owner is None or owner.removesuffix("()") not in links.classes:
        return False
    return any(links.method(owner.removesuffix("()"), name) is not None for name in ("request", "send", "urlopen"))


@per_project
def _own_adapter(project: Project) -> bool:
    """Whether the project has an adapter that may give a limit: a subclass of `HTTPAdapter` with its own `send`."""
    for owner in project.links.classes.values():
        if "send" in owner.methods and "requests.adapters.HTTPAdapter" in project.links.mro(owner.name):
            return True
    return False


def in_deadline(call: Call) -> bool:
    """Whether a deadline stands around an awaited call: `async with asyncio.timeout(…)`, `wait_for(…)`."""
    block = call.table.block
    while block is not None:
        if block.kind == "with" and (inner := call.code.call_of(getattr(block.node, "context_expr", None))):
            last = inner.last
            if last in ("timeout", "timeout_at", "fail_after", "move_on_after", "Timeout", "time_limit"):
                return True
        block = block.parent
    outer = call.code.call_of(call.table.parent)
    return outer is not None and outer.text.rpartition(".")[2] == "wait_for"


def ended_first(call: Call, receiver: ast.expr | None = None) -> bool:
    """Whether the process that is waited for was told to end just before: `terminate()` or `kill()`."""
    receiver = receiver or call.receiver
    if receiver is None:
        return False
    text = unparse(receiver)
    return any(
        row.node.lineno <= call.node.lineno
        and isinstance(row.node.func, ast.Attribute)
        and row.node.func.attr in ("terminate", "kill", "send_signal")
        and unparse(row.node.func.value) in (text, text.rpartition(".")[0])
        for row in call.function.calls
    )


def drained_first(call: Call) -> bool:
    """Whether the output of the child that is waited for was read to its end before: it is about to be over."""
    receiver = call.receiver
    if receiver is None or not call.text.endswith(".wait"):
        return False
    text = unparse(receiver)
    for row in call.function.calls:
        if row.node.lineno < call.node.lineno and unparse(row.node.func) == f"{text}.communicate":
            return True
    for loop in call.code.module.loops:
        node = loop.node
        if loop.function is call.function and isinstance(node, ast.For | ast.AsyncFor):
            if node.lineno < call.node.lineno and f"{text}.stdout" in unparse(node.iter):
                return True
    return False


_TOOLING = frozenset(
    "script tool doc example benchmark bench migration alembic setup conftest ci packaging release devtool dev "
    "notebook tutorial sample demo cli management vendor vendored third_party build generate".split()
)


def is_tooling(path: str) -> bool:
    """Whether a file is no part of the running service by its place: scripts, commands, docs, examples."""
    parts = path.removesuffix(".py").split("/")
    folders = (part.lower().strip("_").removesuffix("s").removesuffix("_dag") for part in parts[:-1])
    return not _TOOLING.isdisjoint(folders) or parts[-1] in ("setup", "noxfile", "conftest", "cli", "__main__")


def only_at_start(code: Code, function: Function) -> bool:
    """Whether a function runs at start-up, shut-down or in a command only, as far as entry points tell."""
    kinds = code.kinds(function)
    return bool(kinds) and kinds <= _START and not kinds & SERVICE_KINDS


def on_loop(code: Code, function: Function) -> bool:
    """Whether a coroutine function serves: it runs neither at start-up only, nor in a command or a test."""
    if not function.is_async or only_at_start(code, function):
        return False
    return bool(code.kinds(function)) or not is_tooling(code.module.path)


def in_main(call: Call) -> bool:
    """Whether a call at module level runs only when the file is started as a program."""
    for block in call.table.block.chain() if call.table.block is not None else ():
        if isinstance(block.node, ast.If) and "__name__" in unparse(block.node.test):
            return True
    return False
