"""State that outlives the process: how it is put into a file, and how far what is read back is believed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.files.files import STATE
from brownout.facts.nodes import guarded, inside, last_word, names_in, own
from brownout.facts.paths import PathShape, shape, words_of
from brownout.model.syntax import unparse, walk
from brownout.model.tables import Block

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Binding, Function

_LOADS = frozenset(
    {"json.load", "json.loads", "yaml.safe_load", "yaml.load", "orjson.loads", "pickle.load", "pickle.loads"}
)
_DUMPS = frozenset({"json.dump", "json.dumps", "yaml.dump", "yaml.safe_dump", "orjson.dumps"})
_PICKLES = frozenset(
    "pickle.dump pickle.dumps pickle.load pickle.loads cloudpickle.dump cloudpickle.dumps dill.dump dill.dumps "
    "dill.load joblib.dump joblib.load shelve.open".split()
)
_VALIDATES = re.compile(
    r"validat|model_validate|parse_obj|from_dict|schema|check|convert|structure|TypeAdapter|verify|migrate"
)
_NO_STATE = frozenset(
    {"config", "settings", "configuration", "catalog", "template", "fixture", "package", "locale", "schema"}
)
_VERSIONS = re.compile(r"version|schema|format|revision", re.IGNORECASE)
_RUN = frozenset(
    "checkpoint checkpoints ckpt state states progress resume cursor offset offsets snapshot session sessions queue "
    "jobs job status journal ledger registry index store manifest".split()
)


def _is_state(found: PathShape, *names: str) -> bool:
    """Whether a path, or the names around it, speak of the state of a run."""
    words = found.words.union(*(words_of(name) for name in names))
    return bool(words & _RUN) and not found.unique


def _path(call: Call, position: int) -> ast.expr | None:
    """The path of the file that a call dumps into or loads from: of its handle, or of what reads the text for it."""
    given = call.node.args[position] if len(call.node.args) > position else None
    return None if given is None else _path_of(given, call.function, call.code)


def _path_of(node: ast.expr, function: Function, code: Code, before: int | None = None) -> ast.expr | None:
    """The path behind a handle or a text; names are followed upwards only: a name may be made of itself."""
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Name):
        found = _nearest(function.scope.bindings.get(node.id, ()), node.lineno if before is None else before - 1)
        if found is None or found.value is None or isinstance(found.value, ast.Name):
            return None
        return _path_of(found.value, function, code, _line(found))
    if not isinstance(node, ast.Call):
        return None
    word = last_word(node)
    if word == "open":
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        opens_path = receiver is not None and (code.target(node.func, function) or "").startswith("pathlib.")
        return receiver if opens_path else node.args[0] if node.args else None
    if word in ("read_text", "read_bytes") and isinstance(node.func, ast.Attribute):
        return node.func.value
    if word in ("read", "decode") and isinstance(node.func, ast.Attribute):
        return _path_of(node.func.value, function, code, before)
    return None


def _nearest(bindings: list[Binding] | tuple[()], line: int) -> Binding | None:
    before = [b for b in bindings if b.value is not None and b.kind in ("with", "assign") and _line(b) <= line]
    return before[-1] if before else None


def _line(binding: Binding) -> int:
    return int(getattr(binding.node, "lineno", 0))


@dataclass(slots=True)
class Chained:
    """A statement that takes an element of an element of loaded state."""

    function: Function
    statement: ast.stmt
    subscript: ast.Subscript
    load: Call


def chained(code: Code) -> Iterator[Chained]:
    """The deep looks into loaded state of a file that a missing key ends."""
    for call in code.all_calls:
        statement = call.table.statement
        if not _may_load(call) or not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        if statement.value is not call.node:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        holder = unparse(target)
        if not _loads_state(call, holder) or not code.judged(call.function):
            continue
        functions = [call.function]
        if holder.startswith("self.") and call.function.owner is not None:
            functions += call.function.owner.methods.values()
        for function in functions:
            taken = _deep(holder, function, code)
            if taken is not None:
                yield Chained(function, *taken, call)
                break


def _may_load(call: Call) -> bool:
    """Whether a call loads something, or a function of the project that it runs gives back what does."""
    callee = call.callee
    return (call.target if callee is None else (callee.returns or "").removesuffix("()")) in _LOADS


def _loads_state(call: Call, holder: str) -> bool:
    """Whether a call reads the service's state from a file, itself or through a function that returns it."""
    owner = call.function.owner.name if call.function.owner is not None else ""
    if call.target in _LOADS and call.callee is None:
        path = _path(call, 0)
        found = shape(path, call.function, call.code) if path is not None else None
        return found is not None and _is_state(found, holder, call.function.name, owner) and not found.words & _NO_STATE
    callee = call.callee
    if callee is None:
        return False
    words = words_of(callee.qualname) | words_of(holder)
    return bool(words & _RUN) and not words & _NO_STATE


def _deep(holder: str, function: Function, code: Code) -> tuple[ast.stmt, ast.Subscript] | None:
    """The first statement with two keys in a row on what a name holds, where nothing has looked at it before."""
    node = function.node
    if isinstance(node, ast.Lambda) or _is_validated(holder, node):
        return None
    rows = {id(row.statement): row.block for row in function.calls}
    for part in own(node):
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load) and _depth(part, holder) >= 2:
            statement, block = _statement(part, node, function, code)
            if statement is None:
                continue
            if not guarded(rows.get(id(statement), block), "KeyError", "LookupError", "TypeError"):
                return statement, part
    return None


def _depth(node: ast.Subscript, holder: str) -> int:
    """How many keys in a row are taken of what a name holds; elements by number do not count."""
    depth, has_text = 0, False
    current: ast.expr = node
    while isinstance(current, ast.Subscript):
        key = current.slice.value if isinstance(current.slice, ast.Constant) else None
        depth += isinstance(key, str) or isinstance(current.slice, ast.Name)
        has_text = has_text or isinstance(key, str)
        current = current.value
    return depth if has_text and unparse(current) == holder else 0


def _statement(node: ast.AST, function: ast.AST, table: Function, code: Code) -> tuple[ast.stmt | None, Block | None]:
    """The innermost statement around a node, and the block in which it stands, as a `try` of the file has it."""
    found: ast.stmt | None = None
    for part in own(function):
        if isinstance(part, ast.stmt) and part.lineno <= node.lineno <= (part.end_lineno or 0):  # type: ignore[attr-defined]
            if found is None or part.lineno >= found.lineno:
                found = part
    for row in code.module.tries:
        tried = row.node
        if row.function is table and isinstance(tried, ast.Try) and found is not None:
            if tried.body[0].lineno <= found.lineno <= (tried.body[-1].end_lineno or 0):
                return found, Block("try", tried, row.block)
    return found, None


def _is_validated(holder: str, node: ast.AST) -> bool:
    """Whether something is asked of the loaded state as a whole: a validator, a look for a key, its type."""
    for part in own(node):
        if isinstance(part, ast.Call) and any(unparse(one) == holder for one in part.args):
            if _VALIDATES.search(unparse(part.func)) or last_word(part) in ("isinstance", "cast"):
                return True
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.In | ast.NotIn):
            if any(holder in unparse(one) for one in part.comparators):
                return True
        if isinstance(part, ast.keyword) and part.arg is None and unparse(part.value) == holder:
            return True
    return False


def unversioned(code: Code) -> Iterator[tuple[Call, ast.Dict]]:
    """The dumps of a dict literal into a state file that name no version."""
    for call in code.index.to(_DUMPS):
        if call.target not in _DUMPS or not call.node.args or not code.judged(call.function):
            continue
        literal = _literal(call)
        if literal is None or not _is_plain(literal):
            continue
        if _target_is_state(call):
            yield call, literal


def _literal(call: Call) -> ast.Dict | None:
    """The dict literal that a call dumps, there or under a name that is given it once and no key later."""
    node = call.node.args[0]
    if isinstance(node, ast.Name):
        bindings = call.function.scope.bindings.get(node.id, ())
        changes = (
            part
            for part in own(call.function.node)
            if (isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store | ast.Del))
            or (isinstance(part, ast.Call) and last_word(part) in ("update", "setdefault", "pop"))
        )
        if len(bindings) != 1 or bindings[0].value is None or any(node.id in names_in(part) for part in changes):
            return None
        node = bindings[0].value
    return node if isinstance(node, ast.Dict) else None


def _is_plain(literal: ast.Dict) -> bool:
    """Whether a dict has at least two keys, all plain texts, and none of them speaks of a version."""
    keys = [key.value for key in literal.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return len(keys) == len(literal.keys) and len(keys) >= 2 and not any(_VERSIONS.search(key) for key in keys)


def _target_is_state(call: Call) -> bool:
    """Whether what is dumped goes into a file that is the service's state."""
    code, function = call.code, call.function
    if last_word(call.node) in ("dump", "safe_dump") and len(call.node.args) > 1:
        path = _path(call, 1)
    else:
        path = _written(call)
    if path is None:
        return False
    found = shape(path, function, code)
    if found.words & {"config", "settings", "package", "geojson", "manifest", "webmanifest", "openapi", "request"}:
        return False
    return _is_state(found) or bool(words_of(function.name) & {"checkpoint", "snapshot"})


def _written(call: Call) -> ast.expr | None:
    """The path to which the text that a call makes is written: in the same statement, or by its name later."""
    statement = call.table.statement
    rows = [row.node for row in call.function.calls if last_word(row.node) in ("write_text", "write_bytes", "write")]
    name = ""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
    for node in rows:
        here = any(part is call.node for part in walk(node))
        if (here or (name and name in names_in(node))) and isinstance(node.func, ast.Attribute):
            if last_word(node) == "write":
                return _path_of(node.func.value, call.function, call.code)
            return node.func.value
    return None


def pickled(code: Code) -> Iterator[Call]:
    """The calls of a file that keep state as pickles, or read such."""
    for call in code.index.to({*_PICKLES, "torch.load"}):
        trusting = call.target == "torch.load" and code.constant(call.argument("weights_only"), call.function) is False
        if (call.target not in _PICKLES and not trusting) or not code.judged(call.function):
            continue
        path = _pickle_path(call)
        found = shape(path, call.function, code) if path is not None else None
        if found is None or found.words & {"cache", "model", "models", "weights", "tokenizer", "embeddings"}:
            continue
        if (found.words & STATE or _is_state(found, call.function.name)) and not _keyed_by_version(call, found):
            yield call


def _pickle_path(call: Call) -> ast.expr | None:
    word = last_word(call.node)
    if (call.target or "").startswith("joblib."):
        return call.argument("filename", 1 if word == "dump" else 0)
    if (call.target or "").startswith("shelve."):
        return call.argument("filename", 0)
    if (call.target or "").startswith("torch."):
        return call.argument("f", 0)
    if word == "dump":
        return _path(call, 1)
    return _written(call) if word == "dumps" else _path(call, 0)


def _keyed_by_version(call: Call, found: PathShape) -> bool:
    """Whether the file's name holds a version, or the function looks at one."""
    if any(_VERSIONS.search(word) for word in found.words):
        return True
    return any(
        isinstance(part, ast.Compare) and _VERSIONS.search(unparse(part)) for part in inside([call.function.node])
    )
