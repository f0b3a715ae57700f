"""Open files, documents and videos: who closes them, on which ways out of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.files.ownership import bound_names, mentions
from brownout.facts.nodes import last_word, names_in
from brownout.model.syntax import children, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_OPENS = {
    "builtins.open": "a file",
    "io.open": "a file",
    "gzip.open": "a file",
    "pathlib.Path.open": "a file",
    "pymupdf.Document": "a document",
    "pdfplumber.open": "a document",
    "PIL.Image.open": "a picture",
    "cv2.VideoCapture": "a video",
    "zipfile.ZipFile": "an archive",
    "tarfile.open": "an archive",
}
_ENDS = frozenset({"close", "release", "aclose", "shutdown"})
_OWNERS = frozenset(
    {
        "append",
        "add",
        "put",
        "enter_context",
        "callback",
        "push",
        "closing",
        "register",
        "StreamingResponse",
        "Popen",
        "run",
    }
)


@dataclass(slots=True)
class LeftOpen:
    """Something opened, and how it stays open."""

    call: Call
    what: str
    gap: str

    @property
    def fixable(self) -> bool:
        """Whether the rest of the function can stand under `with`: it is given one name there, and can be closed so."""
        statement = self.call.table.statement
        if not isinstance(statement, ast.Assign) or statement.value is not self.call.node or self.what == "a video":
            return False
        body = getattr(self.call.function.node, "body", [])
        is_name = len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)
        return is_name and any(statement is one for one in body[:-1])


def left_open(code: Code) -> Iterator[LeftOpen]:
    """What a file opens and does not close on every way."""
    for call in code.index.entries(_OPENS):
        what = _OPENS.get(call.entry.name) if call.entry is not None else None
        if what is None or not code.serves(call.function):
            continue
        parent = call.table.parent
        if isinstance(parent, ast.With | ast.AsyncWith) or _in_memory(call):
            continue
        if isinstance(parent, ast.Attribute) or _is_read_at_once(call):
            yield LeftOpen(call, what, "nobody keeps it to close it")
            continue
        names = bound_names(call)
        if not names or _given_away(names, call) or _owned(call):
            continue
        if what == "a picture" and _is_decoded(names, call):
            continue
        gap = _gap(names, call)
        if gap:
            yield LeftOpen(call, what, gap)


_DECODES = frozenset(
    "load convert resize rotate crop save getdata thumbnail tobytes copy filter verify transpose paste histogram array "
    "asarray exif_transpose image_to_string getpixel point split quantize reduce".split()
)


def _is_decoded(names: set[str], call: Call) -> bool:
    """Whether the pixels of a picture are read: Pillow then closes a file that it has opened itself."""
    for row in call.function.calls:
        receiver = row.node.func.value if isinstance(row.node.func, ast.Attribute) else None
        given = [receiver, *row.node.args]
        if last_word(row.node) in _DECODES and any(isinstance(one, ast.Name) and one.id in names for one in given):
            return True
    return False


def _in_memory(call: Call) -> bool:
    """Whether what is opened is no file of the disk: bytes, or a file that somebody else has opened."""
    first = call.node.args[0] if call.node.args else None
    if call.argument("stream") is not None:
        return True
    if first is None or call.entry is None or call.entry.name in ("builtins.open", "io.open", "pathlib.Path.open"):
        return False
    symbol = call.code.symbol(first, call.function) or ""
    if symbol.startswith(("io.", "builtins.bytes")) or symbol.endswith((".file", ".stream")):
        return True
    return any(ast.unparse(one.node.func) == f"{ast.unparse(first)}.seek" for one in call.function.calls)


def _is_read_at_once(call: Call) -> bool:
    """Whether the open file goes straight into a function that only reads it: `json.load(open(path))`."""
    outer = call.code.call_of(call.table.parent)
    return outer is not None and outer.has("load") and outer.callee is None


def _given_away(names: set[str], call: Call) -> bool:
    function = call.function
    if any(
        part.id in names
        for other in call.code.functions
        if other.parent is function
        for part in walk(other.node)
        if isinstance(part, ast.Name)
    ):
        return True
    kept = [
        row.node.value
        for row in call.code.module.assigns
        if row.function is function and isinstance(row.node, ast.Assign)
        if any(isinstance(target, ast.Attribute | ast.Subscript) for target in row.node.targets)
    ]
    if any(_hands_on(value, names) for value in (*function.returns, *function.yields, *kept)):
        return True
    if names & set(function.scope.declared):
        return True
    for row in call.function.calls:
        given = [*row.node.args, *(keyword.value for keyword in row.node.keywords)]
        word = last_word(row.node)
        if (word in _OWNERS or word.lstrip("_")[:1].isupper()) and any(
            isinstance(one, ast.Name) and one.id in names for one in given
        ):
            return True
        # the `with` statement closes what it is given later on
    for opened in call.code.module.withs:
        if opened.function is call.function:
            for item in getattr(opened.node, "items", ()):
                if isinstance(item.context_expr, ast.Name) and item.context_expr.id in names:
                    return True
    return False


_TAKES_OUT = frozenset("len str repr bool int sum min max any all bytes join isinstance hash".split())
"""Functions whose result holds nothing of what they are given."""


def _hands_on(node: ast.AST, names: set[str]) -> bool:
    """Whether a value is the handle, or holds it; something taken out of it is not."""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Call) and last_word(node) in _TAKES_OUT:
        return False
    if isinstance(node, ast.Call):
        return any(_hands_on(one, names) for one in (*node.args, *(keyword.value for keyword in node.keywords)))
    if isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Await | ast.IfExp | ast.Starred):
        return any(_hands_on(one, names) for one in children(node))
    return False


def _owned(call: Call) -> bool:
    """Whether the call is an argument of something that keeps it."""
    return isinstance(call.table.parent, ast.Call | ast.keyword | ast.Return | ast.Yield)


def _gap(names: set[str], call: Call) -> str:
    """How it stays open; the empty string where it is closed on every way."""
    code, function = call.code, call.function
    ends = [row for row in function.calls if last_word(row.node) in _ENDS and _closes(row.node, names)]
    if any(
        row.function is not function and mentions(row.node, names) for row in code.module.calls if _is_end(row.node)
    ):
        return ""
    if not ends:
        return "nothing closes it"
    done = {id(row.statement) for row in ends}
    for node in walk(function.node):
        if isinstance(node, ast.If) and names_in(node.test) & names and any(id(part) in done for part in walk(node)):
            done.add(id(node))
    escape = code.flow(function).escapes_without(call.table.statement, lambda step: id(step) in done)
    return "" if escape is None else "an exception before its end leaves it open"


def _is_end(node: ast.Call) -> bool:
    return last_word(node) in _ENDS


def _closes(node: ast.Call, names: set[str]) -> bool:
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    return last_word(receiver) in names or any(last_word(one) in names for one in node.args)
