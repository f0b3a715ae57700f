"""Properties that do more than look: reading one runs its function, and waits for what that function waits for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.facts.effects import Chain, Step, may_wait
from brownout.facts.project import Project, per_project
from brownout.facts.rows import Place

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function


@dataclass(slots=True)
class Read:
    """An attribute that a coroutine reads, and the chain from there to the call for which it waits."""

    node: ast.Attribute
    function: Function
    chain: Chain


@per_project
def _blocking(project: Project) -> dict[str, dict[str, Chain]]:
    """The properties of the project that keep their thread, by attribute, then by full name."""
    found: dict[str, dict[str, Chain]] = {}
    for chains in project.blocking:
        for name, chain in chains.items():
            function = project.links.functions[name]
            owner = project.links.classes.get(function.owner or "")
            attribute = name.rpartition(".")[2]
            if owner is not None and attribute in owner.properties and may_wait(function):
                found.setdefault(attribute, {}).setdefault(name, chain)
    return found


def blocking_reads(code: Code) -> Iterator[Read]:
    """The attributes that coroutines of a file read and that make the event loop wait."""
    names = _blocking(code.project)
    if not names or not re.search(rf"\.({'|'.join(map(re.escape, names))})\b", code.module.text):
        return
    for function in code.functions:
        if function.is_async and practices.on_loop(code, function):
            for node in _attributes(function, names):
                chain = _chain(node, function, code)
                if chain is not None:
                    yield Read(node, function, chain)


def _attributes(function: Function, names: dict[str, dict[str, Chain]]) -> Iterator[ast.Attribute]:
    """The attributes of those names that a function's own body reads."""
    todo: list[ast.AST] = list(getattr(function.node, "body", []))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in names:
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))


def _chain(node: ast.Attribute, function: Function, code: Code) -> Chain | None:
    links = code.project.links
    owner = links.target(code.symbol(node.value, function))
    if owner is None or not owner.endswith("()"):
        return None
    read = links.method(owner[:-2], node.attr)
    inner = _blocking(code.project)[node.attr].get(read.name) if read is not None else None
    if read is None or inner is None:
        return None
    step = Step(code.module.path, Place(code.location(node).span), code.text(node), read.name)
    return Chain((step, *inner.steps), inner.entry)
