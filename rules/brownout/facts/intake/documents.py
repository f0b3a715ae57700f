"""Documents that clients send: where they are opened, converted and rendered, and what bounds or guards that."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts.intake.sent import is_sent
from brownout.facts.nodes import around, inside, is_leaving, last_word, own
from brownout.facts.project import Project, per_project
from brownout.facts.renames import may_mean
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_CONVERTS = frozenset(
    {
        "docling.document_converter.DocumentConverter.convert",
        "docling.document_converter.DocumentConverter.convert_all",
    }
)
_RENDERS = frozenset({"pdf2image.convert_from_path", "pdf2image.convert_from_bytes"})
_PIXMAPS = frozenset({"pymupdf.Page.get_pixmap", "pymupdf.Document.get_page_pixmap", "pdfplumber.page.Page.to_image"})
_FEW = frozenset({"first_page", "last_page", "output_folder", "paths_only", "single_file"})
_COUNTS = re.compile(r"page|num_|count|len\(", re.IGNORECASE)
_SIZES = re.compile(r"size|getsize|st_size|content_length|len\(|page", re.IGNORECASE)
_PASSWORDS = ("encrypt", "needs_pass", "password", "authenticate")
_READERS = frozenset({"pypdf.PdfReader", "pymupdf.Document", "pdfplumber.open"})


def conversion(call: Call) -> ast.expr | None:
    """The converter in a call that converts a document, itself or in a thread; None for another call."""
    if call.entry is not None and call.entry.name in _CONVERTS:
        return call.node.func
    for argument in call.node.args[:2]:
        if isinstance(argument, ast.Attribute) and argument.attr in ("convert", "convert_all"):
            entry = call.code.project.links.entry(call.code.symbol(argument, call.function))
            if entry is not None and entry.name in _CONVERTS:
                return argument
    return None


def _may_convert(code: Code) -> bool:
    """Whether a file may hold such a call at all."""
    return may_mean("convert", code) or may_mean("convert_all", code)


def unlimited_conversions(code: Code) -> Iterator[Call]:
    """The conversions of a file that neither a number of pages, a size nor a time ends."""
    for call in code.calls if _may_convert(code) else ():
        if conversion(call) is None or call.unpacks or not code.judged(call.function):
            continue
        if call.argument("max_num_pages") is None and call.argument("max_file_size") is None:
            if not _looks_first(call, _SIZES):
                yield call


@per_project
def limits_time(project: Project) -> bool:
    """Whether some file of the project gives a document's conversion a time limit."""
    return any("document-timeout" in module.practices for module in project.modules)


def _looks_first(call: Call, pattern: re.Pattern[str]) -> bool:
    """Whether something before a call looks at a size or a number of pages and leaves."""
    for node in own(call.function.node):
        if isinstance(node, ast.If | ast.Assert) and node.lineno < call.node.lineno:
            leaves = isinstance(node, ast.Assert) or any(is_leaving(one) for one in inside(node.body))
            compared = any(isinstance(part, ast.Compare) for part in walk(node.test))
            if leaves and compared and pattern.search(unparse(node.test)):
                return True
    return False


def all_pages(code: Code) -> Iterator[tuple[Call, str]]:
    """The calls of a file that hold the pictures of all pages at once, with what they hold, in words."""
    for call in code.all_calls:
        if call.entry is None and call.last != "get_pixmap":
            continue
        name = call.entry.name if call.entry is not None else ""
        if (not name and not _is_pixmap(call)) or not code.judged(call.function):
            continue
        handed = _handed(call)
        if name in _RENDERS or handed in _RENDERS:
            given = {keyword.arg for keyword in call.node.keywords}
            shift = 0 if name in _RENDERS else 1
            if not given & _FEW and not call.unpacks and len(call.node.args) <= 2 + shift:
                if not _looks_first(call, _COUNTS):
                    yield call, "the pictures of all pages"
        elif (
            (name in _PIXMAPS or handed in _PIXMAPS or not name) and _gathered(call) and not _looks_first(call, _COUNTS)
        ):
            yield call, "a picture of every page"


def _is_pixmap(call: Call) -> bool:
    """Whether a call draws a page of a PyMuPDF document that is iterated: `for page in document`."""
    if last_word(call.node) != "get_pixmap" or call.symbol is None:
        return False
    owner = call.code.project.links.target(call.symbol.partition("[]")[0])
    return owner is not None and call.code.catalog.canonical(owner.removesuffix("()")) == "pymupdf.Document"


def _handed(call: Call) -> str:
    for argument in call.node.args[:2]:
        if isinstance(argument, ast.Name | ast.Attribute) and call.entry is not None and call.entry.offload is not None:
            entry = call.code.project.links.entry(call.code.symbol(argument, call.function))
            if entry is not None:
                return entry.name
    return ""


def _gathered(call: Call) -> bool:
    """Whether a picture goes into a list, once for each page."""
    loops = list(around(call, "loop"))
    if not loops:
        return False
    loop = loops[0]
    if isinstance(loop, ast.ListComp):
        return call.table.parent is loop or isinstance(call.table.parent, ast.Tuple)
    if isinstance(loop, ast.GeneratorExp | ast.SetComp):
        return False
    if isinstance(loop, ast.DictComp):
        return loop.value is call.node
    source = getattr(loop, "iter", None)
    if isinstance(source, ast.Subscript):
        return False
    parent = call.table.parent
    if isinstance(parent, ast.Call) and last_word(parent) == "append":
        return True
    statement = call.table.statement
    name = last_word(statement.targets[0]) if isinstance(statement, ast.Assign) and statement.value is call.node else ""
    return bool(name) and any(
        isinstance(part, ast.Call) and last_word(part) == "append" and [last_word(a) for a in part.args] == [name]
        for part in inside(getattr(loop, "body", ()))
    )


@dataclass(slots=True)
class Partial:
    """A conversion whose result is used as if it were whole; `name` holds the result."""

    call: Call
    name: str | None
    why: str


def unchecked_status(code: Code) -> Iterator[Partial]:
    """The conversions of a file that may be partial or have failed, whose status nobody reads."""
    timed = limits_time(code.project)
    for call in code.calls if _may_convert(code) else ():
        if conversion(call) is None or not code.judged(call.function):
            continue
        quiet = code.constant(call.argument("raises_on_error"), call.function) is False
        if not quiet and not timed:
            continue
        if _reads_status(call):
            continue
        why = "`raises_on_error=False` hides a failure" if quiet else "a time limit ends it with half of the document"
        if (name := _used(call)) is not None:
            yield Partial(call, name or None, why)


def _reads_status(call: Call) -> bool:
    """Whether the function, or one that is given the result, reads the status of a conversion."""
    if call.function.owner is not None:
        nodes = walk(call.function.owner.node)
    else:
        nodes = own(call.function.node)
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("status", "has_timeout_errors", "errors", "has_errors")
        for node in nodes
    )


def _used(call: Call) -> str | None:
    """The name that holds the result where its document is taken; "" where it is taken at once; None: not here."""
    takes = [node for node in own(call.function.node) if isinstance(node, ast.Attribute) and node.attr == "document"]
    statement = call.table.statement
    value = getattr(statement, "value", None)
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(statement, ast.Assign) and value is call.node and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        if any(last_word(node.value) == name for node in takes):
            return name
        return "" if _iterated(name, call) and takes else None
    return "" if takes else None


def _iterated(name: str, call: Call) -> bool:
    return any(
        isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) and last_word(node.iter) == name
        for node in own(call.function.node)
    )


def parses(call: Call) -> bool:
    """Whether a call opens a client's document or picture and fails on a broken one."""
    entry = call.entry
    if entry is None or not entry.raises:
        return False
    if conversion(call) is not None:
        return call.code.constant(call.argument("raises_on_error"), call.function) is not False
    return entry.opens is not None and not entry.tags.isdisjoint({"pdf-parse", "image-parse"})


def speaks_of_passwords(code: Code) -> bool:
    """Whether a file says anything about encrypted documents."""
    return any(word in code.module.folded for word in _PASSWORDS)


def opened_pdfs(code: Code) -> Iterator[Call]:
    """The PDFs that a file opens with a library that needs a password for an encrypted one."""
    for call in code.index.entries(_READERS):
        if call.entry is not None and call.entry.name in _READERS and code.judged(call.function):
            if call.argument("password") is None and not call.unpacks and is_sent(call):
                yield call
