"""Caches of functions: how much they keep, and whose arguments decide that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.nodes import last_word
from brownout.facts.project import Project, per_project
from brownout.model.defaults import default_of
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_FEW = frozenset({"bool", "Literal", "None", "Enum", "type", "Type", "Callable"})


def unbounded(code: Code) -> Iterator[tuple[Function, ast.expr]]:
    """The functions of a file whose cache has no size, called by requests with arguments that have no end."""
    if "cache" not in code.module.text:
        return
    for function in code.functions:
        for decorator in function.decorators:
            if _has_no_size(decorator, function, code) and code.serves(function):
                if _has_many_keys(function, code) and _is_given_anything(function, code) and _is_large(function, code):
                    yield function, decorator


def _has_no_size(node: ast.expr, function: Function, code: Code) -> bool:
    outer = function.parent or code.module.body
    target = code.target(node.func if isinstance(node, ast.Call) else node, outer)
    if target == "functools.cache":
        return True
    if target != "functools.lru_cache" or not isinstance(node, ast.Call):
        return False
    given = [keyword.value for keyword in node.keywords if keyword.arg == "maxsize"] or node.args[:1]
    return bool(given) and code.constant(given[0], outer) is None


def _is_large(function: Function, code: Code) -> bool:
    """Whether a result may be large: it comes from a file, a query or another service."""
    return code.names.full(function.qualname) in _outside(code.project)


@per_project
def _outside(project: Project) -> frozenset[str]:
    kinds = (Effect.NETWORK, Effect.DATABASE, Effect.DISK, Effect.PROCESS, Effect.CPU, Effect.MODEL)
    return project.reached(*kinds)


def _is_given_anything(function: Function, code: Code) -> bool:
    """Whether some call hands on what its own caller has given, or what it has made: no constant, no setting."""
    edges = code.project.graph.callers.get(code.names.full(function.qualname), [])
    forms = [form for edge in edges for _key, form in edge.row.arguments]
    return not edges or any(form[:1] in "$?" for form in forms)


def _has_many_keys(function: Function, code: Code) -> bool:
    """Whether some parameter can be given ever new values: not `self`, a flag, or one of a few names."""
    parameters = function.parameters[1:] if function.owner is not None else function.parameters
    return any(
        default_of(function, parameter) is None and not _is_few(parameter, function, code) for parameter in parameters
    )


def _is_few(parameter: ast.arg, function: Function, code: Code) -> bool:
    annotation = parameter.annotation
    if annotation is None:
        return False
    names = {last_word(part) for part in walk(annotation)}
    if names & _FEW:
        return True
    symbol = code.names.annotation(annotation, function.outer or function.scope)
    owner = code.project.links.target(symbol) or ""
    bases = (
        code.project.links.mro(owner.removesuffix("()"))
        if owner.removesuffix("()") in code.project.links.classes
        else []
    )
    return any(base.rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum") for base in bases)
