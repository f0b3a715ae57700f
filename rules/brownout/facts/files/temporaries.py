"""The life of temporary files: made here, and removed, handed on, or left behind on some way out of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.core import Note
from brownout.facts.failing.fallible import handed
from brownout.facts.files.ownership import (
    bound_names,
    changes_hands,
    derived,
    handed_on_at_once,
    mentions,
    only_returned,
    removed_by_callee,
    removes,
)
from brownout.facts.nodes import follows
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Call as CallTable

_NEUTRAL = frozenset(
    "str Path fspath close print len join append debug info write writelines flush fsync fileno dumps encode decode "
    "int format with_suffix with_name joinpath uuid1 uuid4 token_hex now utcnow today time strftime isoformat basename "
    "dirname".split()
)


@dataclass(slots=True)
class Leak:
    """A temporary thing that stays: `removal` is the statement that removes it only when all goes well."""

    call: Call
    what: str
    gap: str
    removal: ast.stmt | None
    notes: list[Note]
    usually: str = ""
    """What becomes of it where all goes well."""

    @property
    def fixable(self) -> bool:
        """Whether the removal stands in the block of the creation, with only the work that may fail in between."""
        after = follows(self.call.table.statement, self.call.function)
        between = after[: after.index(self.removal)] if self.removal in after else []
        return bool(between) and not any(isinstance(part, ast.Yield) for one in between for part in walk(one))


def leaks(code: Code) -> Iterator[Leak]:
    """The temporary files and directories of a file that some way out leaves behind."""
    for call in code.library_calls:
        what = _made(call)
        if what is not None and code.judged(call.function):
            found = _leak(call, what)
            if found is not None:
                yield found


def _made(call: Call) -> str | None:
    """What a call makes that does not remove itself."""
    name = call.entry.name if call.entry is not None else ""
    if name == "tempfile.NamedTemporaryFile":
        delete = call.argument("delete", 8)
        return "a temporary file" if delete is not None and call.code.constant(delete, call.function) is False else None
    return {"tempfile.mkstemp": "a temporary file", "tempfile.mkdtemp": "a temporary directory"}.get(name)


def _leak(call: Call, what: str) -> Leak | None:
    names = bound_names(call)
    if not names:
        return None if handed_on_at_once(call) else Leak(call, what, "nobody keeps its name", None, [])
    names = derived(names, call.function)
    if changes_hands(names, call):
        return _left_by_failure(call, what, names) if only_returned(names, call) else None
    code = call.code
    removals = [row for row in call.function.calls if removes(row.node, names)]
    nested = [
        row
        for function in code.functions
        if function.parent is call.function
        for row in function.calls
        if removes(row.node, names)
    ]
    if not removals:
        return None if nested or removed_by_callee(names, call) else Leak(call, what, "nothing removes it", None, [])
    done = {id(row.statement) for row in removals} | _guarded(call.function.node, removals, names)
    if any(_answers_os_error(row) for row in removals):
        return None
    escape = code.flow(call.function).escapes_without(_settled(call), lambda step: id(step) in done)
    if escape is None:
        return None
    first = removals[0]
    note = Note(code.location(first.node), "it is removed here, where all goes well")
    return Leak(
        call,
        what,
        "an exception before the removal leaves it behind",
        first.statement,
        [note],
        "it is removed where all goes well",
    )


def _left_by_failure(call: Call, what: str, names: set[str]) -> Leak | None:
    """What is returned in the end, unless the network or a program fails before: then nobody knows of it."""
    code, function = call.code, call.function
    if call.argument("dir") is not None or any(removes(row.node, names) for row in function.calls):
        return None  # a folder that somebody looks after; what cleans up here
    if removed_by_callee(names, call):
        return None
    failing = {id(one.table.statement): one for one in code.calls_in(function) if _fails(one)}
    if not failing:
        return None
    escape = code.flow(function).escapes_without(
        _settled(call), lambda step: isinstance(step, ast.Return), errors=lambda step: id(step) in failing
    )
    if escape is None or escape.kind != "error" or id(escape.at) not in failing:
        return None
    note = Note(code.location(escape.at), "where this fails, nobody has been told of it yet")
    gap = "an exception before it is returned leaves it behind"
    return Leak(call, what, gap, None, [note], "it is handed on where all goes well")


def _fails(call: Call) -> bool:
    """Whether a call asks the network or a program, and raises where that fails."""
    entry = handed(call) or call.entry
    if entry is None or entry.effect not in (Effect.NETWORK, Effect.PROCESS) or call.name == "subprocess.Popen":
        return False
    return entry.name != "subprocess.run" or any(call.argument(name) is not None for name in ("check", "timeout"))


def _answers_os_error(row: CallTable) -> bool:
    """Whether a removal stands in a handler for `OSError`: what else could happen between two file operations?"""
    blocks = row.block.chain() if row.block is not None else ()
    for block in blocks:
        if block.kind == "handler" and isinstance(block.node, ast.ExceptHandler) and block.node.type is not None:
            if {"OSError", "IOError"} & {part.id for part in walk(block.node.type) if isinstance(part, ast.Name)}:
                return True
    return False


def _settled(call: Call) -> ast.AST:
    """Where the file's life begins to matter: past the lines after it that only close a handle or name its path."""
    statement: ast.stmt = call.table.statement
    made = statement
    for node in walk(call.function.node):
        for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(block, list) and statement in block:
                for following in block[block.index(statement) + 1 :]:
                    if not isinstance(following, ast.Expr | ast.Assign | ast.AnnAssign) or _is_work(following):
                        break
                    statement = following
                break
    if statement is made and isinstance(made, ast.With) and not any(_is_work(part) for part in made.body):
        return made.body[-1]
    return statement


def _is_work(statement: ast.stmt) -> bool:
    """Whether a statement does more than take a path's name, or close what was opened."""
    nodes = list(walk(statement))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = {
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "") for function in calls
    }
    return any(isinstance(node, ast.Await | ast.Yield) for node in nodes) or not names <= _NEUTRAL


def _guarded(function: ast.AST, removals: Sequence[CallTable], names: set[str]) -> set[int]:
    """The `if` statements that ask before they remove: `if path.exists(): path.unlink()`, `if not renamed: …`."""
    nodes = {id(row.node) for row in removals}
    asked = {
        id(node)
        for node in walk(function)
        if isinstance(node, ast.If) and mentions(node.test, names) and _hold(node.body, nodes)
    }
    # what stands before the removal in the same clean-up, such as closing a handle, is not expected to fail
    bodies = [part.finalbody for part in walk(function) if isinstance(part, ast.Try)]
    bodies += [part.body for part in walk(function) if isinstance(part, ast.ExceptHandler)]
    return asked | {id(body[0]) for body in bodies if _hold(body, nodes)}


def _hold(statements: Sequence[ast.stmt], nodes: set[int]) -> bool:
    """Whether one of the nodes stands in the statements."""
    return any(id(inner) in nodes for statement in statements for inner in walk(statement))
