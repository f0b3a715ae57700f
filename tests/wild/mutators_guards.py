"""Guards that are an argument, a statement or a block around one, and the edits that take them away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.databases.sqlite import is_served, opens_file
from brownout.facts.practices import in_main
from brownout.model.tables import Function

from wild.mutators import Editor, Mutation

_DROPPED = {
    ("tempfile.mkstemp", "dir"): "cross-device-replace",
    ("tempfile.NamedTemporaryFile", "dir"): "cross-device-replace",
    ("queue.Queue", "maxsize"): "unbounded-queue",
    ("asyncio.Queue", "maxsize"): "unbounded-queue",
    ("docling.document_converter.DocumentConverter.convert", "max_num_pages"): "docling-no-limits",
    ("docling.document_converter.DocumentConverter.convert", "max_file_size"): "docling-no-limits",
}
"""Arguments without which a call is careless, by the name that the catalog gives it."""
_SET = {
    ("sqlite3.connect", "timeout", "0"): "sqlite-busy-timeout-zero",
    ("functools.lru_cache", "maxsize", "None"): "unbounded-cache",
    ("uvicorn.run", "ws_ping_interval", "None"): "ws-heartbeat-off",
    ("websockets.connect", "ping_interval", "None"): "ws-heartbeat-off",
    ("websockets.asyncio.client.connect", "ping_interval", "None"): "ws-heartbeat-off",
    ("flask.Flask.run", "debug", "True"): "debug-on",
    ("fastapi.FastAPI", "debug", "True"): "debug-on",
}
"""Arguments whose careful value becomes a careless one."""


def arguments(code: Code, editor: Editor) -> Iterator[Mutation]:
    """Arguments that are left out, or switched off."""
    for call in code.calls:
        name = call.entry.name if call.entry is not None else ""
        if not name or call.unpacks or not code.judged(call.function) or in_main(call):
            continue
        gone: dict[str, list[ast.keyword]] = {}
        for keyword in call.node.keywords:
            rule = _DROPPED.get((name, keyword.arg or ""))
            if rule is not None and (rule != "cross-device-replace" or _calls(call.function, "replace", "rename")):
                gone.setdefault(rule, []).append(keyword)
        for rule, keywords in gone.items():
            if rule == "docling-no-limits" and "document_timeout" in code.module.text:
                continue  # another limit
            kept = len(call.node.args) + len(call.node.keywords) - len(keywords)
            if kept or len(keywords) == 1:
                yield _at(rule, call, tuple(editor.without(call.node, keyword) for keyword in keywords))
        for keyword in call.node.keywords:
            for (wanted, argument, value), rule in _SET.items():
                if (name, keyword.arg) == (wanted, argument) and isinstance(keyword.value, ast.Constant):
                    if ast.unparse(keyword.value) != value and keyword.value.value not in (None, 0):
                        yield _at(rule, call, (editor.replaced(keyword.value, value),))


def statements(code: Code, editor: Editor) -> Iterator[Mutation]:
    """Calls on a line of their own without which what is around them is careless."""
    for call in code.all_calls:
        if not isinstance(call.table.statement, ast.Expr) or not code.judged(call.function) or in_main(call):
            continue
        if call.table.statement.value not in (call.node, call.table.parent):
            continue
        rule = _rule_of(call, code)
        if rule is not None:
            yield _at(rule, call, (editor.replaced(call.table.statement, "pass"),))


def _rule_of(call: Call, code: Code) -> str | None:
    last = call.text.rpartition(".")[2]
    first = call.node.args[0] if call.node.args else None
    sql = str(first.value).lower() if isinstance(first, ast.Constant) else ""
    same = [other for other in code.all_calls if other.text == call.text]
    if (
        call.has("fsync")
        and len(same) == 1
        and not _calls(call.function, "mkstemp", "fdopen")
        and _calls(call.function, "replace", "rename")
    ):
        return "replace-without-fsync"
    if last == "execute" and "journal_mode" in sql and "wal" in sql and code.module.text.lower().count("wal") == 1:
        if not any(opens_file(other) and is_served(other) for other in code.calls_in(call.function)):
            return None
        return "sqlite-without-wal"
    if call.text == "os.close" and _closes_temporary(call, same) and not _calls(call.function, "fdopen"):
        return "mkstemp-fd-leak"
    if last == "settimeout" and len(same) == 1 and _calls(call.function, "connect") and not call.in_async:
        return "socket-no-timeout"
    if call.has("commit") and call.name.startswith("sqlite3.") and opens_sqlite(call.function, code) and len(same) == 1:
        if not re.search(r"\b(insert|update|delete|replace)\b", ast.unparse(call.function.node), re.IGNORECASE):
            return None
        return "sqlite-write-not-committed"
    return None


def _closes_temporary(call: Call, same: list[Call]) -> bool:
    """Whether a call is the only one that closes a descriptor of `mkstemp` which nobody but its function knows.

    Left out are those kept on an object, which whoever has the object may close, and those closed in two places.
    """
    closed = ast.unparse(call.node.args[0]) if call.node.args else ""
    made = [
        part.targets[0]
        for part in ast.walk(call.function.node)
        if isinstance(part, ast.Assign)
        and re.search(r"\bmkstemp$", ast.unparse(getattr(part.value, "func", part.value)))
    ]
    names = [one.elts[0].id for one in made if isinstance(one, ast.Tuple) and isinstance(one.elts[0], ast.Name)]
    closing = [one for one in same if one.function is call.function and closed in map(ast.unparse, one.node.args)]
    return closed in names and len(closing) == 1


def opens_sqlite(function: Function, code: Code) -> bool:
    """Whether a function opens one database file, for itself and not for its caller."""
    made = [call for call in code.calls_in(function) if call.has("sqlite-connect")]
    return len(made) == 1 and opens_file(made[0]) and not function.yields


def blocks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`with closing(connection)` and `async with semaphore`: the same without them."""
    for row in code.module.withs:
        node = row.node
        if not isinstance(node, ast.With | ast.AsyncWith) or len(node.items) != 1 or not code.judged(row.function):
            continue
        context = node.items[0].context_expr
        call = code.call_of(context)
        if call is not None and call.canonical == "contextlib.closing" and len(call.node.args) == 1:
            inner = code.call_of(call.node.args[0])
            if inner is not None and inner.entry is not None and inner.entry.name == "sqlite3.connect":
                if not opens_sqlite(row.function, code):
                    continue
                edit = editor.replaced(context, editor.source(call.node.args[0]))
                yield Mutation("sqlite-not-closed", code.module.path, row.function.qualname, node.lineno, (edit,))


def copies(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`for client in list(self.clients)`: without the copy, where the loop takes clients out."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.For) or not isinstance(node.iter, ast.Call) or not code.judged(row.function):
            continue
        words = " ".join(ast.unparse(one) for one in node.body)
        is_copy = isinstance(node.iter.func, ast.Name) and node.iter.func.id in ("list", "tuple", "set")
        if not is_copy or len(node.iter.args) != 1 or not re.search(r"await .*send\w*\(", words):
            continue
        kept = ast.unparse(node.iter.args[0]).removesuffix(".items()").removesuffix(".values()")
        if re.search(rf"{re.escape(kept)}\.(remove|discard|pop)\(", words):
            edit = editor.replaced(node.iter, editor.source(node.iter.args[0]))
            yield Mutation(
                "mutate-while-iterating-clients", code.module.path, row.function.qualname, node.lineno, (edit,)
            )


def devices(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`"cuda" if torch.cuda.is_available() else "cpu"`: the first of both."""
    for node in ast.walk(code.module.tree):
        if isinstance(node, ast.IfExp) and ast.unparse(node.test) == "torch.cuda.is_available()":
            if isinstance(node.body, ast.Constant) and node.body.value == "cuda":
                edit = editor.replaced(node, editor.source(node.body))
                function = _function_at(code, node.lineno)
                if code.judged(function) and node.lineno != getattr(function.node, "lineno", 0):  # no default
                    yield Mutation("cuda-hard-coded", code.module.path, function.qualname, node.lineno, (edit,))


def looks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`if image is None: raise …` after `cv2.imread`, the only look at what it gave."""
    for call in code.calls:
        statement = call.table.statement
        if not call.canonical.endswith("cv2.imread") or not isinstance(statement, ast.Assign):
            continue
        name = ast.unparse(statement.targets[0])
        tests = [
            part
            for part in ast.walk(call.function.node)
            if isinstance(part, ast.If) and ast.unparse(part.test) in (f"{name} is None", f"not {name}")
        ]
        if len(tests) == 1 and code.judged(call.function):
            yield _at("imread-none", call, (editor.replaced(tests[0].test, "False"),))


def cancellations(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`except CancelledError: raise`: the task goes on."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or not row.function.is_async or not code.judged(row.function):
            continue
        for handler in node.handlers:
            last = handler.body[-1]
            if handler.type is None or not ast.unparse(handler.type).endswith("CancelledError"):
                continue
            loops = row.block is not None and any(block.kind == "loop" for block in row.block.chain())
            if loops and isinstance(last, ast.Raise) and last.exc is None:
                edit = editor.replaced(last, "continue")
                yield Mutation("cancellation-swallowed", code.module.path, row.function.qualname, node.lineno, (edit,))


def tracebacks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`logger.exception(…)` in a handler of everything that goes on: only the message is left."""
    for call in code.all_calls:
        func, block = call.node.func, call.table.block
        if not isinstance(func, ast.Attribute) or func.attr != "exception" or not code.judged(call.function):
            continue
        handler = block.node if block is not None and block.kind == "handler" else None
        if not isinstance(handler, ast.ExceptHandler) or handler.type is None or call.node.keywords:
            continue
        if ast.unparse(handler.type) != "Exception" or len(handler.body) != 1 or len(call.node.args) != 1:
            continue
        if isinstance(call.node.args[0], ast.Constant):
            start, end = editor.range(func)
            text = editor.text[start:end]
            if text.endswith("exception"):
                yield _at("error-without-context", call, ((end - len("exception"), end, "error"),))


def _function_at(code: Code, line: int) -> Function:
    """The innermost function around a line."""
    around = [
        function
        for function in code.functions
        if not isinstance(function.node, ast.Module) and function.node.lineno <= line <= (function.node.end_lineno or 0)
    ]
    return max(around, key=lambda one: getattr(one.node, "lineno", 0), default=code.module.body)


def _calls(function: Function, *names: str) -> bool:
    found = (row.node.func for row in function.calls)
    return any((one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) in names for one in found)


def _at(rule: str, call: Call, edits: tuple[tuple[int, int, str], ...]) -> Mutation:
    return Mutation(rule, call.code.module.path, call.function.qualname, call.node.lineno, edits)


MUTATORS = (arguments, statements, blocks, copies, devices, looks, cancellations, tracebacks)
