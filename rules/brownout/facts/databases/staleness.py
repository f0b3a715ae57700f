"""Pools of database connections: whether one that the server has closed is noticed before it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_ENGINES = frozenset({"sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine"})
_SERVER = re.compile(r"^(postgres(ql)?|mysql|mariadb|oracle|mssql|cockroachdb|redshift)(\+\w+)?://")


def stale(code: Code) -> Iterator[Call]:
    """The engines of a file for a database server whose pool hands out whatever connection it has."""
    for call in code.index.named(_ENGINES):
        if code.judged(call.function) and not call.unpacks:
            if _is_server(call.argument("url", 0), call) and not _looks(call):
                yield call


def _is_server(node: ast.expr | None, call: Call) -> bool:
    """Whether an address is known to be one of a server: a literal, a constant, or the default of a setting."""
    if isinstance(node, ast.Call) and len(node.args) == 2:
        node = node.args[1]
    return _SERVER.match(call.code.text_of(node, call.function)) is not None


def _looks(call: Call) -> bool:
    """Whether connections are tried before use, made anew in time, or not kept at all."""
    given = {keyword.arg: keyword.value for keyword in call.node.keywords}
    if "poolclass" in given or "pool" in given or "creator" in given:
        return True
    ping = given.get("pool_pre_ping")
    if ping is not None and call.code.constant(ping, call.function) is not False:
        return True
    recycle = given.get("pool_recycle")
    return recycle is not None and call.code.constant(recycle, call.function) != -1
