"""Tasks that are kept, and whether anybody ever looks at how they ended."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.failing.fallible import CALM
from brownout.facts.nodes import last_word
from brownout.facts.tasks.selfreliant import handles_its_own
from brownout.facts.tasks.tasks import Started, spawned
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_FORGETS = frozenset({"discard", "remove", "pop", "clear"})


def unobserved(code: Code) -> Iterator[Started]:
    """The tasks of a file that are kept so that they live, and whose failure nobody reads."""
    for call in spawned(code):
        if not code.judged(call.function):
            continue
        kept = _kept_as(call)
        if kept is None or _is_watched(kept, call) or not _can_fail(call):
            continue
        work = code.call_of(call.node.args[0])
        yield Started(call, work.text if work is not None else "the task")


def _kept_as(call: Call) -> list[str] | None:
    """The names under which a task is kept beyond the function: attribute, collection; None where it is not."""
    statement, parent = call.table.statement, call.table.parent
    if isinstance(parent, ast.Call) and last_word(parent.func) in ("add", "append") and _outlives(parent.func, call):
        return [_key(parent.func.value)] if isinstance(parent.func, ast.Attribute) else None
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is not call.node:
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names: list[str] = []
    lasting = False
    for target in targets:
        if isinstance(target, ast.Attribute | ast.Subscript):
            lasting = True
            names.append(_key(target))
        elif isinstance(target, ast.Name):
            names.append(target.id)
            lasting = lasting or target.id in call.function.scope.declared
            for row in call.function.calls:
                made = row.node
                if isinstance(made.func, ast.Attribute) and made.func.attr in ("add", "append"):
                    if any(isinstance(value, ast.Name) and value.id == target.id for value in made.args):
                        names.append(_key(made.func.value))
                        lasting = lasting or _outlives(made.func, call)
            for stored in call.code.module.assigns:
                node = stored.node
                if stored.function is call.function and isinstance(node, ast.Assign):
                    if isinstance(node.value, ast.Name) and node.value.id == target.id:
                        names += [_key(other) for other in node.targets]
                        lasting = lasting or any(
                            isinstance(other, ast.Attribute | ast.Subscript) for other in node.targets
                        )
    return names if lasting else None


def _outlives(function: ast.expr, call: Call) -> bool:
    """Whether a collection is the module's or an object's."""
    value = function.value if isinstance(function, ast.Attribute) else None
    if isinstance(value, ast.Name):
        return value.id not in call.function.scope.bindings
    return isinstance(value, ast.Attribute)


def _key(node: ast.expr) -> str:
    """The name under which something is kept: `.tasks` for an attribute or what stands in it, `tasks` for a name."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return f".{node.attr}" if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_watched(names: list[str], call: Call) -> bool:
    """Whether something in the file waits for the task, asks how it ended, or is called when it does."""
    aliases = [alias for name in names for alias in _aliases(name, call)]
    wanted = [
        re.escape(name) if name[0] == "." else rf"(?<![\w.]){re.escape(name)}" for name in (*names, *aliases) if name
    ]
    uses = re.compile(rf"(?:{'|'.join(wanted)})\b")
    for other in call.code.all_calls:
        last = other.last
        receiver = other.receiver
        if last == "add_done_callback" and receiver is not None and other.node.args:
            is_ours = uses.search(unparse(receiver)) or receiver is call.node
            if is_ours and last_word(other.node.args[0]) not in _FORGETS:
                return True
        elif last in ("result", "exception") and receiver is not None and uses.search(unparse(receiver)):
            return True
        elif last in ("gather", "wait", "wait_for", "as_completed", "shield", "run_until_complete"):
            if any(uses.search(unparse(argument)) for argument in other.node.args):
                return True
        elif last == "done" and other.function is call.function and receiver is not None:
            if uses.search(unparse(receiver)):
                return True  # started again where it has ended; the old one is let go, and asyncio logs its failure
        elif last not in CALM and any(
            _is_handed(argument, names, aliases, other, call) for argument in other.node.args
        ):
            return True  # somebody else's from here on
    return uses_in_await(call, uses)


def _is_handed(node: ast.expr, names: list[str], aliases: list[str], other: Call, call: Call) -> bool:
    """Whether an argument of another call is the task, or what keeps it, as a whole."""
    key = _key(node)
    if not key or key not in (*names, *aliases):
        return False
    if isinstance(node, ast.Attribute) or key in aliases:
        return True
    return other.function is call.function or key in call.code.module.scope.bindings


def _aliases(name: str, call: Call) -> list[str]:
    """The names that the file gives a task when it takes it back: `task, self.task = self.task, None`."""
    found: list[str] = []
    for row in call.code.module.assigns:
        node = row.node
        value = getattr(node, "value", None)
        if isinstance(value, ast.expr) and any(_key(part) == name for part in _elements(value)):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            found += [part.id for target in targets for part in _elements(target) if isinstance(part, ast.Name)]
    return found


def _elements(node: ast.expr | None) -> list[ast.expr]:
    if node is None:
        return []
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node]


def uses_in_await(call: Call, uses: re.Pattern[str]) -> bool:
    """Whether something of these names is awaited or returned, or handed on whole, anywhere in the file."""
    for line in call.code.module.lines:
        found = uses.search(line)
        if found and re.search(rf"\b(await|return|yield)\b[^#]*{uses.pattern}", line):
            return True
        if found and re.search(rf"\bin\b[^#]*{uses.pattern}", line):
            return True
    return False


def _can_fail(call: Call) -> bool:
    """Whether the task runs a function of the project that lets its failures out."""
    if not call.node.args:
        return False
    work = call.code.call_of(call.node.args[0])
    if work is None or work.callee is None:
        return False
    return not handles_its_own(work.callee.name, call.code)
