"""The audit as one JSON document, and the JSON Schema of it, both made from the same dataclasses."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import asdict, fields, is_dataclass
from enum import Enum

from brownout.audit.report import Audit

VERSION = 1
SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def render(audit: Audit) -> str:
    """The document: `version`, then the audit's parts in the order of `brownout.audit.data.Audit`."""
    return json.dumps({"version": VERSION, **asdict(audit)}, indent=1, ensure_ascii=False) + "\n"


def schema() -> str:
    """The JSON Schema of the document."""
    definitions: dict[str, object] = {}
    page = _object(Audit, definitions)
    properties = {"version": {"const": VERSION}, **typing.cast("dict[str, object]", page["properties"])}
    required = ["version", *typing.cast("list[str]", page["required"])]
    document = {
        "$schema": SCHEMA_ID,
        "title": "brownout audit",
        **page,
        "properties": properties,
        "required": required,
        "$defs": definitions,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _object(kind: type, definitions: dict[str, object]) -> dict[str, object]:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    return {
        "type": "object",
        "description": (kind.__doc__ or "").partition("\n")[0],
        "properties": {name: _schema(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _schema(hint: object, definitions: dict[str, object]) -> dict[str, object]:
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _tuple(typing.get_args(hint), definitions)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema(part, definitions) for part in typing.get_args(hint)]}
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = _object(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    names: dict[object, str] = {
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
        type(None): "null",
    }
    return {"type": names[hint]}


def _tuple(parts: tuple[object, ...], definitions: dict[str, object]) -> dict[str, object]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return {"type": "array", "items": _schema(parts[0], definitions)}
    items = [_schema(part, definitions) for part in parts]
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
