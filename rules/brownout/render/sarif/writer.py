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


def data(node: object) -> object:
    """The JSON value of a SARIF object, list, mapping or plain value; None and defaults are left out."""
    attributes: tuple[Attribute, ...] | None = getattr(type(node), "__attrs_attrs__", None)
    if attributes is not None:
        return {
            attribute.metadata["schema_property_name"]: data(value)
            for attribute in attributes
            if (value := getattr(node, attribute.name)) is not None and not _is_left_out(attribute, value)
        }
    if isinstance(node, Mapping):
        return {key: data(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [data(value) for value in node]
    return node


def _is_left_out(attribute: Attribute, value: object) -> bool:
    default = attribute.default
    factory = getattr(default, "factory", None)
    return attribute.name not in KEPT and value == (factory() if factory is not None else default)
