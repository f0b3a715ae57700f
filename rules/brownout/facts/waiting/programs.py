"""How long a program may take that the service runs: most are over in seconds, some take minutes by nature."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word

if TYPE_CHECKING:
    from brownout.facts.call import Call

_USUAL, _LONG = "60", "300"
_SLOW = frozenset(
    "soffice libreoffice unoconv pg_dump pg_dumpall pg_restore mysqldump mongodump ffmpeg tesseract ocrmypdf rsync tar "
    "pip npm".split()
)
"""Programs that convert documents and media, copy databases and trees, or install."""
_TRANSFERS = frozenset({"clone", "fetch", "pull", "push"})
_DEPTH = 3


def seconds_for(call: Call) -> str:
    """The limit to offer for a call that runs a program, or waits for one that was started before."""
    started = _started(call) or call
    words = _words(started.argument("args", 0), started, 0)
    program = words[0].rpartition("/")[2].lower() if words else ""
    slow = program in _SLOW or (program == "git" and not _TRANSFERS.isdisjoint(words))
    return _LONG if slow else _USUAL


def _started(call: Call) -> Call | None:
    """The call that started the process which a method waits for, where a local name holds it."""
    if not isinstance(call.receiver, ast.Name):
        return None
    values = [binding.value for binding in call.function.scope.bindings.get(call.receiver.id, ())]
    return call.code.call_of(values[0]) if len(values) == 1 else None


def _words(node: ast.expr | None, call: Call, depth: int) -> list[str]:
    """The words of a command, as far as they are written; a name such as `self.soffice` stands for itself."""
    if isinstance(node, ast.List | ast.Tuple):
        return [word for one in node.elts[:4] for word in (_words(one, call, depth) or ["?"])[:1]]
    if isinstance(node, ast.Name) and depth < _DEPTH:
        values = [binding.value for binding in call.function.scope.bindings.get(node.id, ())]
        if len(values) == 1 and values[0] is not None:
            return _words(values[0], call, depth + 1)
    text = call.code.constant(node, call.function)
    if isinstance(text, str):
        return text.split()
    return [last_word(node)] if isinstance(node, ast.Name | ast.Attribute) else []
