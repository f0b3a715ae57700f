"""Reports as text: one module per format, each a pure function of the report, imported when it is asked for."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from brownout.render.report import Report

FORMATS = {
    "full": "for people: the line, the way to it, why and what to do",
    "concise": "one line per finding",
    "json": "one JSON document",
    "json-lines": "one JSON object per line",
    "github": "GitHub workflow commands, which become annotations",
    "gitlab": "GitLab code quality report",
    "junit": "JUnit XML, a test case per finding",
    "sarif": "SARIF 2.1.0, for code scanning and viewers",
    "rdjson": "reviewdog diagnostics",
}
"""The output formats by name, with a line about each; a format's module is its name with `_` for `-`."""

WIDTH = 100
"""Columns that text for people may take, where nobody says how wide the terminal is."""


def render(report: Report, name: str, *, color: bool = False, quiet: bool = False, width: int = WIDTH) -> str:
    """The report in one of `FORMATS`, or as `statistics`; the text ends with a line end or is empty.

    `color`, `quiet` (no summary) and `width` (in terminal cells) matter to the formats for people only.
    Raises `KeyError` for a name that is no format. Text that UTF-8 cannot carry is replaced by question marks.
    """
    if name not in FORMATS and name != "statistics":
        raise KeyError(name)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    text: str
    if name == "full":
        text = module.render(report, color=color, quiet=quiet, width=width)
    elif name in ("concise", "statistics"):
        text = module.render(report, quiet=quiet)
    else:
        text = module.render(report)
    return text.encode("utf-8", "replace").decode("utf-8")
