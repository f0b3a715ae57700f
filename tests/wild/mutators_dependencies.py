"""Guards of external dependencies that stand in real code, and the edits that take them away."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.practices import in_main
from brownout.facts.retrying.declared_retries import declared

from wild.mutators import Editor, Mutation

_STATEMENT = {"stop": "retry-unbounded", "wait": "retry-no-backoff"}
_KEYWORDS = {
    ("subprocess.run", "check"): "subprocess-result-ignored",
    ("torch.load", "map_location"): "torch-load-device",
}


def retries(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`stop=` and `wait=` of tenacity, the only retry of a function: another one there may lack what this one has."""
    every = list(declared(code))
    for found in every:
        function = found.decorated or found.function
        call = found.call
        if call is None or call.unpacks or not code.judged(function):
            continue
        if sum((other.decorated or other.function) is function for other in every) > 1:
            continue
        for keyword in call.node.keywords:
            rule = _STATEMENT.get(keyword.arg or "") if found.library.startswith("tenacity.") else None
            if rule == "retry-no-backoff" and call.argument("retry") is not None:
                continue  # it may be about failures against which a pause does not help
            if rule is not None:
                edit = editor.without(call.node, keyword)
                yield Mutation(rule, code.module.path, function.qualname, call.node.lineno, (edit,))


def arguments(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`check=True` of a child process whose result nobody keeps, `map_location=` of weights."""
    for call in code.calls:
        name = call.entry.name if call.entry is not None else ""
        for keyword in call.node.keywords:
            rule = _KEYWORDS.get((name, keyword.arg or ""))
            if rule is None or call.unpacks or not code.judged(call.function) or in_main(call):
                continue
            if name == "subprocess.run" and not isinstance(call.table.statement, ast.Expr):
                continue
            if name == "subprocess.run" and ast.unparse(keyword.value) != "True":
                continue
            if name == "torch.load" and _moves_later(call):
                continue
            edit = editor.without(call.node, keyword)
            yield Mutation(rule, code.module.path, call.function.qualname, call.node.lineno, (edit,))


def _moves_later(call: Call) -> bool:
    attributes = (row.node.func.attr for row in call.function.calls if isinstance(row.node.func, ast.Attribute))
    return bool({"to", "cuda", "cpu"} & set(attributes))


def statuses(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`response.raise_for_status()`, the only look at the status of an answer whose body is used afterwards."""
    for call in code.calls:
        statement, receiver = call.table.statement, call.receiver
        if not call.text.endswith(".raise_for_status") or not isinstance(receiver, ast.Name) or in_main(call):
            continue
        if not isinstance(statement, ast.Expr) or call.node.args or not code.judged(call.function):
            continue
        if call.row is not None and "*" in call.row.caught:
            continue  # whatever is wrong with the answer is expected
        made = [b for b in call.function.scope.bindings.get(receiver.id, ()) if b.kind in ("assign", "with")]
        uses = [
            part.attr
            for part in ast.walk(call.function.node)
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == receiver.id
        ]
        loads = sum(
            isinstance(part, ast.Name) and part.id == receiver.id and isinstance(part.ctx, ast.Load)
            for part in ast.walk(call.function.node)
        )
        if len(made) != 1 or _looks_otherwise(call) or not _asked_plainly(made[0].value, code):
            continue
        if uses.count("raise_for_status") == 1 and loads == len(uses):
            if set(uses) <= {"raise_for_status", "json", "text", "content"} and len(uses) > 1:
                edit = editor.replaced(statement, "pass")
                yield Mutation("status-unchecked", code.module.path, call.function.qualname, call.node.lineno, (edit,))


_ODD = frozenset({"KeyError", "ValueError", "JSONDecodeError", "Exception", "LookupError"})


def _looks_otherwise(call: Call) -> bool:
    """Whether the body is looked at as well: for what it should hold, or by a handler of what is odd about it."""
    for part in ast.walk(call.function.node):
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.In | ast.NotIn):
            if isinstance(part.left, ast.Constant):
                return True
        if isinstance(part, ast.Call) and ast.unparse(part).endswith((".get('error')", ".get('errors')")):
            return True
        if isinstance(part, ast.ExceptHandler) and part.type is not None:
            kinds = part.type.elts if isinstance(part.type, ast.Tuple) else [part.type]
            if any(ast.unparse(kind).rpartition(".")[2] in _ODD for kind in kinds):
                return True
    return False


def _asked_plainly(value: ast.expr | None, code: Code) -> bool:
    """Whether an answer comes from a library itself, and from no client of the project's that raises on its own.

    A helper of the project may have looked at the status; a client's `send` that does makes the guard a second one.
    """
    sides = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    calls = [code.call_of(side) for side in sides]
    if not all(call is not None and call.entry is not None for call in calls):
        return False
    of_module = all(call is not None and call.canonical.count(".") == 1 for call in calls)
    return of_module or not any(
        function.name.rpartition(".")[2] in ("send", "request", "_send", "_request")
        and row.text.endswith(".raise_for_status")
        for function, row in code.project.rows()
    )


MUTATORS = (retries, arguments, statuses)
