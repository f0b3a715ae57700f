"""Debug modes: where they are switched on for good."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_TRACEBACKS = "Debug mode shows tracebacks, with source and variables, to every client."
_RELOAD = "The server watches the files and restarts itself when one changes, with every request in flight."
_SWITCHES = {
    "fastapi.FastAPI": ("debug", _TRACEBACKS),
    "starlette.applications.Starlette": ("debug", _TRACEBACKS),
    "flask.Flask.run": ("debug", "Anybody who makes it fail gets a console that runs Python on the server."),
    "flask.Flask().run": ("debug", "Anybody who makes it fail gets a console that runs Python on the server."),
    "uvicorn.run": ("reload", _RELOAD),
    "uvicorn.Config": ("reload", _RELOAD),
    "aiohttp.web.Application": ("debug", _TRACEBACKS),
    "sanic.Sanic.run": ("debug", _TRACEBACKS),
    "sanic.Sanic().run": ("debug", _TRACEBACKS),
}
_APPS = frozenset({"fastapi.FastAPI()", "starlette.applications.Starlette()", "flask.Flask()"})
_DEVELOPMENT = re.compile(r"(^|_)(dev|develop|development|debug|local|watch|reload)(_|$)", re.IGNORECASE)


@dataclass(slots=True)
class Mode:
    """A debug mode that is on: the node, which one, and what it does."""

    function: Function
    node: ast.AST
    name: str
    parameter: str
    effect: str
    is_call: bool


def switched_on(code: Code) -> Iterator[Mode]:
    """The debug modes that a file turns on wherever it runs."""
    if practices.is_tooling(code.module.path):
        return
    for call in code.index.named(_SWITCHES):
        found = _SWITCHES.get(call.canonical)
        if found is None or _is_for_development(call):
            continue
        parameter, effect = found
        given = call.argument(parameter)
        if given is not None and code.constant(given, call.function) is True:
            yield Mode(call.function, call.node, call.text, parameter, effect, True)
    for row in code.module.assigns if "debug" in code.module.text else ():
        if (
            isinstance(row.node, ast.Assign)
            and isinstance(row.node.value, ast.Constant)
            and row.node.value.value is True
        ):
            for target in row.node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "debug":
                    if (code.target(target.value, row.function) or "") in _APPS and not _in_main(row.block):
                        yield Mode(row.function, row.node, unparse(target), "debug", _TRACEBACKS, False)


def _is_for_development(call: Call) -> bool:
    """Whether the call is made where only a developer is: under `__main__`, in a command, in a factory for it."""
    if _in_main(call.table.block):
        return True
    if "cli" in call.code.kinds(call.function) or _DEVELOPMENT.search(call.function.name):
        return True
    return any(_DEVELOPMENT.search(part) for part in call.code.module.path.removesuffix(".py").split("/"))


def _in_main(block: object) -> bool:
    """Whether a place stands under a condition: `if __name__ == "__main__"`, or a setting."""
    while block is not None:
        node = getattr(block, "node", None)
        if getattr(block, "kind", "") in ("if", "orelse", "case") and isinstance(node, ast.If | ast.match_case):
            return True
        block = getattr(block, "parent", None)
    return False
