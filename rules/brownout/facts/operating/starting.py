"""Start-up: what is asked of others while a module is imported or an application starts, and who is ready for a no."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts import practices
from brownout.facts.effects import LOCAL_DATABASES, Chain
from brownout.facts.failing.trying import handlers_around, raises, suppressed_around
from brownout.facts.nodes import blocks, last_word
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_OTHERS = (Effect.NETWORK, Effect.DATABASE)
_STARTS = ("startup", "lifespan")
_OPTIONAL = frozenset({"ConnectionError", "OSError", "TimeoutError", "RequestException", "HTTPError"})
_REQUIRED_VERBS = ("create_all", "run_migrations", "upgrade", "migrate", "init_db", "create_pool", "create_tables")


@dataclass(slots=True)
class Asked:
    """A call at start-up that asks somebody else, and the way to them."""

    call: Call
    chain: Chain

    @property
    def direct(self) -> bool:
        """Whether the call itself asks, so that it is known what it raises."""
        return len(self.chain.steps) == 1


def at_import(code: Code) -> Iterator[Asked]:
    """The calls of a file that ask a service or a database while the file is imported."""
    if practices.is_tooling(code.module.path) or not _is_imported(code):
        return
    for call in code.calls_in(code.module.body):
        if call.entry is None and call.callee is None:
            continue
        if not _runs_at_import(call) or _in_main(call) or _guarded(call):
            continue
        chain = _asks(call)
        if chain is not None:
            yield Asked(call, chain)


def _is_imported(code: Code) -> bool:
    """Whether a file is a module: something is defined in it that others may import."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in code.module.tree.body
    ) or code.module.name in _imported(code.project)


@per_project
def _imported(project: Project) -> frozenset[str]:
    """The modules of the project of which another one imports something."""
    found: set[str] = set()
    for module in project.modules:
        for symbol in module.exports.values():
            while symbol:
                if symbol in project.links.modules and symbol != module.name:
                    found.add(symbol)
                symbol = symbol.rpartition(".")[0]
    return frozenset(found)


def _runs_at_import(call: Call) -> bool:
    """Whether a call of the module's own body, or of a class in it, is made at once; decorators only wrap."""
    return not isinstance(call.table.statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _in_main(call: Call) -> bool:
    for block in blocks(call.table.block):
        test = getattr(block.node, "test", None)
        if block.kind == "if" and test is not None:
            text = unparse(test)
            if "__name__" in text or "TYPE_CHECKING" in text:
                return True
    return False


def _guarded(call: Call) -> bool:
    """Whether a handler around the call lets the start go on without it."""
    if suppressed_around(call.table.block):
        return True
    return any(not raises(handler) for handler in handlers_around(call.table.block))


def _asks(call: Call) -> Chain | None:
    """The way from a call to somebody who may be down."""
    links = call.code.project.links
    entry, callee = call.entry, call.callee
    if entry is None and callee is None and (symbol := _set_here(call)) is not None:
        entry, callee = links.entry(symbol), links.callee(symbol)
    if entry is not None:
        remote = entry.effect in _OTHERS and entry.library not in LOCAL_DATABASES and not entry.closes
        asks = remote and (entry.blocks or call.awaited or entry.library == "asyncio")
        return Chain((call.step,), entry) if asks else None
    if callee is None or callee.is_generator or (callee.is_async and not call.awaited):
        return None
    inner = _asking(call.code.project).get(callee.name)
    return None if inner is None else Chain((call.step, *inner.steps), inner.entry)


@per_project
def _asking(project: Project) -> dict[str, Chain]:
    """The functions that ask somebody else as they run, with no handler of their own on the way."""

    def starts(entry_edge: object) -> bool:
        entry = getattr(entry_edge, "entry", None)
        row = getattr(entry_edge, "row", None)
        if (
            entry is None
            or row is None
            or entry.effect not in _OTHERS
            or entry.library in LOCAL_DATABASES
            or entry.closes
        ):
            return False
        return (entry.blocks or row.awaited) and not row.caught

    def passes(edge: object) -> bool:
        row, callee = getattr(edge, "row", None), getattr(edge, "callee", None)
        if row is None or callee is None or getattr(edge, "elsewhere", None) is not None or row.caught:
            return False
        return (row.awaited or not callee.is_async) and not callee.is_generator

    return project.graph.spread(starts, passes)


def at_startup(code: Code) -> Iterator[Asked]:
    """The calls in a file's start-up code that ask an optional service, where a no stops the start."""
    listed = _listed(code)
    for function in code.functions if listed else code.entered:
        if function.name not in listed and all(point.kind not in _STARTS for point in code.points(function)):
            continue
        for call in code.calls_in(function):
            if _guarded_here(call) or _is_after_yield(call):
                continue
            chain = _asks(call)
            if chain is not None and _is_optional(chain, call):
                yield Asked(call, chain)


def _listed(code: Code) -> set[str]:
    """The functions of a file that an application is told to run at its start: `on_startup=[register]`."""
    found: set[str] = set()
    for call in code.library_calls:
        given = call.argument("on_startup") if call.entry is not None and call.entry.registers == "lifespan" else None
        if isinstance(given, ast.List | ast.Tuple):
            found |= {node.id for node in given.elts if isinstance(node, ast.Name)}
    return found


def _set_here(call: Call) -> str | None:
    """The symbol of a call through something that the same function has just set: `app.state.cache.ping()`."""
    receiver = call.receiver
    if receiver is None:
        return None
    text = unparse(receiver)
    for row in call.code.module.assigns:
        node = row.node
        if row.function is call.function and isinstance(node, ast.Assign) and node.lineno < call.node.lineno:
            if any(isinstance(target, ast.Attribute) and unparse(target) == text for target in node.targets):
                owner = call.code.symbol(node.value, call.function)
                return None if owner is None else f"{owner}.{call.text.rpartition('.')[2]}"
    return None


def _guarded_here(call: Call) -> bool:
    if suppressed_around(call.table.block):
        return True
    return any(True for _ in handlers_around(call.table.block))  # also one that stops the start with better words


def _is_after_yield(call: Call) -> bool:
    """Whether the call belongs to the shut-down half of a lifespan."""
    node = call.function.node
    lines = [part.lineno for part in walk(node) if isinstance(part, ast.Yield)]
    return bool(lines) and call.node.lineno > min(lines)


def _is_optional(chain: Chain, call: Call) -> bool:
    """Whether the service asked is one that requests can do without: no database, nothing that all of them need."""
    if chain.entry.effect is Effect.DATABASE and chain.entry.library not in ("redis", "elasticsearch", "memcache"):
        return False
    return last_word(call.node.func) not in _REQUIRED_VERBS
