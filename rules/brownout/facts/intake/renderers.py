"""Libraries that render or read documents by running another program: Poppler, Tesseract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brownout.catalog import Effect, Entry

if TYPE_CHECKING:
    from brownout.facts.call import Call

_LIBRARIES = frozenset({"pdf2image", "pytesseract"})


def is_renderer(entry: Entry | None) -> bool:
    """Whether a call runs Poppler or Tesseract."""
    return entry is not None and entry.library in _LIBRARIES and entry.effect is Effect.PROCESS


def in_own_process(call: Call) -> bool:
    """Whether the function around a call is only ever run in another process, which can be killed as a whole."""
    code = call.code
    edges = code.project.graph.callers.get(code.names.full(call.function.qualname), [])
    return bool(edges) and all(edge.elsewhere == "process" for edge in edges)
