"""A file as the recipes see it: find a node by its span, note a change, ask for an import."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst
from brownout.core import Span
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

Statement = cst.BaseStatement
Block = cst.IndentedBlock | cst.Module
Rewrite = Callable[[cst.BaseExpression], cst.BaseExpression]
Replace = Callable[[Sequence[Statement]], Sequence[Statement]]
Node = TypeVar("Node", bound=cst.CSTNode)


class CannotFix(Exception):
    """The code is not in a shape that the recipe can change; the message says why."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Statements `start` to `end` (exclusive) of a block, and what replaces them."""

    start: int
    end: int
    replace: Replace


class Tree:
    """One parsed file with the changes noted so far; `code` carries them out.

    Changes of one recipe are noted together: `accept` keeps them, `drop` forgets them.
    Raises `CannotFix` for text that LibCST cannot parse.
    """

    def __init__(self, source: str) -> None:
        try:
            self.wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise CannotFix("the file cannot be parsed") from error
        self.module = self.wrapper.module
        self.source = source
        self.positions = self.wrapper.resolve(PositionProvider)
        self.parents = self.wrapper.resolve(ParentNodeProvider)
        self._of_kind: dict[type[cst.CSTNode], list[tuple[cst.CSTNode, CodeRange]]] = {}
        self._imported: dict[str, str] = {}
        self._texts: dict[cst.CSTNode, str] = {}
        self._start()

    def anew(self) -> Tree:
        """The same file with nothing noted: parsing it takes far longer than a change."""
        other = copy(self)
        other._start()
        return other

    def _start(self) -> None:
        self.rewrites: dict[cst.CSTNode, list[Rewrite]] = {}
        self.stretches: dict[Block, list[Stretch]] = {}
        self.imports: set[tuple[str, str | None]] = set()
        self.constants: dict[str, str] = {}
        self._undo: list[Callable[[], object]] = []
        self._rewritten: set[cst.CSTNode] = set()
        self._replaced: set[cst.CSTNode] = set()
        """What accepted fixes have changed: a recipe may make a statement anew, and what is inside of it is lost."""

    # finding places

    def expression(self, span: Span, kind: type[Node]) -> Node:
        """The smallest node of a kind that covers a span: the node itself, parentheses apart."""
        found: tuple[int, Node] | None = None
        for node, place in self._nodes(kind):
            if isinstance(node, kind) and _covers(place, span):
                size = (place.end.line - place.start.line) * 100_000 + place.end.column - place.start.column
                if found is None or size < found[0]:
                    found = (size, node)
        if found is None:
            raise CannotFix("the code is not where it was")
        return found[1]

    def is_at(self, node: cst.CSTNode, span: Span) -> bool:
        """Whether a node stands exactly at a span."""
        place = self.positions.get(node)
        return isinstance(place, CodeRange) and (
            (place.start.line, place.start.column, place.end.line, place.end.column)
            == (span.line, span.column, span.end_line, span.end_column)
        )

    def statement(self, line: int, column: int) -> Statement:
        """The statement that starts at a place, alone on its line."""
        for node, place in self._nodes(cst.BaseStatement):  # type: ignore[type-abstract]
            if isinstance(node, cst.BaseStatement):
                if (place.start.line, place.start.column) == (line, column):
                    if isinstance(node, cst.SimpleStatementLine) and len(node.body) != 1:
                        raise CannotFix("several statements share the line")
                    return node
        raise CannotFix("the statement is not where it was, or shares its line")

    def _nodes(self, kind: type[cst.CSTNode]) -> list[tuple[cst.CSTNode, CodeRange]]:
        """The nodes of a kind with their places, looked for once."""
        if kind not in self._of_kind:
            places = self.positions.items()
            self._of_kind[kind] = [(n, p) for n, p in places if isinstance(n, kind) and isinstance(p, CodeRange)]
        return self._of_kind[kind]

    def block(self, statement: Statement) -> tuple[Block, int]:
        """The block around a statement, and the statement's place in it."""
        parent = self.parents[statement]
        if not isinstance(parent, cst.IndentedBlock | cst.Module):
            raise CannotFix("the statement shares its line with its header")
        return parent, next(index for index, child in enumerate(parent.body) if child is statement)

    def enclosing(self, node: cst.CSTNode, *kinds: type[cst.CSTNode]) -> cst.CSTNode | None:
        """The nearest node around `node` that is of one of the kinds."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, kinds):
            current = self.parents.get(current)
        return current

    def enclosing_statement(self, node: cst.CSTNode) -> Statement:
        """The statement that a node is part of."""
        if isinstance(node, Statement):
            return node
        found = self.enclosing(node, cst.SimpleStatementLine, cst.BaseCompoundStatement)  # type: ignore[type-abstract]
        if not isinstance(found, cst.BaseStatement):
            raise CannotFix("not part of a statement")
        return found

    def text(self, node: cst.CSTNode) -> str:
        """A node's own text, without the comments and blank lines before it."""
        return self.module.code_for_node(node).strip()

    def code(self, changed: cst.Module) -> str:
        """The text of a changed module: that of statements which are still the same is made once for all changes."""
        if not changed.has_trailing_newline or not changed.body:
            return changed.code
        same = set(self.module.body)
        for node in changed.body:
            if node in same and node not in self._texts:
                self._texts[node] = self.module.code_for_node(node)
        parts = [changed.code_for_node(line) for line in changed.header]
        parts += [self._texts[node] if node in same else changed.code_for_node(node) for node in changed.body]
        return "".join([*parts, *(changed.code_for_node(line) for line in changed.footer)])

    # noting changes

    def rewrite(self, node: cst.CSTNode, change: Rewrite) -> None:
        """Replace an expression by what `change` makes of it, after the changes inside of it."""
        if node in self.rewrites:
            raise CannotFix("another fix changes the same code")
        around: cst.CSTNode | None = node
        while around is not None:
            if around in self._replaced:
                raise CannotFix("another fix changes the same statement")
            around = self.parents.get(around)
        self.rewrites[node] = [change]
        self._undo.append(lambda: self.rewrites.pop(node, None))

    def replace(self, block: Block, start: int, end: int, change: Replace) -> None:
        """Replace the statements `start` to `end` (exclusive) of a block."""
        noted = self.stretches.setdefault(block, [])
        if any(start < other.end and other.start < end for other in noted):
            raise CannotFix("another fix changes the same statement")
        for statement in block.body[start:end]:
            if any(self._is_inside(node, statement) for node in self._rewritten):
                raise CannotFix("another fix changes the same statement")
        stretch = Stretch(start, end, change)
        noted.append(stretch)
        self._undo.append(lambda: noted.remove(stretch))

    def replace_statement(self, statement: Statement, change: Callable[[Statement], Sequence[Statement]]) -> None:
        """Replace one statement by what `change` makes of it."""
        block, index = self.block(statement)
        self.replace(block, index, index + 1, lambda found: change(found[0]))

    def module_name(self, module: str) -> str:
        """How to write `module` here; imports it where the file does not."""
        bound = self._bound().get(module)
        if bound is None:
            self._claim(module.partition(".")[0], module)
            self._add_import((module, None))
        return bound or module

    def imported(self, module: str, name: str) -> str:
        """How to write `module.name` here; imports the name where the file has neither it nor the module."""
        bound = self._bound()
        found = bound.get(f"{module}.{name}")
        if found is None and module in bound:
            found = f"{bound[module]}.{name}"
        if found is None:
            self._claim(name, f"{module}.{name}")
            self._add_import((module, name))
        return found or name

    def constant(self, name: str, value: str) -> str:
        """The name of a module-level constant of that value, added after the imports where it is missing."""
        if not re.search(rf"^{name}\s*[:=]", self.source, re.MULTILINE):
            self.constants[name] = value
        return name

    def fsync(self, file: str, place: cst.CSTNode) -> str:
        """How to wait here until the disk has a file: in a coroutine, off the event loop."""
        name = f"{self.module_name('os')}.fsync"
        function = self.enclosing(place, cst.FunctionDef, cst.Lambda)
        if isinstance(function, cst.FunctionDef) and function.asynchronous is not None:
            return f"await {self.module_name('asyncio')}.to_thread({name}, {file}.fileno())"
        return f"{name}({file}.fileno())"

    def free_name(self, wish: str) -> str:
        """A name that the file does not use yet."""
        name, count = wish, 2
        while re.search(rf"\b{name}\b", self.source):
            name, count = f"{wish}_{count}", count + 1
        return name

    def accept(self) -> None:
        """Keep what has been noted."""
        self._undo.clear()
        self._rewritten = set(self.rewrites)
        self._replaced = {
            statement
            for block, noted in self.stretches.items()
            for one in noted
            for statement in block.body[one.start : one.end]
        }

    def _is_inside(self, node: cst.CSTNode, statement: cst.CSTNode) -> bool:
        current: cst.CSTNode | None = node
        while current is not None and current is not statement:
            current = self.parents.get(current)
        return current is statement

    def drop(self) -> None:
        """Forget what has been noted since the last `accept`."""
        while self._undo:
            self._undo.pop()()

    def statements(self, text: str) -> list[Statement]:
        """Source text as statements in this file's style of indents and line ends."""
        parsed = cst.parse_module(text, config=self.module.config_for_parsing)
        return [statement for statement in parsed.body if isinstance(statement, Statement)]

    def _add_import(self, wanted: tuple[str, str | None]) -> None:
        if wanted not in self.imports:
            self.imports.add(wanted)
            self._undo.append(lambda: self.imports.discard(wanted))

    def _claim(self, name: str, meaning: str) -> None:
        other = {bound: full for full, bound in self._bound().items()}.get(name)
        taken = re.search(rf"^(?:{name}\s*[:=]|(?:async )?def {name}\b|class {name}\b)", self.source, re.MULTILINE)
        if taken or (other is not None and other.partition(".")[0] != meaning.partition(".")[0]):
            raise CannotFix(f"the name {name} is taken in this file")

    def _bound(self) -> dict[str, str]:
        """What the module-level imports bind: full name to the name in this file."""
        found = self._imported
        if found:
            return found
        for node in ast.parse(self.source).body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.name] = alias.asname or alias.name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    found[f"{node.module}.{alias.name}"] = alias.asname or alias.name
        return found


def _covers(place: CodeRange, span: Span) -> bool:
    start = (place.start.line, place.start.column)
    end = (place.end.line, place.end.column)
    return start <= (span.line, span.column) and (span.end_line, span.end_column) <= end
