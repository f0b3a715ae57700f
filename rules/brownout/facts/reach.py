"""What stands behind an entry point: the outside world that its function reaches, in whatever way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from brownout.catalog import Effect
from brownout.facts.project import Project
from brownout.model.names import Names
from brownout.model.tables import Module

_NAMED = frozenset({Effect.NETWORK, Effect.DATABASE, Effect.PROCESS, Effect.MESSAGE, Effect.MODEL})
DISK = "the disk"


@dataclass(frozen=True, slots=True)
class Reach:
    """An entry point: the line where its function begins, decorators included; how it is called; what it needs."""

    line: int
    kinds: tuple[str, ...]
    needs: tuple[str, ...]


def reaches(module: Module, names: Names, project: Project) -> Iterator[Reach]:
    """The entry points of a file, in their order."""
    for function in module.functions:
        name = names.full(function.qualname)
        points = project.entry_points.get(name)
        node = function.node
        if points and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Reach(line, tuple(sorted({point.kind for point in points})), tuple(needs(name, project)))


def needs(name: str, project: Project) -> list[str]:
    """What a function depends on, by display name: the nearest first, the disk last."""
    found: dict[str, None] = {}
    seen = {name}
    wave = [name]
    disk = False
    while wave:
        reached: list[str] = []
        for caller in wave:
            for edge in project.graph.out.get(caller, ()):
                if edge.entry is not None and edge.entry.effect in _NAMED:
                    found[edge.entry.display] = None
                disk = disk or (edge.entry is not None and edge.entry.effect is Effect.DISK)
                if edge.callee is not None and edge.callee.name not in seen:
                    seen.add(edge.callee.name)
                    reached.append(edge.callee.name)
        wave = reached
    return [*found, *([DISK] if disk else [])]
