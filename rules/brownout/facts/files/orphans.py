"""What killed processes leave behind, and who clears it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.facts.summary import FunctionSummary

_REMOVERS = frozenset({"rmtree", "unlink", "remove", "rmdir", "removedirs"})
_STARTS = frozenset({"lifespan", "startup", "scheduled"})


def made(code: Code) -> Iterator[tuple[Call, str]]:
    """The temporary files and folders that requests and workers make under names that survive a crash."""
    for call in code.library_calls:
        name = call.entry.name if call.entry is not None else ""
        if not code.serves(call.function):
            continue
        if name == "tempfile.NamedTemporaryFile":
            delete = call.argument("delete", 8)
            if delete is not None and code.constant(delete, call.function) is False:
                yield call, "file"
        elif name in ("tempfile.mkstemp", "tempfile.mkdtemp", "tempfile.TemporaryDirectory"):
            if name != "tempfile.TemporaryDirectory" or call.argument("dir", 2) is not None:
                yield call, "file" if name.endswith("mkstemp") else "folder"


@per_project
def cleared(project: Project) -> bool:
    """Whether something removes files when the service starts, or by a schedule."""
    for name, points in project.entry_points.items():
        if any(point.kind in _STARTS for point in points):
            function = project.links.functions.get(name)
            if function is not None and _removes(function, project, 3):
                return True
    return any(
        function.qualname == "<module>" and _removes(function, project, 2, direct=False)
        for module in project.modules
        if not module.is_test
        for function in module.functions.values()
    )


def _removes(function: FunctionSummary, project: Project, depth: int, *, direct: bool = True) -> bool:
    """Whether a function removes files, itself or through what it calls."""
    if direct and any(row.text.rpartition(".")[2] in _REMOVERS for row in function.calls):
        return True
    edges = project.graph.out.get(function.name, ()) if depth else ()
    return any(edge.callee is not None and _removes(edge.callee, project, depth - 1) for edge in edges)
