"""Parameters that are a web framework's request by convention, although nothing says so."""

from __future__ import annotations

import ast

from brownout.model.syntax import own
from brownout.model.tables import Function, Module

_REQUEST = "django.http.HttpRequest()"


def django_request(parameter: ast.AST, function: Function, module: Module) -> str | None:
    """What `request` of `def upload(request): request.FILES` is; only Django's requests have `FILES`."""
    if "request.FILES" not in module.text or not isinstance(parameter, ast.arg) or not is_unnamed_request(parameter):
        return None
    return _REQUEST if any(_is_files(node) for node in own(function.node)) else None


def is_unnamed_request(parameter: ast.arg) -> bool:
    """Whether a parameter is called `request`, and nothing says of what type it is."""
    return parameter.arg == "request" and parameter.annotation is None


def _is_files(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "FILES"
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    )
