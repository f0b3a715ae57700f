"""Carry fixes out: several in one file at once, each wholly or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst
from brownout.core import Fix
from brownout.fixes.imports import add_constants, add_imports
from brownout.fixes.recipes import RECIPES
from brownout.fixes.tree import CannotFix, Tree


@dataclass(frozen=True, slots=True)
class Applied:
    """The source after the fixes; which were applied, and which were refused, each with the reason."""

    source: str
    applied: tuple[Fix, ...]
    refused: tuple[tuple[Fix, str], ...]


def apply(source: str, fixes: Sequence[Fix], tree: Tree | None = None) -> Applied:
    """Apply as many fixes as go together; those on the same code are refused, for another round.

    The result always parses: where all together would not, they are tried one by one. `tree` is the source parsed,
    for those who ask several times.
    """
    try:
        tree = tree or Tree(source)
    except CannotFix as error:
        return _none(source, fixes, str(error))
    together = _apply(tree, fixes)
    if _parses(together.source) or not _parses(source):
        return together if _parses(together.source) else _none(source, fixes, "the file cannot be parsed")
    for fix in fixes:
        alone = _apply(tree, [fix])
        if alone.applied and _parses(alone.source):
            rest = tuple((other, "does not go together with another fix") for other in fixes if other is not fix)
            return Applied(alone.source, (fix,), rest)
    return _none(source, fixes, "the result would not parse")


def each_alone(source: str, fixes: Sequence[Fix], tree: Tree | None = None) -> list[str | None]:
    """The source after each fix alone, the file being parsed once for all; None for a fix that is refused."""
    try:
        tree = tree or Tree(source)
    except CannotFix:
        return [None for _ in fixes]
    return [_alone(tree.anew(), fix) for fix in fixes]


def _alone(tree: Tree, fix: Fix) -> str | None:
    try:
        RECIPES[fix.recipe](tree, fix)
        found = _carried_out(tree)
    except CannotFix:
        return None
    return found if _parses(found) else None


def _apply(parsed: Tree, fixes: Sequence[Fix]) -> Applied:
    tree = parsed.anew()
    applied: list[Fix] = []
    refused: list[tuple[Fix, str]] = []
    for fix in fixes:
        try:
            RECIPES[fix.recipe](tree, fix)
        except CannotFix as error:
            tree.drop()
            refused.append((fix, str(error)))
        else:
            tree.accept()
            applied.append(fix)
    if not applied:
        return Applied(tree.source, (), tuple(refused))
    return Applied(_carried_out(tree), tuple(applied), tuple(refused))


def _carried_out(tree: Tree) -> str:
    changed = cst.ensure_type(tree.module.visit(_Changes(tree)), cst.Module)
    code = tree.code(add_imports(add_constants(changed, tree.constants), tree.imports))
    if tree.source.endswith("\r") and not code.endswith("\r"):
        code += "\r"  # LibCST 1.9 forgets a last line end of this kind
    return code


def _none(source: str, fixes: Sequence[Fix], reason: str) -> Applied:
    return Applied(source, (), tuple((fix, reason) for fix in fixes))


def _parses(source: str) -> bool:
    try:
        compile(source, "<fixed>", "exec", dont_inherit=True)  # the parser alone accepts `await` in a plain function
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class _Changes(cst.CSTTransformer):
    """Replaces what the tree has noted, from the inside out."""

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        self.tree = tree
        self._around: set[cst.CSTNode] = set()
        for changed in (*tree.rewrites, *tree.stretches):
            node = tree.parents.get(changed)
            while node is not None and node not in self._around:
                self._around.add(node)
                node = tree.parents.get(node)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Look only into what holds a change: the whole of a file takes far longer."""
        return node in self._around

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        for change in self.tree.rewrites.get(original_node, ()):
            updated_node = change(updated_node)  # type: ignore[arg-type]
        if not isinstance(original_node, cst.IndentedBlock | cst.Module):
            return updated_node
        stretches = self.tree.stretches.get(original_node)
        if stretches and isinstance(updated_node, cst.IndentedBlock | cst.Module):
            body = list(updated_node.body)
            for stretch in sorted(stretches, key=lambda found: found.start, reverse=True):
                body[stretch.start : stretch.end] = stretch.replace(body[stretch.start : stretch.end])
            updated_node = updated_node.with_changes(body=body)
        return updated_node
