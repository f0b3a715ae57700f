"""Files that are looked for first and used afterwards, as if nobody else could come in between."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.databases.sharing import locked
from brownout.facts.failing.failures import stops
from brownout.facts.paths import CHOSEN, shape
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_LOOKS = {
    "os.path.exists": "path",
    "os.path.isfile": "path",
    "os.path.isdir": "path",
    "os.path.lexists": "path",
}
_METHOD_LOOKS = frozenset({"pathlib.Path.exists", "pathlib.Path.is_file", "pathlib.Path.is_dir"})
_TAKES = {
    "os.remove": "path",
    "os.unlink": "path",
    "os.rmdir": "path",
    "os.rename": "src",
    "os.replace": "src",
    "shutil.move": "src",
}
_METHOD_TAKES = frozenset(
    f"pathlib.Path.{name}"
    for name in (
        "unlink",
        "rmdir",
        "rename",
        "replace",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "open",
    )
)
_REMOVED = re.compile(r"unlink|os\.remove|rmtree")


@dataclass(slots=True)
class Race:
    """A test for a file, and the use of it in its branch: `fix` names the argument that makes it one step."""

    test: ast.If
    look: Call
    use: Call
    path: str
    fix: str | None
    denied: bool


def races(code: Code) -> Iterator[Race]:
    """The tests of a file for a path which the next line then uses, with no handler for its being gone."""
    for look in code.calls:
        path = _looked_at(look)
        test = look.table.statement
        if path is None or not isinstance(test, ast.If) or not code.serves(look.function):
            continue
        if shape(path, look.function, code).unique:  # a name of its own: nobody else knows it
            continue
        denied = isinstance(test.test, ast.UnaryOp) and isinstance(test.test.op, ast.Not)
        if look.node not in (test.test, getattr(test.test, "operand", None)):
            continue
        found = _use(test, unparse(path), look, code, denied=denied)
        if found is not None and not _handled(found) and not locked(found):
            yield Race(test, look, found, unparse(path), _fix(test, found, denied=denied), denied)


def _looked_at(call: Call) -> ast.expr | None:
    name = call.entry.name if call.entry is not None else ""
    return call.argument(_LOOKS[name], 0) if name in _LOOKS else call.receiver if name in _METHOD_LOOKS else None


def _use(test: ast.If, path: str, look: Call, code: Code, *, denied: bool) -> Call | None:
    """The use of the path in the branch that the test guards; reading counts where requests come by."""
    first, last = test.body[0].lineno, test.body[-1].end_lineno or 0
    for call in code.calls_in(look.function):
        if not first <= call.node.lineno <= last:
            continue
        name = call.entry.name if call.entry is not None else ""
        opens = name.rpartition(".")[2] in ("open", "read_text", "read_bytes", "write_text", "write_bytes")
        if (opens and _creates(call)) != denied:
            continue
        node = call.receiver if name in _METHOD_TAKES else call.argument(_TAKES[name], 0) if name in _TAKES else None
        if name == "builtins.open":
            node = call.argument("file", 0)
        if node is None or unparse(node) != path or (opens and not _is_shared(node, look, code, reads=not denied)):
            continue
        return call
    return None


def _is_shared(path: ast.expr, look: Call, code: Code, *, reads: bool) -> bool:
    """Whether requests choose the file, and something here removes what is read; no constant, no scratch file."""
    found = shape(path, look.function, code)
    chosen = CHOSEN in found.keys or any(key.isidentifier() for key in found.keys)
    removed = not reads or _REMOVED.search(code.module.text) is not None
    return removed and code.in_request(look.function) and chosen and not found.temporary and not found.unique


def _creates(call: Call) -> bool:
    """Whether a call makes the file, or empties the one that somebody else has made meanwhile."""
    if call.name.rpartition(".")[2].startswith("write_"):
        return True
    mode = call.code.constant(call.argument("mode", 0 if call.name.startswith("pathlib") else 1), call.function)
    return isinstance(mode, str) and "w" in mode


def _handled(call: Call) -> bool:
    """Whether a handler deals with the file's being gone, or being there, after all."""
    links = call.code.project.links
    if call.row is not None and any(
        stops(call.row.caught, kind, links) for kind in ("FileNotFoundError", "FileExistsError")
    ):
        return True
    given = {keyword.arg: keyword.value for keyword in call.node.keywords}
    forgiving = given.get("missing_ok") or given.get("exist_ok") or given.get("ignore_errors")
    return isinstance(forgiving, ast.Constant) and forgiving.value is True


def _fix(test: ast.If, use: Call, *, denied: bool) -> str | None:
    """The argument with which the use needs no test before it, where the branch holds nothing else."""
    only = len(test.body) == 1 and not test.orelse and isinstance(test.body[0], ast.Expr)
    if not only or test.body[0].value is not use.node:  # type: ignore[attr-defined]
        return None
    if use.name == "pathlib.Path.unlink" and not denied and not use.node.args:
        return "missing_ok"
    return None
