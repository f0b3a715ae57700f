"""The audit as text: Markdown to read and to hand on, HTML to look around in, JSON for programs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout.audit.report import Audit

FORMATS = {
    "markdown": "the report, in the audit's own order and words",
    "html": "one self-contained page with filters, search, the failure map as matrix and graph",
    "json": "everything, for programs; its schema: `brownout audit --schema`",
}
"""The formats by name, with a line about each; a format's module has its name."""


def render(audit: Audit, name: str) -> str:
    """The audit in one of `FORMATS`; ends with a line end. Raises `KeyError` for a name that is no format."""
    if name not in FORMATS:
        raise KeyError(name)
    text: str = importlib.import_module(f"{__name__}.{name}").render(audit)
    return text.encode("utf-8", "replace").decode("utf-8")
