"""Calls through generated gRPC stubs, and whether anything gives them a deadline."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word
from brownout.facts.practices import in_deadline
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_INTERCEPTS = frozenset({"grpc.intercept_channel", "grpc.aio.insecure_channel", "grpc.aio.secure_channel"})


def without_deadline(code: Code) -> Iterator[Call]:
    """The calls of a file through a stub that wait for as long as the server likes."""
    if _intercepted(code.project):
        return
    for call in code.all_calls:
        if not _is_stub_method(call) or not code.judged(call.function) or call.unpacks:
            continue
        if call.argument("timeout", 1) is None and not _is_stream(call) and not in_deadline(call):
            yield call


def _is_stub_method(call: Call) -> bool:
    """Whether a call is a remote one: a method of an instance of a generated `…Stub` class."""
    receiver = call.receiver if call.last[:1].isupper() else None
    if receiver is None:
        return False
    owner = call.code.target(receiver, call.function) or ""
    return owner.endswith("Stub()") and ("pb2_grpc" in owner or _makes_calls(owner.removesuffix("()"), call))


def _makes_calls(owner: str, call: Call) -> bool:
    """Whether a class of the project keeps what `channel.unary_unary(…)` gives."""
    name = f"{owner}.__init__"
    function = call.code.project.links.functions.get(name)
    return function is not None and any("unary" in row.text for row in function.calls)


def _is_stream(call: Call) -> bool:
    """Whether the answer is read in a loop, for as long as it lasts, or the call is only begun here."""
    return isinstance(call.table.parent, ast.For | ast.AsyncFor) or last_word(call.node.func).startswith(
        ("Stream", "Watch", "Subscribe", "Listen")
    )


@per_project
def _intercepted(project: Project) -> bool:
    """Whether the project puts something between its stubs and their channel that may set deadlines."""
    targets = project.calls_by_target
    if "grpc.intercept_channel" in targets:
        return True
    return any(
        key == "interceptors" for name in _INTERCEPTS for _, row in targets.get(name, ()) for key, _ in row.arguments
    )
