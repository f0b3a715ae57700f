"""Uploads that are stored first and judged afterwards, and what becomes of the stored file then."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.files.files import Access, accesses, replaced_later
from brownout.facts.files.ownership import derived, removes
from brownout.facts.intake.uploads import is_upload
from brownout.facts.nodes import blocks, inside, last_word, names_in, own
from brownout.facts.paths import CHOSEN
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_HARMLESS = frozenset(
    "str Path stat exists name info debug warning FileResponse print len dict append add resolve write close "
    "fspath relative_to join basename is_file suffix flush format isoformat is_relative_to as_posix".split()
)
_ABOUT = frozenset({"filename", "content_type", "size", "headers", "name", "content_length"})
_REFUSES = frozenset({"HTTPException", "abort", "ValueError", "BadRequest"})


@dataclass(slots=True)
class Partial:
    """A stored upload, and what may fail after it."""

    call: Call
    later: ast.expr
    access: Access


def left(code: Code) -> Iterator[Partial]:
    """The uploads of a file that stay under their final name when what follows fails."""
    for access in accesses(code):
        call = access.call
        if not access.writes or "x" in access.mode or not code.in_request(call.function):
            continue
        if (
            set(access.shape.keys) <= {CHOSEN}
            or access.shape.temporary
            or not _stores_upload(access)
            or replaced_later(access, code)
        ):
            continue
        names = derived(_path_names(access), call.function)
        if not names or any(removes(row.node, names) for row in call.function.calls):
            continue
        later = _later(access, names)
        if later is not None:
            yield Partial(call, later, access)


def _path_names(access: Access) -> set[str]:
    """The local names that hold the path."""
    bindings = access.call.function.scope.bindings
    found = {name for name in names_in(access.path) if any(b.kind == "assign" for b in bindings.get(name, ()))}
    return found or {name for name in names_in(access.path) if name in bindings}


def _stores_upload(access: Access) -> bool:
    """Whether what is written comes from a client: a file, a body, bytes that a route or its helper is given."""
    call = access.call
    function = call.function
    held = {one.arg for one in function.parameters if last_word(one.annotation) in ("bytes", "UploadFile", "BinaryIO")}
    nodes = list(own(function.node))
    held |= {node.id for node in nodes if isinstance(node, ast.Name) and _is_client(node, call)}
    for _ in range(2):
        for name, bindings in function.scope.bindings.items():
            if any(binding.value is not None and _is_content(binding.value, held) for binding in bindings):
                held.add(name)
    place = access.with_node if access.with_node is not None else call.table.statement
    body = getattr(place, "body", None)
    given = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    return any(_is_content(part, held) for part in (body if isinstance(body, list) else given))


def _is_content(node: ast.AST, held: set[str]) -> bool:
    """Whether a piece of code deals with the content that a client has sent, not with a name or a number of it."""
    for part in walk(node):
        if isinstance(part, ast.Call) and last_word(part) in ("get_data", "body", "stream"):
            if isinstance(part.func, ast.Attribute) and last_word(part.func.value) == "request":
                return True
        if isinstance(part, ast.Attribute) and part.attr == "data" and last_word(part.value) == "request":
            return True
    plain = {id(part.value) for part in walk(node) if isinstance(part, ast.Attribute) and part.attr in _ABOUT}
    return any(isinstance(part, ast.Name) and part.id in held and id(part) not in plain for part in walk(node))


def _is_client(node: ast.Name, call: Call) -> bool:
    return is_upload(node, call.function, call.code)


def _later(access: Access, names: set[str]) -> ast.expr | None:
    """The first thing after the write that may fail on the file: somebody is given it, or it is refused."""
    call = access.call
    end = (access.with_node or call.table.statement).end_lineno or call.node.lineno
    for node in inside(getattr(access.with_node, "body", ())):
        if isinstance(node, ast.Raise) and node.exc is not None:
            return node.exc
    tables = sorted(call.function.calls, key=lambda row: (row.node.lineno, row.node.col_offset))
    for row in tables:
        node = row.node
        if node.lineno <= end or any(block.kind == "handler" for block in blocks(row.block)):
            continue
        word = last_word(node)
        if word in _REFUSES:
            return node.func
        given = any(names & names_in(part) for part in (*node.args, *(keyword.value for keyword in node.keywords)))
        if given and word not in _HARMLESS and not word.startswith(("log", "add_task", "delay", "apply_async")):
            if word[:1].islower() or call.code.call(row).entry is not None:
                return node.func
    return None
