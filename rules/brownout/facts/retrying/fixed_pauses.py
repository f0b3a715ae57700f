"""Loops that try again after pauses of one length."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.retrying.attempts import Attempt


def in_step(attempt: Attempt) -> bool:
    """Whether the only pauses of a loop are of a known, constant length."""
    pauses = [call for call in _calls(attempt) if last_word(call.node) == "sleep" and len(call.node.args) == 1]
    return bool(pauses) and all(_is_constant(call) for call in pauses)


def _calls(attempt: Attempt) -> list[Call]:
    code = attempt.calls[0].code
    inside = {id(part) for part in walk(attempt.loop) if isinstance(part, ast.Call)}
    return [call for call in code.calls_in(attempt.function) if id(call.node) in inside]


def _is_constant(call: Call) -> bool:
    """Whether a pause has a length that is written down, and is longer than nothing."""
    seconds = call.code.constant(call.node.args[0], call.function)
    return isinstance(seconds, int | float) and seconds > 0
