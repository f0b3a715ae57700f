"""Handlers that are the only one around what may fail, and the edits that let the failure through."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.intake.renderers import is_renderer
from brownout.model.tables import Block, Function, Row

from wild.mutators import Editor, Mutation, goes_out

_PARSES = frozenset({"pdf-parse", "image-parse", "archive-extract", "ocr"})
_BROAD = frozenset({"Exception", "BaseException"})
_LOADERS = ("json.load", "json.loads", "pickle.load", "pickle.loads")


def handlers(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`try:` becomes a block that is simply run, `except …:` one that never is."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or len(node.handlers) != 1 or node.finalbody or not code.judged(row.function):
            continue
        handler = node.handlers[0]
        around = _kinds(row.block)
        if handler.type is None or "try" in around or "handler" in around:
            continue
        rule = _rule_of(node, handler, row, code)
        edits = _unwrapped(node, handler, editor) if rule is not None else ()
        if rule is not None and edits:
            yield Mutation(rule, code.module.path, row.function.qualname, node.lineno, edits)


def _unwrapped(node: ast.Try, handler: ast.ExceptHandler, editor: Editor) -> tuple[tuple[int, int, str], ...]:
    start, header = editor.place(node.lineno, node.col_offset), editor.place(handler.lineno, handler.col_offset)
    kind_end = editor.range(handler.type)[1] if handler.type is not None else header
    rest = re.match(r"\s*\)?(\s+as\s+\w+)?\s*:", editor.text[kind_end:])
    if node.orelse or rest is None or not editor.text.startswith("try", start):
        return ()
    return (start, start + len("try"), "if True"), (header, kind_end + rest.end(), "if False:")


def _rule_of(node: ast.Try, handler: ast.ExceptHandler, row: Row, code: Code) -> str | None:
    calls = [one for one in code.calls_in(row.function) if _within(one, node)]
    kept = {ast.unparse(one).rpartition(".")[2] for one in _types(handler)}
    goes_on = not any(isinstance(part, ast.Raise | ast.Return | ast.Break) for part in ast.walk(handler))
    if any(isinstance(part, ast.Raise) and part.exc is None for part in ast.walk(handler)):
        return None  # it looks on, and lets the failure pass
    around = _kinds(row.block)
    everything = bool(kept & {"Exception", "BaseException"})
    sends = [one for one in calls if re.search(r"\.send(_\w+)?$", one.text) and one.awaited]
    if "loop" in around and sends and len(node.body) == 1 and goes_on and _in_for(row.block):
        return "broadcast-fragile"
    if any(point.kind == "websocket" for point in code.points(row.function)) and kept & {
        "JSONDecodeError",
        "ValueError",
    }:
        if any(one.canonical == "json.loads" or one.text.endswith(".receive_json") for one in calls):
            return "ws-message-parse-unguarded"
    if any(is_renderer(one.entry) for one in calls if one.entry is not None) and everything is False:
        return "render-errors-unhandled" if code.in_request(row.function) else None
    parses = [one for one in code.calls_in(row.function) if one.has(*_PARSES)]
    if parses and all(one in calls for one in parses) and code.in_request(row.function):
        is_guard = _expects(handler, row, parses, code) and not _is_guarded_above(row.function, code)
        return "parse-unguarded" if "loop" not in around and is_guard else None
    loads = [one for one in calls if one.canonical in _LOADERS]
    if loads and kept & {"JSONDecodeError", "ValueError", "UnpicklingError", *_BROAD}:
        is_guard = code.serves(row.function) and not _is_guarded_above(row.function, code)
        return "state-load-unguarded" if is_guard and _is_own(row.function, code) else None
    if everything and goes_on and "loop" in around and _keeps_worker(node, row, code):
        return "worker-thread-dies"
    remote = [one for one in code.calls_in(row.function) if one.does(Effect.NETWORK) and not _is_of_client(one)]
    if (
        remote
        and all(one in calls for one in remote)
        and not _answers_for_all(code)
        and not kept <= {"TimeoutError", "Timeout"}  # a connection that is refused was not expected before, either
        and not any(isinstance(part, ast.ExceptHandler) for one in node.body for part in ast.walk(one))
        and code.in_request(row.function)
        and any("HTTPException" in ast.unparse(one) for one in handler.body)
    ):
        return "unguarded-dependency-call" if "loop" not in around else None
    return None


def _expects(handler: ast.ExceptHandler, row: Row, calls: list[Call], code: Code) -> bool:
    """Whether a handler is meant for failures of library calls: it names everything, or one of the library's errors."""
    entries = [one.entry for one in calls if one.entry is not None]
    known = {kind.rpartition(".")[2] for entry in entries for kind in entry.raises}
    libraries = {entry.name.partition(".")[0] for entry in entries}
    for one in _types(handler):
        if ast.unparse(one).rpartition(".")[2] in {*known, *_BROAD}:
            return True
        if (code.symbol(one, row.function) or "").partition(".")[0] in libraries:
            return True
    return False


def _is_guarded_above(function: Function, code: Code) -> bool:
    """Whether a handler stands around some call on a way to the function: then this one is not the only guard.

    One for an exception that the project itself has made is none: no library raises that.
    """
    own = {name.partition(".")[0] for name in code.project.links.modules}
    todo, seen = [code.names.full(function.qualname)], set[str]()
    while todo:
        name = todo.pop()
        for edge in code.project.graph.callers.get(name, ()):
            if any(kind.partition(".")[0] not in own for kind in edge.row.caught):
                return True
            if edge.caller.name not in seen:
                seen.add(edge.caller.name)
                todo.append(edge.caller.name)
    return False


def _is_own(function: Function, code: Code) -> bool:
    """Whether what a function reads is one own file of the service: the module writes it, and no caller names it.

    A file that callers name is one of many, or a user's: its damage stops nobody else. Settings are written by people.
    """
    opened = [
        one.receiver if isinstance(one.node.func, ast.Attribute) else one.node.args[0]
        for one in code.calls_in(function)
        if re.search(r"(^|\.)(open|read_text|read_bytes)$", one.text) and (one.node.args or one.receiver is not None)
    ]
    if len(opened) != 1 or opened[0] is None:
        return False
    names = _words(opened[0])
    for _ in range(2):
        for part in ast.walk(function.node):
            if isinstance(part, ast.Assign) and names & _words(part.targets[0]):
                names |= _words(part.value)
    chosen = {one.arg for one in function.parameters} - {"self", "cls"}
    if names & chosen or re.search("config|setting", str(names), re.IGNORECASE):
        return False
    kept = {name for name in names if name.isupper() or name.startswith("self.") or name in code.module.scope.bindings}
    return any(_writes_one_of(other, kept) for other in code.functions if other is not function)


def _words(node: ast.expr) -> set[str]:
    """The names and the attributes of `self` in an expression."""
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {
        ast.unparse(part)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "self"
    }


def _writes_one_of(function: Function, names: set[str]) -> bool:
    """Whether a function speaks of one of the names and writes a file."""
    if isinstance(function.node, ast.Module):
        return False
    text = ast.unparse(function.node)
    writes = re.search(r"\.(write_text|write_bytes|replace|dump)\(|open\([^)]*['\"]wb?['\"]", text)
    return writes is not None and any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _is_of_client(call: Call) -> bool:
    """Whether a call reads or answers the request: who sends it is no service that one depends on."""
    return call.entry is not None and call.entry.library in ("fastapi", "starlette", "flask", "werkzeug", "django")


def _answers_for_all(code: Code) -> bool:
    """Whether the application has a handler for every exception: one taken out below it changes the answer only."""
    return any(
        re.search(r"(exception|error)_?handler$", row.text) and "@builtins.Exception" in dict(row.arguments).values()
        for _, row in code.project.rows()
    )


def _keeps_worker(node: ast.Try, row: Row, code: Code) -> bool:
    """Whether the handler is all that keeps the endless loop of a thread's own function going.

    Not a helper's, that a thread comes by among others, nor a loop over items, which ends anyway; and the work must be
    known to deal with the outside world: what an unknown object's method does, nobody can tell.
    """
    loops = [one.node for one in row.block.chain() if one.kind == "loop"] if row.block is not None else []
    if len(loops) != 1 or not isinstance(loops[0], ast.While) or node not in loops[0].body:
        return False
    if any(isinstance(part, ast.ExceptHandler) and part not in node.handlers for part in ast.walk(loops[0])):
        return False
    if not any(point.kind in ("thread", "task") for point in code.points(row.function)):
        return False
    return any(
        goes_out(one.symbol, code) and not _handles_all(one, code)
        for one in code.calls_in(row.function)
        if _within(one, node)
    )


def _handles_all(call: Call, code: Code) -> bool:
    """Whether a function of the file deals with whatever goes wrong in it by itself."""
    function = code.function_named(call.callee.name) if call.callee is not None else None
    return function is not None and any(
        isinstance(part, ast.ExceptHandler) and (part.type is None or ast.unparse(part.type) == "Exception")
        for part in ast.walk(function.node)
    )


def _types(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


def _within(call: Call, node: ast.Try) -> bool:
    return node.body[0].lineno <= call.node.lineno <= (node.body[-1].end_lineno or 0)


def _kinds(block: Block | None) -> set[str]:
    return set() if block is None else {one.kind for one in block.chain()}


def _in_for(block: Block | None) -> bool:
    return block is not None and any(isinstance(one.node, ast.For) for one in block.chain())


MUTATORS = (handlers,)
