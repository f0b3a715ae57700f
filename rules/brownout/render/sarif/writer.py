"""sarif_om's objects as plain data. The usual writer drops every value that equals its default, and with it the level.

A result whose level is left out takes its rule's level, so that warnings of an error rule would become errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

KEPT = frozenset({"level"})
"""Properties that are written even where they equal their default."""


class Attribute(Protocol):
    """What attrs tells about a property of a class."""

    name: str
    default: object
    metadata: Mapping[str, str]


def members(node: object) -> dict[str, object]:
    """The JSON values of what a SARIF object holds; None and defaults are left out."""
    return {
        key: data(value)
        for name, key, default in _shape(type(node))
        if (value := getattr(node, name)) is not None and (name in KEPT or value != default)
    }


def data(node: object) -> object:
    """The JSON value of a SARIF object, list, mapping or plain value."""
    if _shape(type(node)):
        return members(node)
    if isinstance(node, Mapping):
        return {key: data(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [data(value) for value in node]
    return node


_shapes: dict[type[object], list[tuple[str, str, object]]] = {}


def _shape(kind: type[object]) -> list[tuple[str, str, object]]:
    """The attributes of a SARIF class, their names in JSON and their defaults; nothing for other classes."""
    if kind not in _shapes:
        attributes: tuple[Attribute, ...] = getattr(kind, "__attrs_attrs__", ())
        _shapes[kind] = [(one.name, one.metadata["schema_property_name"], _default(one)) for one in attributes]
    return _shapes[kind]


def _default(attribute: Attribute) -> object:
    factory = getattr(attribute.default, "factory", None)
    return factory() if factory is not None else attribute.default
