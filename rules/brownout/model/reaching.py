"""Which of several bindings of a name can hold at a place."""

from __future__ import annotations

import ast

from brownout.model.tables import Binding, Block

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def all_in_comprehensions(bindings: list[Binding], line: int) -> bool:
    """Whether a name is only ever bound inside comprehensions on other lines, where it does not leave them."""
    for binding in bindings:
        node = binding.node
        if not isinstance(node, COMPREHENSIONS):
            return False
        if node.lineno <= line <= (node.end_lineno or line):
            return False
    return True


def reaching(bindings: list[Binding], block: Block | None, line: int) -> list[Binding]:
    """The bindings that can hold at `line`: the last one before it that every path passes, and those after that one."""
    inside = [
        binding
        for binding in bindings
        if binding.kind in ("with", "for", "for-unpack", "except")
        and binding.node.lineno <= line <= (binding.node.end_lineno or line)  # type: ignore[attr-defined]
    ]
    if inside:
        return [max(inside, key=lambda binding: binding.node.lineno)]  # type: ignore[attr-defined]
    bindings = [b for b in bindings if not isinstance(b.node, COMPREHENSIONS)] or bindings
    around = set(block.chain()) if block is not None else set[Block]()
    before = [b for b in bindings if b.kind == "parameter" or _line(b) < line + isinstance(b.node, ast.NamedExpr)]
    for position in range(len(before) - 1, -1, -1):
        home = before[position].block
        if home is None or home in around:
            return before[position:]
    return bindings


def _line(binding: Binding) -> int:
    return int(getattr(binding.node, "lineno", 0))
