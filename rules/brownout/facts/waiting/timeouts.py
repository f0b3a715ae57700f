"""Time limits: given, missing, switched off, or handed on through the parameters of functions in between."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import StrEnum

from brownout.catalog import Entry, Timeout
from brownout.facts.effects import Edge, Graph, Step
from brownout.facts.link import Links
from brownout.facts.rows import CallRow
from brownout.facts.summary import FunctionSummary


class Limit(StrEnum):
    """How a call is limited in time."""

    GIVEN = "given"
    MISSING = "missing"
    """Left out, and leaving it out means waiting forever."""
    DISABLED = "disabled"
    """Given, with a value that means forever."""
    DEFAULT = "default"
    """Left out, and the library has a default."""
    HANDED_ON = "handed on"
    """Given by a parameter of the enclosing function."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A project function whose `parameter` becomes the time limit of a call that would else wait forever.

    `position` counts the parameters a caller writes (without `self`); None: it can only be given by name.
    """

    parameter: str
    position: int | None
    steps: tuple[Step, ...]
    entry: Entry


def given(row: CallRow, timeout: Timeout, links: Links) -> str | None:
    """The form of the argument that limits the call; `?` where unpacking may hold it, None where it is left out."""
    unpacked = False
    for key, form in row.arguments:
        if key == timeout.parameter or (timeout.position is not None and key == timeout.position):
            constant = links.constant(form[1:]) if form.startswith("@") else None
            return form if constant is None else f"={constant}"
        unpacked = unpacked or key == "**" or (key == "*" and timeout.position is not None)
    return "?" if unpacked else None


def limit(row: CallRow, timeout: Timeout, links: Links) -> Limit:
    """How `row`, a call of an entry with this `timeout`, is limited."""
    form = given(row, timeout, links)
    if form is None:
        if any(key in timeout.within and value != "=None" for key, value in row.arguments):
            return Limit.UNKNOWN
        return Limit.MISSING if timeout.waits_forever else Limit.DEFAULT
    if form.startswith("="):
        return Limit.DISABLED if form[1:] in timeout.forever else Limit.GIVEN
    if form.startswith("$"):
        return Limit.HANDED_ON
    return Limit.UNKNOWN if form == "?" and "**" in dict(row.arguments) else Limit.GIVEN


def limits_itself(argument: ast.expr | None) -> bool:
    """Whether a command is run under a limit of its own: `["timeout", "60", …]`."""
    if isinstance(argument, ast.List | ast.Tuple) and argument.elts:
        argument = argument.elts[0]
    words = str(argument.value).split() if isinstance(argument, ast.Constant) else []
    return bool(words) and words[0].rpartition("/")[2] in ("timeout", "gtimeout")


def limit_of_wrapper(row: CallRow | None, wrapper: Wrapper, links: Links) -> Limit:
    """How a call of a wrapper is limited."""
    return Limit.UNKNOWN if row is None else limit(row, Timeout(wrapper.parameter, wrapper.position), links)


def wrappers(graph: Graph, links: Links) -> dict[str, Wrapper]:
    """Functions that hand a parameter, or all keywords, on as a limit whose absence means forever; to a fixpoint."""
    found: dict[str, Wrapper] = {}
    todo = [edge for edges in graph.out.values() for edge in edges if edge.entry is not None]
    while todo:
        edge = todo.pop()
        if edge.caller.name in found:
            continue
        wrapper = _wrapper(edge, found, links)
        if wrapper is not None:
            found[edge.caller.name] = wrapper
            todo.extend(graph.callers.get(edge.caller.name, ()))
    return found


def _wrapper(edge: Edge, found: dict[str, Wrapper], links: Links) -> Wrapper | None:
    inner = _inner(edge, found)
    if inner is None:
        return None
    timeout, steps, entry = inner
    form = given(edge.row, timeout, links)
    caller = edge.caller
    steps = (edge.step, *steps)
    if form is not None and form.startswith("$") and form[1:] in caller.parameters:
        name = form[1:]
        default = dict(caller.defaults).get(name)
        if default is not None and default != "=None":
            return None
        if default is None:
            return None
        return Wrapper(name, _position(caller, name), steps, entry)
    handed = dict(edge.row.arguments).get("**")
    if form == "?" and caller.keywords is not None and handed == f"${caller.keywords}" and timeout.parameter:
        return Wrapper(timeout.parameter, None, steps, entry)
    return None


def _inner(edge: Edge, found: dict[str, Wrapper]) -> tuple[Timeout, tuple[Step, ...], Entry] | None:
    if edge.entry is not None and edge.entry.timeout is not None and edge.entry.timeout.waits_forever:
        return edge.entry.timeout, (), edge.entry
    if edge.callee is not None and edge.callee.name in found:
        wrapper = found[edge.callee.name]
        return Timeout(wrapper.parameter, wrapper.position), wrapper.steps, wrapper.entry
    return None


def _position(function: FunctionSummary, name: str) -> int:
    """The position of a parameter as a caller counts it."""
    index = function.parameters.index(name)
    bound = function.owner is not None and function.parameters[:1] in (("self",), ("cls",))
    return index - 1 if bound else index
