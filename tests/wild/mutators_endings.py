"""`finally` blocks, and the edits that make them a block like any other: a failure skips what they do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from brownout.facts.code import Code
from brownout.model.tables import Function

from wild.mutators import Editor, Mutation
from wild.mutators_guards import opens_sqlite


def endings(code: Code, editor: Editor) -> Iterator[Mutation]:
    """`finally`: what it does is done only where all goes well."""
    for row in code.module.tries:
        node = row.node
        if not isinstance(node, ast.Try) or not node.finalbody or node.handlers or node.orelse:
            continue
        if not code.judged(row.function):
            continue
        words = " ".join(ast.unparse(one) for one in node.finalbody)
        yields = any(isinstance(part, ast.Yield) for one in node.body for part in ast.walk(one))
        rule = ""
        if any("iter_" in ast.unparse(part) for part in ast.walk(row.function.node) if isinstance(part, ast.AsyncFor)):
            continue  # ends quietly
        if yields and any("contextmanager" in ast.unparse(one) for one in row.function.decorators):
            rule = "cleanup-not-in-finally" if _tidies(node, row.function) else ""
        elif re.search(r"\.(discard|remove|pop|disconnect)\(", words) and _is_of_socket(row.function, words, code):
            rule = "ws-registry-leak"
        elif re.search(r"\bclose\(\)", words) and opens_sqlite(row.function, code):
            rule = "sqlite-not-closed"
        edits = _unwrapped(node, editor) if rule else ()
        if edits:
            yield Mutation(rule, code.module.path, row.function.qualname, node.lineno, edits)


def _is_of_socket(function: Function, words: str, code: Code) -> bool:
    """Whether the clean-up is about the very socket that the function is given, and not whatever it comes by."""
    names = {one.arg for one in function.parameters if one.arg in ("ws", "websocket", "socket", "connection")}
    return "websocket" in code.kinds(function) and any(re.search(rf"\b{name}\b", words) for name in names)


_TELLS = re.compile(
    r"(^|[._])(log|logs|logger|log_\w+|debug|info|warning|error|exception|warn|warn_explicit|print|audit\w*|emit\w*|record\w*|"
    r"timing|observe|report\w*|metrics?|call_hooks|callbacks?|run_\w*callback|set_phase|set_outputs?|set_result|set_attributes?)(_|[.(]|$)",
    re.IGNORECASE,
)


def _tidies(node: ast.Try, function: Function) -> bool:
    """Whether a `finally` does more than tell, measure or work out: something is ended, put back or taken away.

    What only tells that the end has come is missed by nobody when it fails; and an attribute of which the function has
    not spoken before is a result that it gives, not a setting that it puts back.
    """
    before = " ".join(
        ast.unparse(part)
        for part in ast.walk(function.node)
        if isinstance(part, ast.Attribute | ast.Subscript) and part.lineno < node.finalbody[0].lineno
    )
    for part in (inner for one in node.finalbody for inner in ast.walk(one)):
        if isinstance(part, ast.Delete):
            return True
        if isinstance(part, ast.Assign | ast.AugAssign):
            target = part.targets[0] if isinstance(part, ast.Assign) else part.target
            if isinstance(target, ast.Attribute | ast.Subscript) and ast.unparse(target) in before:
                return True
        if isinstance(part, ast.Expr):
            call = part.value.value if isinstance(part.value, ast.Await) else part.value
            if isinstance(call, ast.Call) and not _TELLS.search(ast.unparse(call.func)):
                return True
    return False


def _unwrapped(node: ast.Try, editor: Editor) -> tuple[tuple[int, int, str], ...]:
    """`try:` and `finally:` become blocks that are simply run one after the other."""
    start = editor.place(node.lineno, node.col_offset)
    body_end = editor.range(node.body[-1])[1]
    final_start = editor.range(node.finalbody[0])[0]
    found = re.search(r"\bfinally\b", editor.text[body_end:final_start])
    if found is None or not editor.text.startswith("try", start):
        return ()
    place = body_end + found.start()
    return (start, start + len("try"), "if True"), (place, place + len("finally"), "if True")


MUTATORS = (endings,)
