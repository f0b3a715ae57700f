"""Consumers of messages: loops over what a broker delivers, and what one message that cannot be read does to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.nodes import blocks, last_word, names_in
from brownout.facts.practices import is_tooling
from brownout.facts.tasks.batches import Batch, held_by, inside_of, is_given, is_suppressed, is_waited_for

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code
    from brownout.model.tables import Function

_CONSUMERS = frozenset({"kafka.KafkaConsumer()", "aiokafka.AIOKafkaConsumer()"})
_DELIVERS = frozenset({"pika.adapters.blocking_connection.BlockingChannel.consume()"})
_NAME = re.compile(r"(^|_)consumer$")
_READERS = frozenset({"json.loads", "orjson.loads"})
_METHODS = frozenset({"model_validate_json", "parse_raw", "ParseFromString"})


def fragile(code: Code) -> Iterator[Batch]:
    """The loops over a broker's messages that end at the first message which cannot be parsed."""
    for row in code.module.loops:
        node, function = row.node, row.function
        if not isinstance(node, ast.For | ast.AsyncFor) or not _delivers(node.iter, function, code):
            continue
        if is_waited_for(function, code) or is_tooling(code.module.path) or function.is_generator:
            continue
        if any(block.kind == "try" for block in blocks(row.block)) or _is_started_again(function, code):
            continue
        held = held_by(node, names_in(node.target))
        for call in code.calls_inside(node):
            around = inside_of(call, node)
            if around is None or not _parses(call) or not is_given(call, held):
                continue
            if not any(block.kind in ("try", "handler", "loop") for block in around) and not is_suppressed(around):
                yield Batch(row, call)
                break


def _delivers(node: ast.expr, function: Function, code: Code) -> bool:
    """Whether what a loop runs over is what a broker delivers: by its class, or where that is unknown, by its name."""
    target = code.target(node, function)
    if target is not None:
        return target in _CONSUMERS or target in _DELIVERS
    return isinstance(node, ast.Name | ast.Attribute) and _NAME.search(last_word(node)) is not None


def _parses(call: Call) -> bool:
    name = call.entry.name if call.entry is not None else ""
    return name in _READERS or (call.callee is None and last_word(call.node) in _METHODS)


def _is_started_again(function: Function, code: Code) -> bool:
    """Whether somebody has thought of its end: a decorator, or a handler of everything around every call of it."""
    edges = code.project.graph.callers.get(code.names.full(function.qualname), ())
    return bool(function.decorators) or (bool(edges) and all("*" in edge.row.caught for edge in edges))
