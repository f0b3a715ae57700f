"""Exception handlers that say nothing, and the work whose failures they hide."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.effects import Chain
from brownout.facts.failing.fallbacks import answers_for_failure
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Block, Function, Row

_OUTSIDE = frozenset({Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL})
_ELSEWHERE = frozenset({Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE})
_NARROW = re.compile(r"Duplicate|Integrity|Exists|NotFound|Timeout|Configuration|Retry|^(OSError|ValueError)$")
_FOR_LINTERS = ("noqa", "nosec", "pragma", "pylint", "pyright", "mypy", "type:", "fmt:", "ruff:", "brownout:")
_TELEMETRY = re.compile(r"telemetry|analytics|usage_stats|\btele\.", re.IGNORECASE)
"""Files whose work must never be felt: silence is what they are for."""
_SURE_STEPS = 3
"""Behind more helpers than that, the call at the end is rarely what the handler is about."""
_VERBS = (
    "close|aclose|cleanup|clean|clean_up|shutdown|stop|teardown|dispose|terminate|disconnect|release|del|exit|aexit|"
    "kill|cancel|unlink|remove|delete|rollback|quit|purge|prune|evict|reset|abort"
)
_THINGS = (
    "all|up|down|connections?|conn|sessions?|clients?|files?|temp|tmp|temporary|dir|directory|folder|paths?|sockets?|"
    "pools?|handles?|resources?|caches?|tasks?|process|processes|threads?|locks?|streams?|servers?|drivers?|browser|"
    "engine|db|it|self|quietly|silently|safe|safely|stale|old|expired|async|sync|now|if|exists|partial|artifacts?"
)
_CLEANUP = re.compile(rf"^(\w+_)?({_VERBS})(_({_THINGS}))*$")
"""Functions whose name says that they tidy up: `close`, `remove_temp_files`; not `delete_document`."""
_CLEANERS = re.compile(
    r"(^|\.|_)(close|aclose|unlink|remove|rmtree|rmdir|kill|terminate|shutdown|disconnect|quit|cancel|rollback|cleanup|"
    r"release|stop|wait|join|unsubscribe|detach|abort|chmod|utime|killpg|send_signal|flush|delete|logout)$"
)
_WRITES = re.compile(
    r"(^|\.|_)(write|write_text|write_bytes|dump|save|insert|update|commit|execute|executemany|put|post|publish|send|"
    r"upload|replace|rename|move|copy|copyfile|copy2|set|hset|lpush|rpush|delay|apply_async|create|store|persist)(_|$|\.)"
)


@dataclass(slots=True)
class Silent:
    """A silent handler of everything: around which call, with the chain to the effect that it hides."""

    node: ast.AST
    function: Function
    text: str
    caught: str
    call: Call
    chain: Chain
    writes: bool
    logger: str | None


def silent(code: Code) -> Iterator[Silent]:
    """The handlers of a file that hide every failure of work with the outside world."""
    if _TELEMETRY.search(code.module.path):
        return
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try | ast.TryStar) or not code.judged(row.function):
            continue
        for handler in node.handlers:
            if (
                not _TELEMETRY.search(row.function.qualname)
                and _does_nothing(handler, code)
                and not _excused(node, handler, row.function, code)
            ):
                found = _hidden(node.body, row.function, code)
                if found is not None and (
                    _catches_everything(handler) or _catches_all_of(handler, *found, row.function, code)
                ):
                    yield _silent(handler, row.function, found, code)
    for row in code.module.withs:
        yield from _suppressing(row, code)


def _silent(handler: ast.ExceptHandler, function: Function, found: tuple[Call, Chain], code: Code) -> Silent:
    call, chain = found
    caught = unparse(handler.type) if handler.type is not None else "everything"
    text = f"except {unparse(handler.type)}" if handler.type is not None else "except"
    return Silent(handler, function, text, caught, call, chain, _is_write(call), logger_of(code))


def _suppressing(row: Row, code: Code) -> Iterator[Silent]:
    node, function = row.node, row.function
    if not isinstance(node, ast.With | ast.AsyncWith) or not code.judged(function):
        return
    contexts = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    contexts = [context for context in contexts if unparse(context.func).rpartition(".")[2] == "suppress"]
    if not contexts or any(
        isinstance(part, ast.Constant) and _TELEMETRY.search(str(part.value)) for part in walk(node)
    ):
        return
    if row.block is not None and any(block.kind in ("finally", "handler") for block in row.block.chain()):
        return
    for context in contexts:
        types = {unparse(argument) for argument in context.args}
        if types & {"Exception", "BaseException"} and not _commented(code, node.lineno, node.lineno + 1):
            found = _hidden(node.body, function, code)
            if found is not None and not _CLEANUP.search(function.name):
                call, chain = found
                text = unparse(context)
                yield Silent(context, function, text, "suppress", call, chain, _is_write(call), None)


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        node is None or (isinstance(node, ast.Name) and node.id in ("Exception", "BaseException")) for node in types
    )


def _catches_all_of(handler: ast.ExceptHandler, call: Call, chain: Chain, function: Function, code: Code) -> bool:
    """Whether a handler catches all errors of the library by which something is sent or stored: `psycopg.Error`."""
    if handler.type is None or not _is_write(call) or chain.entry.effect not in _ELSEWHERE:
        return False
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    family = {code.project.catalog.canonical(name) for name in chain.entry.raises if not _NARROW.search(name)}
    targets = (code.target(node, function) for node in types)
    return any(target is not None and code.project.catalog.canonical(target) in family for target in targets)


def _does_nothing(handler: ast.ExceptHandler, code: Code) -> bool:
    """`pass`, `...`, `continue`, `return`, `return []`: nothing that tells failure from an empty answer."""
    passes = [statement for statement in handler.body if isinstance(statement, ast.Pass)]
    if len(handler.body) - len(passes[1:]) != 1 or _commented(
        code, handler.lineno, handler.body[-1].end_lineno or handler.lineno
    ):
        return False
    only = handler.body[0]
    if isinstance(only, ast.Pass | ast.Continue | ast.Break):
        return True
    if isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant):
        return only.value.value is ...
    if isinstance(only, ast.Return):
        return only.value is None or _is_empty(only.value)
    return False


def _is_empty(node: ast.expr) -> bool:
    """Whether a returned value is nothing: None, an empty text or an empty collection; False is an answer."""
    if isinstance(node, ast.Constant):
        return node.value is None or node.value in ("", b"")
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return not node.elts
    return isinstance(node, ast.Dict) and not node.keys


def _commented(code: Code, first: int, last: int) -> bool:
    """Whether a comment in these lines says something about it; one for a linter does not."""
    for line in code.module.lines[first - 1 : last]:
        for comment in line.split("#")[1:]:
            if comment.strip() and not comment.strip().lower().startswith(_FOR_LINTERS):
                return True
    return False


def _excused(node: ast.Try | ast.TryStar, handler: ast.ExceptHandler, function: Function, code: Code) -> bool:
    """Whether the handler is a clean-up, an import fallback, a fallback with more code after it, or a focused one."""
    if _CLEANUP.search(function.name.strip("_")) or function.name in ("__del__", "__exit__", "__aexit__"):
        return True
    if any(isinstance(part, ast.Import | ast.ImportFrom) for part in node.body):
        return True
    if any(block.kind in ("finally", "handler") or _polls(block) for block in _blocks(node, code)):
        return True
    if _TELEMETRY.search(function.qualname) or _TELEMETRY.search(unparse(node)):
        return True
    return bool(node.orelse) or answers_for_failure(node, function)


def _polls(block: Block) -> bool:
    """Whether a block is a loop that tries again until a condition or a deadline ends it."""
    if not isinstance(block.node, ast.While) or isinstance(block.node.test, ast.Constant):
        return False
    names = (part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in walk(block.node))
    return any(name == "sleep" for name in names)


def _blocks(node: ast.Try | ast.TryStar, code: Code) -> list[Block]:
    for row in code.module.tries:
        if row.node is node:
            return [] if row.block is None else list(row.block.chain())
    return []


def _hidden(body: list[ast.stmt], function: Function, code: Code) -> tuple[Call, Chain] | None:
    """The call with the outside world whose failure matters most: a write first, then the first one."""
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    found: list[tuple[Call, Chain]] = []
    for call in code.calls_in(function):
        if first <= call.node.lineno <= last and (chain := _outside(call)) is not None:
            if not _CLEANERS.search(call.text):
                found.append((call, chain))
    writes = [pair for pair in found if _is_write(pair[0])]
    return writes[0] if writes else found[0] if found else None


def _outside(call: Call) -> Chain | None:
    step = call.step
    if call.entry is not None:
        return Chain((step,), call.entry) if call.entry.effect in _OUTSIDE and not _is_look(call) else None
    if call.callee is None:
        return None
    inner = call.code.project.outside.get(call.callee.name)
    if inner is None or len(inner.steps) >= _SURE_STEPS or (inner.entry.short and not _is_write(call)):
        return None
    return Chain((step, *inner.steps), inner.entry)


def _is_look(call: Call) -> bool:
    """Whether the call only looks: `exists`, `stat`, the body of an answer; its failure loses nothing."""
    last = call.name.rpartition(".")[2]
    if call.has("ws-send", "ws-receive") or (last in ("json", "text") and call.does(Effect.NETWORK)):
        return True
    return last in (
        "exists",
        "is_file",
        "is_dir",
        "stat",
        "getsize",
        "isfile",
        "isdir",
        "mkdir",
        "makedirs",
        "getmtime",
    )


def _is_write(call: Call) -> bool:
    if call.entry is not None and call.entry.writes:
        return True
    mode = call.argument("mode", 1) if call.name.endswith("open") else None
    if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
        return bool(set(mode.value) & set("wax+"))
    return _WRITES.search(call.text) is not None


def logger_of(code: Code) -> str | None:
    """The name of the module's logger, if it has one: made here, or imported under the name of one."""
    imported: str | None = None
    for name, bindings in code.module.scope.bindings.items():
        if len(bindings) != 1:
            continue
        value = bindings[0].value
        if isinstance(value, ast.Call) and unparse(value.func).rpartition(".")[2] in ("getLogger", "get_logger"):
            return name
        if bindings[0].kind == "import" and name.strip("_").lower() in ("log", "logger"):
            is_module = code.project.links.target(bindings[0].symbol) in code.project.links.modules
            imported = imported if is_module else name
    return imported
