"""Pictures: the limit of their size, and readers that answer None instead of failing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.nodes import guarded, last_word, leaves, own, same
from brownout.facts.practices import is_tooling
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function, Row

MANY_PIXELS = 500_000_000
"""Pillow refuses what is larger than twice its limit: three gigabytes of memory for one picture. That is none."""
_READERS = frozenset({"cv2.imread", "cv2.imdecode"})
_SIZES = frozenset({"size", "width", "height"})


def lifted_limits(code: Code) -> Iterator[tuple[Row, ast.expr, str]]:
    """The assignments of a file that set Pillow's limit of pixels to nothing: row, target, and the value in words."""
    if "MAX_IMAGE_PIXELS" not in code.module.text:
        return
    for row in code.module.assigns:
        if not isinstance(row.node, ast.Assign) or not _runs(row.function, code):
            continue
        for target in row.node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "MAX_IMAGE_PIXELS":
                value = _too_many(row.node.value, row.function, code)
                if value and (code.symbol(target, row.function) or "").startswith("PIL.") and not _looks_itself(code):
                    yield row, target, value


def _runs(function: Function, code: Code) -> bool:
    """Whether the service runs a function: it is judged, or a file of the service calls it when it is imported."""
    edges = code.project.graph.callers.get(code.names.full(function.qualname), [])
    return code.judged(function) or any(not is_tooling(edge.caller.path) for edge in edges)


def _too_many(node: ast.expr, function: Function, code: Code) -> str:
    """The value in words where it is no limit, else the empty string."""
    value = code.constant(node, function)
    if value is None:
        return "None"
    text = unparse(node)
    if text in ("sys.maxsize", "float('inf')", "math.inf"):
        return text
    number = value if isinstance(value, int | float) else _computed(node)
    return text if isinstance(number, int | float) and number >= MANY_PIXELS else ""


def _computed(node: ast.expr) -> int | float | None:
    """The value of a product or power of numbers."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = _computed(node.left), _computed(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Pow) and right < 64:
            return float(left**right)
    return None


def _looks_itself(code: Code) -> bool:
    """Whether the file looks at a picture's size and refuses it, or expects Pillow's own refusal."""
    if "DecompressionBombError" in code.module.text:
        return True
    for node in walk(code.module.tree):
        if isinstance(node, ast.If | ast.Assert):
            compared = any(isinstance(part, ast.Compare) for part in walk(node.test))
            parts = {last_word(part) for part in walk(node.test)}
            sized = bool(parts & _SIZES) or any("pixel" in part.lower() for part in parts)
            if compared and sized and (isinstance(node, ast.Assert) or leaves(node.body)):
                return True
    return False


@dataclass(slots=True)
class Unseen:
    """A picture that may be None, read by `call`; `name` holds it, `use` is where None would fail."""

    call: Call
    name: str | None
    use: ast.AST


def unseen(code: Code) -> Iterator[Unseen]:
    """The pictures of a file that are used without a look whether they could be read."""
    for call in code.index.entries(_READERS):
        if call.entry is None or call.entry.name not in _READERS or not code.judged(call.function):
            continue
        statement, parent = call.table.statement, call.table.parent
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is call.node:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Name):
                use = _first_use(target.id, call)
                if use is not None:
                    yield Unseen(call, target.id, use)
            elif isinstance(target, ast.Attribute) and (kept := _use_of_kept(target, call)) is not None:
                yield Unseen(call, unparse(target), kept)
        elif _fails_on_none(call.node, parent, call) and not _answered(call.node, call):
            yield Unseen(call, None, call.node)


def _first_use(name: str, call: Call) -> ast.AST | None:
    """Where the picture is used such that None would fail, before anything has looked whether it is None."""
    parents: dict[int, ast.AST] = {}
    nodes = list(own(call.function.node))
    for node in nodes:
        for child in ast.iter_child_nodes(node):
            parents[id(child)] = node
    uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == name and node.lineno > call.node.lineno]
    for use in sorted(uses, key=lambda node: (node.lineno, node.col_offset)):
        if not isinstance(use.ctx, ast.Load):
            return None
        parent = parents.get(id(use))
        if _is_look(use, parents):
            return None
        if _fails_on_none(use, parent, call):
            return None if _answered(use, call) else use
        if isinstance(parent, ast.Return | ast.Yield | ast.Call):
            return None  # whoever is given it may look
    return None


def _use_of_kept(target: ast.Attribute, call: Call) -> ast.AST | None:
    """Where another method uses a picture kept on `self`, in a class that never asks whether it is None."""
    owner = call.function.owner
    if owner is None or last_word(target.value) not in ("self", "cls"):
        return None
    parents = {id(child): node for node in walk(owner.node) for child in ast.iter_child_nodes(node)}
    uses = [node for node in walk(owner.node) if isinstance(node, ast.Attribute) and same(node, target)]
    if any(_is_look(use, parents) for use in uses):
        return None
    return next((use for use in uses if _fails_on_none(use, parents.get(id(use)), call)), None)


def _is_look(node: ast.AST, parents: dict[int, ast.AST]) -> bool:
    """Whether a name stands in a condition that tells None from a picture."""
    inner, current = node, parents.get(id(node))
    while current is not None and not isinstance(current, ast.stmt):
        if isinstance(current, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in current.ops):
            return True
        if isinstance(current, ast.Call) and last_word(current) in ("isinstance", "type"):
            return True
        if isinstance(current, ast.BoolOp | ast.UnaryOp | ast.IfExp) and inner is node:
            return True
        inner, current = current, parents.get(id(current))
    return isinstance(current, ast.If | ast.Assert | ast.While) and inner is node


def _fails_on_none(node: ast.AST, parent: ast.AST | None, call: Call) -> bool:
    """Whether None in the place of an expression raises: an attribute, an element, arithmetic, OpenCV's functions."""
    if isinstance(parent, ast.Attribute | ast.Subscript | ast.BinOp):
        return getattr(parent, "value", node) is node
    if isinstance(parent, ast.keyword):
        return False
    if isinstance(parent, ast.Call) and node is not parent.func:
        inner = call.code.call_of(parent)
        target = inner.target if inner is not None and inner.callee is None else None
        return target is not None and target.startswith("cv2.")
    return False


def _answered(node: ast.AST, call: Call) -> bool:
    """Whether a handler around the use expects it to fail."""
    line = getattr(node, "lineno", 0)
    for row in call.code.module.tries:
        tried = row.node
        if row.function is call.function and isinstance(tried, ast.Try):
            if tried.body[0].lineno <= line <= (tried.body[-1].end_lineno or line):
                names = {last_word(part) for handler in tried.handlers for part in walk(handler.type or handler)}
                if names & {"Exception", "error", "AttributeError", "TypeError", "BaseException"}:
                    return True
    return guarded(call.table.block, "error", "AttributeError", "TypeError")
