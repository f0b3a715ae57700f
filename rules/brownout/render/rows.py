"""JSON text with a line for each entry: it can be read, searched and compared, and C writes it.

An indented text is written by Python itself, value by value: for ten thousand findings that takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping


def row(value: object) -> str:
    """A value in one line."""
    return json.dumps(value, ensure_ascii=False)


def rows(document: Mapping[str, object]) -> str:
    """An object with a line for each member, and for each entry of the lists among them."""
    members = (
        f"{row(key)}: {_entries(value) if isinstance(value, list) else row(value)}" for key, value in document.items()
    )
    return "{\n" + ",\n".join(members) + "\n}"


def _entries(values: list[object]) -> str:
    return "[\n" + ",\n".join(map(row, values)) + "\n]" if values else "[]"
