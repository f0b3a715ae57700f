"""Handlers that are the only one around what may fail, and the edits that let the failure through."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.renderers import is_renderer
from brownout.model.tables import Block, Row

from wild.mutators import Editor, Mutation

_PARSES = frozenset({"pdf-parse", "image-parse", "archive-extract", "ocr"})
_FAILED = re.compile(r"^(failed|failure|error|errored)$", re.IGNORECASE)
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
        return "parse-unguarded" if "loop" not in around else None
    if any(one.canonical in _LOADERS for one in calls) and kept & {"JSONDecodeError", "ValueError", "UnpicklingError"}:
        reads = any(re.search(r"(^|\.)(open|read_text|read_bytes)$", one.text) for one in code.calls_in(row.function))
        return "state-load-unguarded" if reads and code.serves(row.function) else None
    if everything and goes_on and "thread" in code.kinds(row.function) and "loop" in around:
        return "worker-thread-dies"
    remote = [one for one in code.calls_in(row.function) if one.does(Effect.NETWORK)]
    if (
        remote
        and all(one in calls for one in remote)
        and code.in_request(row.function)
        and any("HTTPException" in ast.unparse(one) for one in handler.body)
    ):
        return "unguarded-dependency-call" if "loop" not in around else None
    return None


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


def failures(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The status that a handler sets when a job fails: it stays at what it was."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or not code.judged(row.function) or node.finalbody:
            continue
        for handler in node.handlers:
            if handler.type is None or ast.unparse(handler.type) != "Exception":
                continue
            marks = [one for one in handler.body if isinstance(one, ast.Assign) and _marks(one)]
            if len(marks) == 1:
                edit = editor.replaced(marks[0], "pass")
                yield Mutation("stuck-status", code.module.path, row.function.qualname, node.lineno, (edit,))


def _marks(node: ast.Assign) -> bool:
    target, value = node.targets[0], node.value
    word = value.value if isinstance(value, ast.Constant) else getattr(value, "attr", "")
    name = target.attr if isinstance(target, ast.Attribute) else ""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        name = str(target.slice.value)
    return name in ("status", "state") and isinstance(word, str) and _FAILED.match(word) is not None


MUTATORS = (handlers, failures)
