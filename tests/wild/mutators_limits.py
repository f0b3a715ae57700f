"""Limits and precautions that are a value, a test or a block, and the edits that take them away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.catalog import Effect
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.nodes import last_word, own
from brownout.model.tables import Function

from wild.mutators import Editor, Mutation, goes_out

_WORDS = (
    ("sqlite-deferred-upgrade", "BEGIN IMMEDIATE", "BEGIN"),
    ("sqlite-unsafe-pragma", r"synchronous\s*=\s*(NORMAL|FULL)", "synchronous = OFF"),
)


def words(code: Code, editor: Editor) -> Iterator[Mutation]:
    """What is said to SQLite: the transaction that takes its lock at once, the mode that survives a crash."""
    for call in code.all_calls:
        first = call.node.args[0] if call.node.args else None
        if not call.text.endswith(".execute") or not isinstance(first, ast.Constant) or not code.judged(call.function):
            continue
        for rule, careful, careless in _WORDS:
            source = editor.source(first)
            texts = ast.unparse(call.function.node).lower()
            if rule == "sqlite-deferred-upgrade" and not re.search(
                r"\bselect\b.*\b(insert|update|delete)\b", texts, re.S
            ):
                continue  # nothing is read before it is written
            if re.search(careful, source, re.IGNORECASE):
                changed = re.sub(careful, careless, source, flags=re.IGNORECASE)
                yield _at(rule, call, (editor.replaced(first, changed), *_reasons(call, editor)))


def _reasons(call: Call, editor: Editor) -> Iterator[tuple[int, int, str]]:
    """The comment right above a statement, which says why the careful value was chosen: it goes with it."""
    line = call.table.statement.lineno - 1
    while line > 0 and editor.lines[line - 1].lstrip().startswith("#"):
        text = editor.lines[line - 1]
        start = editor.starts[line - 1]
        yield start, start + len(text.rstrip("\r\n")), ""
        line -= 1


def keywords(code: Code, editor: Editor) -> Iterator[Mutation]:
    """Limits that are an argument; a wait of a request that is short; a queue's size given by its place."""
    for call in code.calls:
        entry = call.entry
        if entry is None or call.unpacks or not code.judged(call.function):
            continue
        gone = [one for one in call.node.keywords if one.arg in ("first_page", "last_page")]
        if gone and entry.name.startswith("pdf2image.convert"):
            edits = tuple(editor.without(call.node, keyword) for keyword in gone)
            yield _at("pdf-all-pages-in-memory", call, edits)
        for keyword in call.node.keywords:
            is_limit = entry.timeout is not None and keyword.arg == entry.timeout.parameter
            if is_limit and call.does(Effect.NETWORK) and code.in_request(call.function):
                if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int):
                    yield _at("timeout-too-long", call, (editor.replaced(keyword.value, "3600"),))
        if entry.name in ("queue.Queue", "asyncio.Queue") and len(call.node.args) == 1 and not call.node.keywords:
            if not (isinstance(call.node.args[0], ast.Constant) and call.node.args[0].value == 0):
                yield _at("unbounded-queue", call, (editor.replaced(call.node.args[0], ""),))
        if entry.name == "logging.handlers.RotatingFileHandler" and call.node.args:
            text = f"__import__('logging').FileHandler({editor.source(call.node.args[0])})"
            lines = editor.source(call.node).count("\n")
            yield _at("unbounded-log-file", call, (editor.replaced(call.node, text[:-1] + "\n" * lines + ")"),))


def tests(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`if size > LIMIT: raise …` while an upload is copied, `if result.status != …: raise …` after a conversion."""
    for node in ast.walk(code.module.tree):
        if not isinstance(node, ast.If) or not isinstance(node.body[-1], ast.Raise | ast.Return | ast.Break):
            continue
        function = max(
            (one for one in code.functions if _around(one.node, node.lineno)),
            key=lambda one: getattr(one.node, "lineno", 0),
            default=code.module.body,
        )
        test = ast.unparse(node.test)
        calls = code.calls_in(function)
        rule = ""
        if re.search(r"\.status\b", test) and any("docling" in call.canonical for call in calls):
            rule = "conversion-status-unchecked"
        elif (
            re.search(r">=? ", test) and re.search(r"MAX|LIMIT", test) and any(one.has("upload-read") for one in calls)
        ):
            writes = any(re.search(r"\.write$", one.text) for one in code.all_calls if one.function is function)
            rule = "upload-unbounded-copy" if writes else ""
        if rule and code.judged(function):
            edit = editor.replaced(node, "pass")
            yield Mutation(rule, code.module.path, function.qualname, node.lineno, (edit,))


def _around(node: ast.AST, line: int) -> bool:
    return not isinstance(node, ast.Module) and getattr(node, "lineno", 0) <= line <= (
        getattr(node, "end_lineno", 0) or 0
    )


def blocks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`with connection` around several writes, `async with semaphore`, `with open(path) as file`."""
    for row in code.module.withs:
        node = row.node
        if not isinstance(node, ast.With | ast.AsyncWith) or len(node.items) != 1 or not code.judged(row.function):
            continue
        item = node.items[0]
        start, end = editor.place(node.lineno, node.col_offset), editor.range(item.context_expr)[1]
        context = ast.unparse(item.context_expr)
        call = code.call_of(item.context_expr)
        rule, text = "", "if True"
        if (
            isinstance(node, ast.AsyncWith)
            and re.search(r"sem|limit|slot", context, re.I)
            and item.optional_vars is None
        ):
            if not any(
                goes_out(one.symbol, code) for one in code.calls_in(row.function) if one.node.lineno > node.lineno
            ):
                continue  # it awaits what it is handed, say: nobody can tell from here what that is
            for gatherer in _gatherers(row.function, code):
                edit = (start, end, "if True")
                yield Mutation("unbounded-fan-out", code.module.path, gatherer.qualname, node.lineno, (edit,))
        elif call is not None and call.name == "builtins.open" and code.serves(row.function):
            if not isinstance(item.optional_vars, ast.Name):
                continue
            opened = f"{item.optional_vars.id} = {editor.source(item.context_expr)}"
            rule, text = "handle-not-closed", f"{opened}\n{' ' * node.col_offset}if True"
            end = editor.range(item.optional_vars)[1]
        if rule:
            yield Mutation(rule, code.module.path, row.function.qualname, node.lineno, ((start, end, text),))


def _gatherers(function: Function, code: Code) -> list[Function]:
    """The functions of the file that gather what a function, or the one around it, does for each element of a list.

    Not the function itself: a place for the whole gather does not limit how much that does at once.
    """
    found: list[Function] = []
    for other in code.functions:
        parts = list(own(other.node))
        names = {one.name for one in (function, function.parent) if one is not None and one is not other}
        gathers = any(
            isinstance(part, ast.Call)
            and last_word(part) == "gather"
            and any(isinstance(argument, ast.Starred) for argument in part.args)
            for part in parts
        )
        each = [part for part in parts if isinstance(part, ast.For | ast.ListComp | ast.GeneratorExp)]
        started = {last_word(part) for one in each for part in ast.walk(one) if isinstance(part, ast.Call)}
        if gathers and other is not function and names & started and code.serves(other):
            found.append(other)
    return found


def tasks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`tasks.add(task)` of a task that is kept nowhere else, and the callback that reads its failure."""
    for call in code.all_calls:
        statement = call.table.statement
        if not isinstance(statement, ast.Assign) or not call.canonical.endswith("create_task"):
            continue
        if not call.canonical.startswith("asyncio."):
            continue  # a wrapper of the project: it may keep the task itself, as Home Assistant's does
        if not isinstance(statement.targets[0], ast.Name) or statement.value is not call.node:
            continue
        name = statement.targets[0].id
        others = [one for one in code.all_calls if one.function is call.function and _names(one, name)]
        if not code.judged(call.function) or not all(isinstance(one.table.statement, ast.Expr) for one in others):
            continue
        loads = sum(
            isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
            for part in ast.walk(call.function.node)
        )
        keeps = [one for one in others if re.search(r"\.(add|append|add_done_callback)$", one.text)]
        if keeps and len(keeps) == loads and any(one.text.endswith((".add", ".append")) for one in keeps):
            yield _at("task-dropped", call, tuple(editor.replaced(one.table.statement, "pass") for one in keeps))


def _names(call: Call, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(call.node))


def pauses(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`await asyncio.sleep(…)`, the only `await` of an endless loop."""
    for row in code.module.loops:
        node = row.node
        if not isinstance(node, ast.While) or not row.function.is_async or not code.judged(row.function):
            continue
        waits = [part for part in ast.walk(node) if isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith)]
        endless = isinstance(node.test, ast.Constant) and not any(
            isinstance(p, ast.Break | ast.Return) for p in ast.walk(node)
        )
        if (
            len(node.body) > 1
            and len(waits) == 1
            and endless
            and isinstance(waits[0], ast.Await)
            and "sleep(" in ast.unparse(waits[0])
        ):
            edit = editor.replaced(waits[0], "None")
            yield Mutation("async-spin", code.module.path, row.function.qualname, node.lineno, (edit,))


def _at(rule: str, call: Call, edits: tuple[tuple[int, int, str], ...]) -> Mutation:
    return Mutation(rule, call.code.module.path, call.function.qualname, call.node.lineno, edits)


MUTATORS = (words, keywords, tests, blocks, tasks, pauses)
