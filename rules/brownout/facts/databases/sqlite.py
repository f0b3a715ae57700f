"""SQLite in the project: who opens a database file, whether requests share it, whether it is in WAL mode."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from brownout.facts.entrypoints import SERVICE_KINDS
from brownout.facts.files.ownership import bound_names
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call

_CARELESS = re.compile(r"synchronous\s*=?\s*\(?(off|0)\b", re.IGNORECASE)
_MEMORY = (":memory:", "mode=memory", "mode=ro", "immutable=1")


@per_project
def is_concurrent(project: Project) -> bool:
    """Whether the project serves: it has routes, workers, threads or schedules."""
    return any(point.kind in SERVICE_KINDS for points in project.entry_points.values() for point in points)


@per_project
def sets_wal(project: Project) -> bool:
    """Whether any file of the project asks for write-ahead logging."""
    return any("wal" in module.practices for module in project.modules)


def opens_file(call: Call) -> bool:
    """Whether a call opens an SQLite database that is, as far as can be seen, a file that will be written."""
    if call.entry is None or not (call.has("sqlite-connect") or call.entry.name.endswith("create_engine")):
        return False
    if call.unpacks:
        return False
    if call.has("sqlite-connect"):
        return not _in_memory(call, call.argument("database", 0))
    url = call.argument("url", 0)
    text = call.code.text_of(url, call.function)
    return "sqlite" in text and text.rstrip("/") not in ("sqlite:", "sqlite") and not _in_memory(call, url)


def _in_memory(call: Call, node: ast.expr | None) -> bool:
    text = call.code.text_of(node, call.function)
    return (text == "" and isinstance(node, ast.Constant)) or any(mark in text for mark in _MEMORY)


def is_served(call: Call) -> bool:
    """Whether requests or workers come by: here, in another method of the class, or, at module level, in the file."""
    code, function = call.code, call.function
    if function.owner is not None:
        return any(code.serves(method) for method in function.owner.methods.values())
    if function.name == "<module>":
        return any(code.serves(other) for other in code.functions)
    return code.serves(function)


def is_copied(call: Call) -> bool:
    """Whether the connection is made to copy the database: `source.backup(target)`."""
    statement = call.table.statement
    items = statement.items if isinstance(statement, ast.With) else []
    mine = (item.optional_vars for item in items if any(part is call.node for part in ast.walk(item.context_expr)))
    names = bound_names(call) | {given.id for given in mine if isinstance(given, ast.Name)}
    return any(
        isinstance(row.node.func, ast.Attribute)
        and row.node.func.attr == "backup"
        and any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(row.node))
        for row in call.function.calls
    )


def is_disposable(call: Call) -> bool:
    """Whether the function, or its class, says that the database may be lost: `PRAGMA synchronous = OFF`."""
    owner = call.function.owner
    node = owner.node if owner is not None else call.function.node
    texts = (part.value for part in walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return any(_CARELESS.search(text) for text in texts)


def bound_name(call: Call) -> str | None:
    """The name or attribute to which the connection is bound, so that a pragma can follow."""
    statement = call.table.statement
    if isinstance(statement, ast.Assign) and statement.value is call.node and len(statement.targets) == 1:
        return unparse(statement.targets[0])
    names = bound_names(call)
    if isinstance(statement, ast.With) and len(names) == 1:
        return None
    return None
