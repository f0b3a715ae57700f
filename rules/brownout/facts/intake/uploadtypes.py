"""What an upload is: what the client says, and what its bytes say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from brownout.facts.intake.uploads import is_upload
from brownout.facts.nodes import last_word, leaves, own
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary
    from brownout.model.tables import Function

_SAID = frozenset({"content_type", "mimetype"})
_UPLOADS = ("UploadFile", "FileStorage", "request.files", ".FILES", "UploadedFile")
_NAMED = frozenset({"filename", "name"})
_LOOKS = re.compile(
    r"magic|filetype|sniff|signature|imghdr|puremagic|mimetypes?_from|from_buffer|header|verify|is_(pdf|image|zip)|"
    r"^detect|fleep|^parse|convert|extract|decode|^load|open_document|PdfReader|Document$|validate|is_zipfile|infer",
    re.IGNORECASE,
)
_LIBRARIES = re.compile(r"^(magic|filetype|puremagic|imghdr|fleep|sndhdr|mimetypes_magic)\b")
_TEXTS = frozenset("csv tsv txt plain text md markdown json jsonl ndjson yaml yml toml ini log rst".split())
_TAGS = frozenset({"pdf-parse", "image-parse", "archive-extract", "render", "ocr"})


def trusted(code: Code) -> Iterator[tuple[ast.If, Function]]:
    """The checks of a file that believe the client, where nothing else looks at the content."""
    text = code.module.text
    if not code.requested or not any(word in text for word in _UPLOADS):
        return
    if not any(word in text for word in _SAID | _NAMED):
        return
    for function in code.requested:
        if not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        checks = [
            node
            for node in own(function.node)
            if isinstance(node, ast.If) and leaves(node.body) and _believes(node.test, function, code)
            if not _is_text(node.test)
        ]
        if checks and not _looks_at_bytes(function, code):
            yield checks[0], function


def _believes(test: ast.expr, function: Function, code: Code) -> bool:
    """Whether a condition asks what the client says of a file's type: its content type, the end of its name."""
    for part in walk(test):
        if isinstance(part, ast.Attribute) and part.attr in _SAID and _of_upload(part.value, function, code):
            return True
        if isinstance(part, ast.Call) and last_word(part) in ("endswith", "splitext", "suffix"):
            if any(_is_name(one, function, code) for one in walk(part)):
                return True
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            bindings = function.scope.bindings.get(part.id, ())
            value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
            words = "" if value is None else f"{unparse(value)} {_called(value, function, code)}"
            if value is not None and any(word in words for word in ("suffix", "splitext", "content_type", "rsplit")):
                if any(_is_name(one, function, code) or _says(one, function, code) for one in walk(value)):
                    return True
        if isinstance(part, ast.Attribute) and part.attr == "suffix":
            if any(_is_name(one, function, code) for one in walk(part.value)):
                return True
    return False


def _is_text(test: ast.expr) -> bool:
    """Whether all that a condition lets in is text, which has no signature to look at: `.endswith(".csv")`."""
    named = [part.value for part in walk(test) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    kinds = [re.split(r"[./]", name.lower())[-1] for name in named if "." in name or "/" in name]
    return bool(kinds) and _TEXTS.issuperset(kinds)


def _called(node: ast.expr, function: Function, code: Code) -> str:
    """The full names of what an expression calls."""
    calls = (part for part in walk(node) if isinstance(part, ast.Call))
    return " ".join(code.target(call.func, function) or "" for call in calls)


def _is_name(node: ast.AST, function: Function, code: Code) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _NAMED and _of_upload(node.value, function, code)


def _says(node: ast.AST, function: Function, code: Code) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _SAID and _of_upload(node.value, function, code)


def _of_upload(node: ast.expr, function: Function, code: Code) -> bool:
    return is_upload(node, function, code)


def _looks_at_bytes(function: Function, code: Code) -> bool:
    """Whether the function, or one that it calls, opens the file as what it claims to be, or looks at its bytes."""
    for node in own(function.node):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and node.value:
            return True
        if isinstance(node, ast.Call):
            handed = [
                part for part in node.args if isinstance(part, ast.Name | ast.Attribute)
            ]  # `to_thread(verify, …)`
            if any(_is_look(part, function, code) for part in (node.func, *handed)):
                return True
    parsing = _parsing(code.project)
    for call in code.calls_in(function):
        if call.has(*_TAGS) or (call.callee is not None and call.callee.name in parsing):
            return True
    return False


def _is_look(node: ast.expr, function: Function, code: Code) -> bool:
    if isinstance(node, ast.Name | ast.Attribute) and _LOOKS.search(last_word(node)):
        return True
    if _LIBRARIES.search(code.target(node, function) or ""):
        return True
    entry = code.project.links.entry(code.symbol(node, function))
    return entry is not None and not entry.tags.isdisjoint(_TAGS)


@per_project
def _parsing(project: Project) -> frozenset[str]:
    """The functions that open a document themselves, or call one that does."""
    found = {function.name for function in project.links.functions.values() if _parses(function, project)}
    todo = list(found)
    while todo:
        for edge in project.graph.callers.get(todo.pop(), ()):
            if edge.caller.name not in found:
                found.add(edge.caller.name)
                todo.append(edge.caller.name)
    return frozenset(found)


@lru_cache(65536)
def _looks(word: str) -> bool:
    return _LOOKS.search(word) is not None


def _parses(function: FunctionSummary, project: Project) -> bool:
    for row in function.calls:
        if _looks(row.text.rpartition(".")[2]):
            return True
        entry = project.links.entry(row.symbol)
        if entry is not None and entry.tags & _TAGS:
            return True
    return _LOOKS.search(function.qualname.rpartition(".")[2]) is not None
