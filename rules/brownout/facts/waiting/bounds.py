"""How long a call may wait at most, and who says so: itself, a setting, the client, the library, or nobody."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.practices import in_deadline, limited_elsewhere
from brownout.facts.waiting.timeouts import Limit, given, limit, limits_itself
from brownout.model.syntax import unparse

if TYPE_CHECKING:
    from brownout.catalog import Entry
    from brownout.facts.call import Call
    from brownout.facts.rows import CallRow
    from brownout.facts.summary import FunctionSummary


class Origin(StrEnum):
    """Who limits a call."""

    EXPLICIT = "explicit"
    SETTING = "setting"
    CLIENT = "client"
    """Set where the client object is made."""
    CALLER = "caller"
    """A parameter of the function around it."""
    DEFAULT = "library default"
    AMBIENT = "project-wide"
    DEADLINE = "deadline around it"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit: who sets it, its value as written, where, and what that means."""

    origin: Origin
    value: str = ""
    path: str = ""
    line: int = 0

    @property
    def is_limited(self) -> bool:
        """Whether the call comes to an end by itself."""
        return self.origin not in (Origin.NOBODY, Origin.UNKNOWN)

    @property
    def text(self) -> str:
        """In a few words: `15 s (explicit)`."""
        value = f"{self.value} s" if self.value.replace(".", "").isdigit() else self.value
        return f"{value} ({self.origin.value})" if value else self.origin.value


def bound(call: Call) -> Bound:
    """The limit of a call whose entry waits."""
    entry = call.entry
    if entry is None:
        return Bound(Origin.UNKNOWN)
    if in_deadline(call):
        return Bound(Origin.DEADLINE, "", call.code.module.path, call.node.lineno)
    if entry.effect is Effect.PROCESS and limits_itself(call.argument("args", 0)):
        return Bound(Origin.EXPLICIT, "", call.code.module.path, call.node.lineno)
    if entry.timeout is None:
        return Bound(Origin.NOBODY if entry.effect is Effect.PROCESS else Origin.UNKNOWN)
    found = call.limit
    if found is Limit.GIVEN:
        return _given(call, entry)
    if found is Limit.HANDED_ON:
        return _handed_on(call, entry)
    if found is Limit.DISABLED:
        return Bound(Origin.NOBODY, "switched off", call.code.module.path, call.node.lineno)
    if found in (Limit.MISSING, Limit.DEFAULT):
        return _left_out(call, entry)
    return Bound(Origin.UNKNOWN)


def _given(call: Call, entry: Entry) -> Bound:
    timeout = entry.timeout
    node = None if timeout is None else call.argument(timeout.parameter, timeout.position)
    place = (call.code.module.path, call.node.lineno)
    if node is None:
        return Bound(Origin.EXPLICIT, "", *place)
    value = call.code.constant(node, call.function)
    if value is None:
        return Bound(Origin.NOBODY, f"{unparse(node)} is None", *place)
    if isinstance(value, int | float):
        return Bound(Origin.EXPLICIT, f"{value:g}", *place)
    is_made = isinstance(node, ast.Call | ast.Tuple | ast.Constant | ast.BinOp)
    return Bound(Origin.EXPLICIT if is_made else Origin.SETTING, call.code.text(node), *place)


def _handed_on(call: Call, entry: Entry) -> Bound:
    """A parameter of the function around the call: its default counts where callers leave it out."""
    place = (call.code.module.path, call.node.lineno)
    form = (
        given(call.row, entry.timeout, call.code.project.links)
        if call.row is not None and entry.timeout is not None
        else None
    )
    summary = call.code.summary(call.function)
    name = (form or "$")[1:]
    default = dict(summary.defaults).get(name) if summary is not None else None
    if default == "=None":
        return Bound(Origin.NOBODY, f"None unless a caller gives `{name}`", *place)
    value = default.removeprefix("=") if default is not None and default.startswith("=") else ""
    return Bound(Origin.CALLER, value or f"`{name}`", *place)


def _left_out(call: Call, entry: Entry) -> Bound:
    timeout = entry.timeout
    assert timeout is not None
    made = _made(call, entry)
    if made is not None:
        return made
    if timeout.ambient and timeout.ambient in call.code.project.calls_by_target:
        row = call.code.project.calls_by_target[timeout.ambient][0]
        return Bound(Origin.AMBIENT, f"`{timeout.ambient}`", row[0].path, row[1].place.span.line)
    if not timeout.waits_forever:
        return Bound(Origin.DEFAULT, f"{float(timeout.default):g}")
    if not timeout.constructor and limited_elsewhere(call):
        return Bound(Origin.AMBIENT, "an adapter of the project")
    return Bound(Origin.NOBODY)


def _made(call: Call, entry: Entry) -> Bound | None:
    """The limit that is set where the client, or the options of its library, are made.

    What the call's own file makes counts first; else all makers of the project must agree.
    """
    project = call.code.project
    name = entry.name
    while "." in name:
        if name != call.target:
            found = _of_rows(project.catalog.entry(name), project.calls_by_target.get(name, []), call)
            if found is not None:
                return found
        name = name.rpartition(".")[0]
    if entry.timeout is not None and entry.timeout.constructor:
        for target in sorted(project.calls_by_target):
            if target.startswith(f"{entry.library}."):
                maker = project.catalog.entry(target)
                if maker is not None and maker.effect in (None, Effect.CLIENT):
                    found = _of_rows(maker, project.calls_by_target[target], call)
                    if found is not None:
                        return found
    return None


def _of_rows(maker: Entry | None, rows: list[tuple[FunctionSummary, CallRow]], call: Call) -> Bound | None:
    """The limit that the calls of a constructor give: those nearest to a call, if they agree."""
    if maker is None or maker.timeout is None or maker.timeout.parameter is None:
        return None
    timeout, links = maker.timeout, call.code.project.links
    path, around = call.code.module.path, call.code.names.full(call.function.qualname)
    called = {edge.callee.name for edge in call.code.project.graph.out.get(around, ()) if edge.callee is not None}
    near = (
        [pair for pair in rows if pair[0].name == around]
        or [pair for pair in rows if pair[0].name in called]
        or [pair for pair in rows if pair[0].path == path]
    )
    is_far = not near
    near = near or rows
    forms = {given(row, timeout, links) for _, row in near}
    hidden = any(form == "?" and "**" in dict(row.arguments) for form in forms for _, row in near)
    if len(forms) > 1 or hidden or (is_far and any(form is not None and form[:1] != "=" for form in forms)):
        return Bound(Origin.UNKNOWN, "", near[0][0].path, near[0][1].place.span.line)
    form = forms.pop() if forms else None
    if form is None:
        return None
    function, row = near[0]
    place = (function.path, row.place.span.line)
    if limit(row, timeout, links) is Limit.DISABLED:
        return Bound(Origin.NOBODY, f"switched off in `{row.text}`", *place)
    value = form[1:] if form.startswith("=") else form.lstrip("$@").rpartition(".")[2]
    return Bound(Origin.CLIENT, "" if value == "?" else value, *place)
