"""Guards that stand in real code, and the edits that take them away.

A candidate is chosen by what the code says and by what the catalog knows of the library, never by asking the rule. Left
out is what the rules are silent about on purpose: tests, commands and examples by their place (`judged`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from brownout.catalog import Effect
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.effects import weight
from brownout.facts.entrypoints import REQUEST_KINDS
from brownout.facts.intake.renderers import is_renderer
from brownout.facts.intake.uploads import limited_by_application
from brownout.facts.waiting.timeouts import Limit
from brownout.model.tables import Function

REMOTE = (Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE)
_OUTSIDE = (Effect.NETWORK, Effect.DATABASE, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL, Effect.DISK)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One guard taken away: the character ranges to replace, and the function in which the rule must speak after."""

    rule: str
    path: str
    qualname: str
    line: int
    edits: tuple[tuple[int, int, str], ...]


class Editor:
    """Character ranges of nodes in a file; every edit keeps the number of lines."""

    def __init__(self, code: Code) -> None:
        self.text = code.module.text
        self.starts = [0]
        for line in self.text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = self.text.splitlines(keepends=True)

    def place(self, line: int, column: int) -> int:
        """The character offset of a line and a UTF-8 column."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode(errors="replace"))

    def range(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where a node starts and ends."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.place(node.lineno, node.col_offset), self.place(end_line, end_column)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """A node's own text."""
        start, end = self.range(node)
        return self.text[start:end]

    def replaced(self, node: ast.expr | ast.stmt, by: str) -> tuple[int, int, str]:
        """The edit that puts other text in a node's place."""
        start, end = self.range(node)
        missing = self.text[start:end].count("\n") - by.count("\n")
        padding = "\n" * missing if isinstance(node, ast.stmt) else ""
        return start, end, by + padding

    def without(self, call: ast.Call, keyword: ast.keyword) -> tuple[int, int, str]:
        """The edit that drops a keyword with the comma before or after it."""
        start, end = self.range(keyword)
        before = re.search(r",\s*$", self.text[:start])
        after = re.match(r"\s*,[ \t]*", self.text[end:])
        if before:
            start = before.start()
        elif after:
            end += after.end()
        return start, end, "\n" * self.text[start:end].count("\n")


Mutator = Callable[[Code, Editor], Iterator[Mutation]]


def limits(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`timeout=` of calls that would wait for ever without it."""
    for call in code.calls:
        entry = call.entry
        if entry is None or entry.timeout is None or not entry.timeout.waits_forever or call.limit is not Limit.GIVEN:
            continue
        if entry.timeout.constructor or entry.timeout.ambient or call.unpacks or not code.judged(call.function):
            continue
        process = "render-no-timeout" if is_renderer(entry) else "subprocess-without-timeout"
        rule = {Effect.PROCESS: process}.get(entry.effect or Effect.CPU)
        rule = "missing-timeout" if entry.effect in REMOTE else rule
        given = [keyword for keyword in call.node.keywords if keyword.arg == entry.timeout.parameter]
        if rule is not None and given:
            yield _mutation(rule, call, (editor.without(call.node, given[0]),))


def offloads(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`await asyncio.to_thread(f, x)` around what the catalog knows to wait for others, itself or in one helper."""
    for call in code.calls:
        entry = call.entry
        if entry is None or entry.offload is None or entry.offload.to != "thread" or not call.awaited:
            continue
        given = call.argument(entry.offload.parameter, entry.offload.position)
        if given is None or isinstance(given, ast.Lambda | ast.Call) or not call.on_loop or call.unpacks:
            continue
        if not _waits(code, code.symbol(given, call.function)):
            continue
        position = call.node.args.index(given) if given in call.node.args else 0
        rest = [editor.source(argument) for argument in call.node.args[position + 1 :]]
        rest += [
            f"{keyword.arg}={editor.source(keyword.value)}"
            for keyword in call.node.keywords
            if keyword.arg not in ("limiter", "abandon_on_cancel", "cancellable", entry.offload.parameter)
        ]
        start, end = editor.range(call.node)
        opening = re.search(r"await\s+$", editor.text[:start])
        if opening is None:
            continue
        text = f"{editor.source(given)}({', '.join(rest)})"
        text += "\n" * 0 if "\n" not in editor.text[start:end] else ""
        if "\n" in editor.text[opening.start() : end] and "\n" not in text:
            text = text[:-1] + "\n" * editor.text[opening.start() : end].count("\n") + ")"
        yield _mutation("blocking-call-in-async", call, ((opening.start(), end, text),))


def _waits(code: Code, symbol: str | None) -> bool:
    links = code.project.links
    entry = links.entry(symbol)
    if entry is not None:
        return entry.blocks and weight(entry) == 0
    callee = links.callee(symbol)
    if callee is None or callee.is_async or callee.is_generator or callee.decorators:
        return False
    return any(
        (inner := links.entry(row.symbol)) is not None and inner.blocks and not row.spared and weight(inner) == 0
        for row in callee.calls
    )


def replaces(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`os.replace(temporary, path)` after writing to `temporary`: written in place instead."""
    for function in code.functions:
        moves = [c for c in code.calls_in(function) if c.name in ("os.replace", "pathlib.Path.replace")]
        writes = [c for c in code.calls_in(function) if _writes(c)]
        if len(moves) != 1 or len(writes) != 1 or not code.judged(function):
            continue
        if not any(re.search(r"(^|\.)(dumps?|safe_dump|model_dump_json)$", c.text) for c in code.calls_in(function)):
            continue  # a download or an upload, not the state of the program
        move, write = moves[0], writes[0]
        is_module = move.name == "os.replace"
        old = move.argument("src", 0) if is_module else move.receiver
        new = move.argument("dst", 1) if is_module else move.argument("target", 0)
        path = write.argument("file", 0) if write.name == "builtins.open" else write.receiver
        if old is None or new is None or path is None or ast.unparse(old) != ast.unparse(path):
            continue
        statement = move.table.statement
        if not isinstance(statement, ast.Expr) or not _is_state(new, code, write.function):
            continue
        edits = (editor.replaced(path, editor.source(new)), editor.replaced(statement, "pass"))
        yield _mutation("non-atomic-state-write", write, edits)


_STATE_NAMES = re.compile(
    r"checkpoint|state|config|manifest|index|cache|progress|settings|queue|session", re.IGNORECASE
)


def _is_state(path: ast.expr, code: Code, function: Function) -> bool:
    """Whether a file is state as the catalogue of rules defines it: named as such, or read back in the same file."""
    text = ast.unparse(path)
    if _STATE_NAMES.search(text) or _STATE_NAMES.search(code.text_of(path, function)):
        return True
    readers = (call for call in code.all_calls if call.name in ("builtins.open", "pathlib.Path.read_text"))
    return any(not _writes(call) and text in ast.unparse(call.node) for call in readers)


def _writes(call: Call) -> bool:
    if call.name in ("pathlib.Path.write_text", "pathlib.Path.write_bytes"):
        return True
    mode = call.argument("mode", 1) if call.name == "builtins.open" else call.argument("mode", 0)
    return (
        call.name in ("builtins.open", "pathlib.Path.open")
        and isinstance(mode, ast.Constant)
        and "w" in str(mode.value)
    )


def removals(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The removal of a temporary file, wherever the function removes it by its name."""
    for function in code.functions:
        makers = [c for c in code.calls_in(function) if c.has("temp") and _stays(c)]
        if len(makers) != 1 or not code.judged(function):
            continue
        removers = [
            c
            for c in code.calls_in(function)
            if re.search(r"(^|\.)(unlink|remove|rmtree|cleanup)$", c.text)
            and isinstance(c.table.statement, ast.Expr)
            and c.table.block is not None
            and any(block.kind == "finally" for block in c.table.block.chain())
        ]
        returned = any(isinstance(value, ast.Name | ast.Attribute | ast.Tuple) for value in function.returns)
        if removers and not returned and not function.yields:
            edits = tuple(editor.replaced(c.table.statement, "pass") for c in removers)
            yield _mutation("leaked-temporary-file", makers[0], edits)


def _stays(call: Call) -> bool:
    last = call.name.rpartition(".")[2]
    delete = call.argument("delete")
    kept = isinstance(delete, ast.Constant) and delete.value is False
    return last in ("mkstemp", "mkdtemp") or (last == "NamedTemporaryFile" and kept)


def disconnects(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The only handler for a client that leaves, around a loop over a served socket."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or not any(
            isinstance(part, ast.While | ast.AsyncFor) for statement in node.body for part in ast.walk(statement)
        ):
            continue
        named = [handler for handler in node.handlers if handler.type is not None]
        if len(named) != len(node.handlers) or not named or "websocket" not in code.kinds(row.function):
            continue
        if {ast.unparse(handler.type) for handler in named if handler.type} != {"WebSocketDisconnect"}:
            continue
        if len([one for one in code.module.tries if one.function is row.function]) > 1:
            continue
        edits = tuple(editor.replaced(handler.type, "ZeroDivisionError") for handler in named if handler.type)
        yield Mutation("websocket-disconnect-unhandled", code.module.path, row.function.qualname, node.lineno, edits)


def bounds(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The size in `await upload.read(size)`, where it is read once and the application limits bodies nowhere else."""
    if limited_by_application(code.project):
        return
    for call in code.calls:
        if call.has("upload-read") and call.name.endswith("UploadFile.read") and len(call.node.args) == 1:
            if call.table.block is None or all(block.kind != "loop" for block in call.table.block.chain()):
                yield _mutation("unbounded-upload-read", call, (editor.replaced(call.node.args[0], ""),))


def cleaned(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`secure_filename(upload.filename)`, `os.path.basename(…)`, `Path(…).name`: the name as the client sent it."""
    for call in code.calls:
        if len(call.node.args) != 1 or not ast.unparse(call.node.args[0]).endswith(".filename"):
            continue
        inner = editor.source(call.node.args[0])
        if not _is_joined(call):
            continue
        if call.text in ("secure_filename", "os.path.basename", "basename"):
            yield _mutation("upload-path-traversal", call, (editor.replaced(call.node, inner),))
        elif call.text.endswith("Path") and isinstance(call.table.parent, ast.Attribute):
            if call.table.parent.attr == "name":
                yield _mutation("upload-path-traversal", call, (editor.replaced(call.table.parent, inner),))


def _is_joined(call: Call) -> bool:
    """Whether the clean name, or the one name it is bound to, is joined into a path in the same function."""
    statement = call.table.statement
    names = {target.id for target in getattr(statement, "targets", ()) if isinstance(target, ast.Name)}
    for part in ast.walk(call.function.node):
        joined: list[ast.expr] = []
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div):
            joined = [part.right]
        elif isinstance(part, ast.Call) and ast.unparse(part.func) in ("os.path.join", "path.join"):
            joined = part.args
        for one in joined:
            if any(
                inner is call.node or (isinstance(inner, ast.Name) and inner.id in names) for inner in ast.walk(one)
            ):
                return True
    return False


def logs(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The log of a handler of everything around a direct call of another service.

    Not where the handler stands in another one, tidies up, or where the `try` leaves the function when all is well:
    there the code after it deals with the failure.
    """
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or len(node.handlers) != 1 or node.orelse or node.finalbody:
            continue
        if not code.judged(row.function) or any(isinstance(part, ast.Return) for part in ast.walk(node)):
            continue
        handler = node.handlers[0]
        log, *rest = handler.body
        if any("#" in line for line in editor.lines[handler.lineno - 1 : handler.end_lineno]):
            continue  # a comment says why
        plain = not rest or (len(rest) == 1 and isinstance(rest[0], ast.Pass | ast.Continue))
        if handler.type is None or ast.unparse(handler.type) != "Exception" or not plain:
            continue
        is_log = isinstance(log, ast.Expr) and re.match(r"(\w+\.)*_?log(ger|ging)?\.\w+\(", ast.unparse(log), re.I)
        if row.block is not None and any(block.kind in ("handler", "finally") for block in row.block.chain()):
            continue
        if is_log and _works_outside(node, row.function, code):
            edits = (editor.replaced(log, "pass"), *(editor.replaced(one, "") for one in rest))
            yield Mutation("failure-swallowed", code.module.path, row.function.qualname, handler.lineno, edits)


def _works_outside(node: ast.Try, function: Function, code: Code) -> bool:
    first, last = node.body[0].lineno, node.body[-1].end_lineno or 0
    effects = (Effect.NETWORK, Effect.DATABASE, Effect.MESSAGE)
    tidies = re.compile(r"close|rollback|stop|shutdown|cleanup|delete|remove", re.I)
    return not tidies.search(function.name) and any(
        first <= call.node.lineno <= last and call.does(*effects) and not tidies.search(call.text)
        for call in code.calls_in(function)
    )


def checks(code: Code, editor: Editor) -> Iterator[Mutation]:
    """What a health route looks at: it answers with a constant instead."""
    for function in code.functions:
        node = function.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.args.args or node.args.kwonlyargs:
            continue
        if not any(point.kind == "route" for point in code.points(function)):
            continue
        if not re.search(r"^(_?health|healthz|health_?check|ready|readyz|readiness)$", node.name, re.I):
            continue
        looks = any(call.does(Effect.NETWORK, Effect.DATABASE, Effect.PROCESS) for call in code.calls_in(function))
        elsewhere = (call for other in code.functions if other is not function for call in code.calls_in(other))
        if looks and any(call.does(Effect.NETWORK, Effect.DATABASE, Effect.PROCESS) for call in elsewhere):
            body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
            start, end = editor.range(body[0])[0], editor.range(body[-1])[1]
            lines = editor.text[start:end].count("\n")
            yield Mutation(
                "constant-health-check", code.module.path, function.qualname, node.lineno,
                ((start, end, 'return {"status": "ok"}' + "\n" * lines),),
            )  # fmt: skip


def caches(code: Code, editor: Editor) -> Iterator[Mutation]:
    """The cache around a function that loads a model and that requests come by."""
    for function in code.functions:
        found = [d for d in function.decorators if re.search(r"(^|\.)(lru_cache|cache)(\(.*\))?$", ast.unparse(d))]
        loads = any(call.does(Effect.MODEL) for call in code.calls_in(function))
        if len(found) == 1 and loads and code.kinds(function) & REQUEST_KINDS:
            start, end = editor.range(found[0])
            yield Mutation(
                "model-load-per-request", code.module.path, function.qualname, getattr(function.node, "lineno", 0),
                ((start - 1, end, ""),),
            )  # fmt: skip


def goes_out(symbol: str | None, code: Code, steps: int = 3) -> bool:
    """Whether what is called works with the outside world, itself or in a few helpers."""
    links = code.project.links
    entry, callee = links.entry(symbol), links.callee(symbol)
    if callee is None:
        return entry is not None and entry.effect in _OUTSIDE
    return steps > 0 and any(goes_out(row.symbol, code, steps - 1) for row in callee.calls)


def _mutation(rule: str, call: Call, edits: tuple[tuple[int, int, str], ...]) -> Mutation:
    return Mutation(rule, call.code.module.path, call.function.qualname, call.node.lineno, edits)


MUTATORS: tuple[Mutator, ...] = (
    limits, offloads, replaces, removals, disconnects, bounds, cleaned, logs, checks, caches,
)  # fmt: skip


def mutations(code: Code) -> Iterator[Mutation]:
    """Every guard of a file that can be taken away."""
    from wild.mutators_dependencies import MUTATORS as OF_DEPENDENCIES
    from wild.mutators_endings import MUTATORS as ENDINGS
    from wild.mutators_guards import MUTATORS as GUARDS
    from wild.mutators_handlers import MUTATORS as HANDLERS
    from wild.mutators_limits import MUTATORS as LIMITS
    from wild.mutators_statuses import MUTATORS as STATUSES

    editor = Editor(code)
    for mutator in (*MUTATORS, *OF_DEPENDENCIES, *GUARDS, *ENDINGS, *HANDLERS, *LIMITS, *STATUSES):
        yield from mutator(code, editor)


def apply(text: str, edits: tuple[tuple[int, int, str], ...]) -> str:
    """The text with one mutation's edits made."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text
