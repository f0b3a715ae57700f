"""Work that is started for each element of a list at once, and what bounds how much."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.fallible import handed, reaches
from brownout.facts.nodes import inside, is_leaving, last_word, own
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_GATHERS = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed"})
_STARTS = frozenset({"asyncio.TaskGroup.create_task", "anyio.abc.TaskGroup.start_soon"})
_BOUNDED = re.compile(r"semaphore|limiter|throttl|\bslots?\b|bounded|rate_limit", re.IGNORECASE)
_GROUPS = re.compile(
    r"(^|_)((batch|chunk|window|group|slice|shard)(_|\d|$)|(replica|worker|provider|backend|client|task)s?(_|\d|$))"
)
"""One group of many is short, whereas the list of all groups is not; of the others there are as many as are set up."""
_SURE_STEPS = 3
"""Behind more helpers than that, the outside world is rarely what each piece of work is about."""
_CLIENTS = frozenset({"aiohttp.ClientSession()", "httpx.AsyncClient()", "httpx2.AsyncClient()"})
_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.SetComp)
_OUTSIDE = frozenset({Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.CPU, Effect.MODEL})


def unbounded(code: Code) -> Iterator[tuple[Call, ast.expr]]:
    """The gathers of a file over a list of unknown length, with that list."""
    for call in code.all_calls:
        gathers = call.target in _GATHERS
        if not gathers and (call.entry is None or call.entry.name not in _STARTS):
            continue
        made = (_made(call) if gathers else _in_group(call)) if code.serves(call.function) else None
        if made is None or _is_held(call, made):
            continue
        source = made.args[-1] if isinstance(made, ast.Call) else made.generators[0].iter
        if not _is_short(source, call.function, code) and not _looked_at(call) and _goes_out(made, call):
            yield call, source


def _made(call: Call) -> ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.Call | None:
    """The comprehension, or the `map(…)`, that makes the work: in the call, or under a name that it is given."""
    for argument in call.node.args:
        node = argument.value if isinstance(argument, ast.Starred) else argument
        if isinstance(node, ast.Name):
            bindings = call.function.scope.bindings.get(node.id, ())
            values = [binding.value for binding in bindings if binding.kind == "assign"]
            gathered = _appended(node.id, call) if len(values) == 1 and _is_empty(values[0]) else None
            node = gathered or (values[-1] if values and values[-1] is not None else node)
        if isinstance(node, _COMPREHENSIONS):
            return node
        if isinstance(node, ast.Call) and call.code.target(node.func, call.function) == "builtins.map":
            return node if len(node.args) == 2 else None
    return None


def _is_empty(node: ast.expr | None) -> bool:
    return isinstance(node, ast.List | ast.Set | ast.Dict) and unparse(node) in ("[]", "{}")


def _appended(name: str, call: Call) -> ast.ListComp | None:
    """What a loop before a call puts into a list, as the comprehension that would do the same."""
    for one in call.code.calls_in(call.function):
        if last_word(one.node) in ("append", "add") and getattr(one.receiver, "id", "") == name and one.node.args:
            loop = _loop_around(one)
            if loop is not None and loop.lineno < call.node.lineno:
                return _as_comprehension(loop, one.node.args[0])
    return None


def _in_group(call: Call) -> ast.ListComp | ast.Call | None:
    """A task that a loop starts in a group, as the comprehension or the `map` that would do the same."""
    loop = _loop_around(call) if call.node.args else None
    if loop is None:
        return None
    if call.name.endswith("start_soon"):
        return ast.Call(ast.Name("map"), [call.node.args[0], loop.iter], [])
    return _as_comprehension(loop, call.node)


def _loop_around(call: Call) -> ast.For | None:
    """The loop that makes one thing after the other without waiting for any."""
    block = call.table.block
    loop = block.node if block is not None and block.kind == "loop" else None
    if not isinstance(loop, ast.For) or any(isinstance(part, ast.Await | ast.AsyncFor) for part in inside(loop.body)):
        return None
    return loop


def _as_comprehension(loop: ast.For, made: ast.expr) -> ast.ListComp:
    return ast.ListComp(made, [ast.comprehension(loop.target, loop.iter, [], 0)])


def _is_held(call: Call, made: ast.AST) -> bool:
    """Whether a semaphore or the like is entered in the function, or in what is started."""
    if _holds(call.function.node, call.code):
        return True
    code = call.code
    started = [inner.callee for part in walk(made) if (inner := code.call_of(part)) is not None]
    if isinstance(made, ast.Call):  # of `map`, or the like
        started.append(code.project.links.callee(code.symbol(made.args[0], call.function)))
    callees = [callee for callee in started if callee is not None]
    if any(one.path != code.module.path and _mentions_limits(one.path, code.project) for one in callees):
        return True
    for _ in range(_SURE_STEPS):
        functions = [function for one in callees if (function := code.function_named(one.name)) is not None]
        if any(_holds(function.node, code) for function in functions):
            return True
        callees = [inner.callee for one in functions for inner in code.calls_in(one) if inner.callee is not None]
    return False


def _mentions_limits(path: str, project: Project) -> bool:
    module = next((one for one in project.modules if one.path == path), None)
    return module is not None and "semaphore" in module.practices


def _holds(node: ast.AST, code: Code) -> bool:
    """Whether code waits at a semaphore or hands it on; to make one, or to name something after it, is not enough."""
    for part in walk(node):
        if isinstance(part, ast.withitem) and _BOUNDED.search(unparse(part.context_expr)):
            return True
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            if any(_BOUNDED.search(unparse(one)) for one in part.decorator_list):
                return True
        if isinstance(part, ast.Call) and _waits_for_place(part, code):
            return True
    return False


def _waits_for_place(node: ast.Call, code: Code) -> bool:
    """Whether a call asks a limit for a place, is given one, or is of something unknown that is named after one."""
    call = code.call_of(node)
    callee = call.callee if call is not None else None
    named = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    if callee is None or code.function_named(callee.name) is None:  # else it says itself what it does with what it gets
        named += [*node.args, *(keyword.value for keyword in node.keywords)]
    if any(isinstance(one, ast.Name | ast.Attribute) and _BOUNDED.search(last_word(one)) for one in named):
        return True
    is_known = callee is not None or (call is not None and call.entry is not None)
    return not is_known and not last_word(node)[:1].isupper() and _BOUNDED.search(last_word(node)) is not None


def _is_short(node: ast.expr, function: Function, code: Code) -> bool:
    """Whether a list is short by its making: a literal, a constant of the module, a slice, one group of many."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Constant):
        return True
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Slice) and node.slice.upper is not None
    if isinstance(node, ast.Call):
        word = last_word(node)
        if word in ("range", "enumerate", "zip", "sorted", "reversed", "list", "set", "tuple"):
            given = [code.constant(one, function) for one in node.args]
            if word == "range":
                return all(isinstance(one, int) for one in given)
            return any(_is_short(one, function, code) for one in node.args)
        if word in ("items", "values", "keys") and isinstance(node.func, ast.Attribute):
            return _is_short(node.func.value, function, code)
        return word in ("islice", "batched", "chunked")
    word = last_word(node)
    if _GROUPS.search(word.lower()):
        return True
    if isinstance(node, ast.Name):
        for scope in (function.scope, code.module.scope):
            bindings = scope.bindings.get(node.id, ())
            if len(bindings) == 1 and bindings[0].kind == "import":
                return word.isupper()
            if len(bindings) == 1 and bindings[0].value is not None and bindings[0].kind == "assign":
                return _is_short(bindings[0].value, function, code)
            if bindings:
                return False
    return word.isupper()


def _looked_at(call: Call) -> bool:
    """Whether the function looks at a length before and leaves."""
    for node in own(call.function.node):
        if isinstance(node, ast.If | ast.Assert) and node.lineno <= call.node.lineno:
            left = isinstance(node, ast.Assert) or any(is_leaving(one) for one in inside(node.body))
            if left and "len(" in unparse(node.test):
                if any(isinstance(part, ast.Compare) for part in walk(node.test)):
                    return True
    return any("max_length" in unparse(p.annotation) for p in call.function.parameters if p.annotation is not None)


def _goes_out(made: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.Call, call: Call) -> bool:
    """Whether each piece of work deals with the outside world."""
    code = call.code
    if isinstance(made, ast.Call):
        callee = code.project.links.callee(code.symbol(made.args[0], call.function))
        return callee is not None and callee.name in _outside(code.project)
    for part in walk(made.elt):
        inner = code.call_of(part)
        if inner is None:
            continue
        if reaches(inner, _outside(code.project)) or _is_given_client(inner):
            return True
        entry = inner.entry
        if entry is not None and entry.offload is not None:
            given = inner.argument(entry.offload.parameter, entry.offload.position)
            symbol = code.symbol(given, call.function) if given is not None else None
            callee = code.project.links.callee(symbol)
            entry = code.project.links.entry(symbol) if callee is None else None
            if callee is not None and callee.name in _outside(code.project):
                return True
        if entry is not None and entry.effect in _OUTSIDE:
            return True
        if handed(inner) is not None:
            return True
    return False


def _is_given_client(call: Call) -> bool:
    """Whether a function of the project is handed the client of another service to work with."""
    if call.callee is None or not call.callee.is_async:
        return False
    return any((call.code.target(one, call.function) or "") in _CLIENTS for one in call.node.args)


@per_project
def _outside(project: Project) -> frozenset[str]:
    chains = project.reaching(*_OUTSIDE).items()
    return frozenset(name for name, chain in chains if len(chain.steps) <= _SURE_STEPS and not chain.entry.short)
