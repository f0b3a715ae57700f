"""Outcomes of child processes and of requests: who looks at them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.trying import caught_names
from brownout.facts.files.ownership import bound_names
from brownout.facts.nodes import names_in
from brownout.facts.project import Project, per_project
from brownout.model.syntax import unparse, walk

if TYPE_CHECKING:
    from brownout.facts.call import Call

_BY_THE_WAY = re.compile(
    r"^(pkill|killall|kill|taskkill|fusermount3?|umount|open|xdg-open|notify-send|clear|cls|stty|tput|reset|say|aplay|"
    r"paplay|sync|true|which|fuser|loginctl|wall|logger|start|explorer)$"
)
"""Commands whose failure changes nothing: they tidy up, or show something."""
_TIDIES = re.compile(
    r"clean|close|kill|stop|terminate|shutdown|teardown|remove|delete|dispose|reset|abort|__exit__|__del__"
)


def is_ignored(call: Call) -> bool:
    """Whether nobody can learn how the child process ended."""
    statement, node = call.table.statement, call.node
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Await):
        value = value.value
    if value is not node:
        return False
    if isinstance(statement, ast.Expr):
        return True
    names = bound_names(call)
    return bool(names) and not _is_read(names, call)


def _is_read(names: set[str], call: Call) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id in names and isinstance(part.ctx, ast.Load)
        for part in walk(call.function.node)
    ) or not names.isdisjoint(call.function.scope.declared)


def is_by_the_way(call: Call) -> bool:
    """Whether the command is one whose failure changes nothing, or runs in a clean-up."""
    if _TIDIES.search(call.function.name):
        return True
    blocks = call.table.block.chain() if call.table.block is not None else ()
    if any(block.kind in ("finally", "handler") for block in blocks):
        return True
    return bool(_BY_THE_WAY.match(program(call)))


def program(call: Call) -> str:
    """The first word of a command as far as it is a literal, without its folder; "" where it is not."""
    command = call.argument("args", 0)
    if isinstance(command, ast.Name):
        bindings = call.function.scope.bindings.get(command.id) or call.code.module.scope.bindings.get(command.id, [])
        if len(bindings) == 1 and bindings[0].kind == "assign" and bindings[0].value is not None:
            command = bindings[0].value
    if isinstance(command, ast.BinOp):
        command = command.left
    if isinstance(command, ast.List | ast.Tuple):
        command = command.elts[0] if command.elts else None
    if isinstance(command, ast.JoinedStr) and command.values:
        command = command.values[0]  # the first word is literal only where a literal stands first
    text = call.code.constant(command, call.function)
    words = text.split() if isinstance(text, str) else []
    return words[0].rpartition("/")[2] if words else ""


_LOOKS = frozenset(
    "raise_for_status status_code ok status is_success is_error is_server_error is_client_error reason raise_on_error "
    "has_redirect_location is_redirect reason_phrase history".split()
)
_READS = frozenset(
    {"json", "text", "content", "read", "iter_content", "iter_lines", "aread", "raw", "iter_bytes", "iter_text"}
)


_ASKS_BODY = re.compile(
    r"""["'](errors?|code|detail|message|status|success|ok|result|data|choices)["'] (not )?in |"""
    r"""\.get\(["'](errors?|code|status|success|ok|detail|err_?msg)["']|\[["'](ok|success|errors?)["']\]"""
)
"""An error is told in the body, too, and somebody looks there."""


_ODD_BODY = frozenset({"KeyError", "Invalid", "MultipleInvalid", "ValidationError"})
"""What a handler catches that expects a body of another form."""


def answers_unread(call: Call) -> bool:
    """Whether the answer of a request is used without its status having been looked at."""
    return _is_unread(call) and not (
        call.argument("raise_for_status") is not None
        or _ASKS_BODY.search(unparse(call.function.node))
        or _asked_by_taker(call)
        or _compares_body(call)
        or _expects_odd_body(call)
    )


def _is_unread(call: Call) -> bool:
    if call.row is not None and "*" in call.row.caught and not isinstance(call.table.statement, ast.Return):
        return False  # whatever is wrong with the answer, somebody expects it
    if _read_at_once(call):
        return True
    names = bound_names(call) or _chosen_names(call)
    if not names or not names.isdisjoint(call.function.scope.declared):
        return False
    uses: set[str] = set()
    attributes: set[int] = set()
    for part in walk(call.function.node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names:
            uses.add(part.attr)
            attributes.add(id(part.value))
    for part in walk(call.function.node):
        if isinstance(part, ast.Name) and part.id in names and isinstance(part.ctx, ast.Load):
            if id(part) not in attributes:
                return False  # handed on, returned, or asked whether it is true
    return bool(uses & _READS) and not uses & _LOOKS


def _chosen_names(call: Call) -> set[str]:
    """The name that holds the answer where one of two requests is chosen: `answer = get(…) if short else post(…)`."""
    statement = call.table.statement
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.IfExp):
        return set()
    sides = [one.value if isinstance(one, ast.Await) else one for one in (statement.value.body, statement.value.orelse)]
    names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    first = next((side for side in sides if isinstance(side, ast.Call)), None)  # one finding for both
    return names if call.node is first and len(names) == len(statement.targets) else set()


def _compares_body(call: Call) -> bool:
    """Whether the body is a word that says how it went: `if body != "OK"`, `body.startswith("good")`."""
    text = unparse(call.function.node)
    for name in bound_names(call):
        for found in re.finditer(rf"(\w+) = (?:await )?{re.escape(name)}\.(?:text|content)\b", text):
            if re.search(rf"\b{found[1]}(\.\w+\(\))? [!=]= ['\"]|\b{found[1]}\.startswith\(['\"]", text):
                return True
    return False


def _asked_by_taker(call: Call) -> bool:
    """Whether a function of the file that is given the body looks for an error in it, and raises."""
    code, names, statement = call.code, bound_names(call), call.table.statement
    if isinstance(statement, ast.Assign):  # the body itself: `answer = get(url).json()`
        names = names.union(target.id for target in statement.targets if isinstance(target, ast.Name))
    for other in code.calls_in(call.function):
        given = {name for argument in other.node.args for name in names_in(argument)}
        is_given = not names.isdisjoint(given) or any(call.node in walk(part) for part in other.node.args)
        taker = code.function_named(other.callee.name) if other.callee is not None and is_given else None
        if taker is not None and any(isinstance(part, ast.Raise) for part in walk(taker.node)):
            if _ASKS_BODY.search(unparse(taker.node)):
                return True
    return False


def _expects_odd_body(call: Call) -> bool:
    """Whether the body is taken apart where a missing key is handled."""
    names = bound_names(call)
    for row in call.code.module.tries:
        if row.function is call.function and isinstance(row.node, ast.Try):
            handled = {name for handler in row.node.handlers for name in caught_names(handler)}
            if handled & _ODD_BODY and not names.isdisjoint(names_in(ast.Module(row.node.body, []))):
                return True
    return False


def _read_at_once(call: Call) -> bool:
    """Whether the body is read in the same expression: `requests.get(url).json()`."""
    parents = {id(child): part for part in walk(call.table.statement) for child in ast.iter_child_nodes(part)}
    parent = parents.get(id(call.node))
    if isinstance(parent, ast.Await):
        parent = parents.get(id(parent))
    return isinstance(parent, ast.Attribute) and parent.attr in _READS


def _asks(symbol: str | None, project: Project) -> bool:
    """Whether a call is a request itself, so that what it is told holds for no other one."""
    entry = project.links.entry(symbol)
    return entry is not None and entry.effect is Effect.NETWORK


@per_project
def raises_by_itself(project: Project) -> bool:
    """Whether clients of the project are told to raise on an error status: a hook, an adapter, an option."""
    for _function, row in project.rows():
        for key, form in row.arguments:
            if key in ("event_hooks", "response_hooks"):
                return True
            if key == "raise_for_status" and form != "=False" and not _asks(row.symbol, project):
                return True
    return any("raises-for-status" in module.practices for module in project.modules)
