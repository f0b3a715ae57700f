"""What parameters are where nothing is given."""

from __future__ import annotations

import ast

from brownout.model.annotations import is_none
from brownout.model.tables import Binding, Function, Scope


def default_of(function: Function, argument: ast.AST) -> ast.expr | None:
    """The default value of a parameter, if it has one."""
    if isinstance(function.node, ast.Module):
        return None
    arguments = function.node.args
    if not arguments.defaults and not arguments.kw_defaults:
        return None
    positional = [*arguments.posonlyargs, *arguments.args]
    offset = len(positional) - len(arguments.defaults)
    for index, parameter in enumerate(positional):
        if parameter is argument:
            return arguments.defaults[index - offset] if index >= offset else None
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if parameter is argument:
            return default
    return None


def none_by_default(binding: Binding, scope: Scope) -> bool:
    """Whether a name is a parameter of no stated type that is None by default."""
    if binding.kind != "parameter" or binding.annotation is not None or scope.function is None:
        return False
    default = default_of(scope.function, binding.node)
    return default is not None and is_none(default)
