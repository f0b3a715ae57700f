"""What undoes what was done before: a value put back, a flag taken down, an entry taken out, the opposite of a call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from brownout.facts.nodes import inside, last_word, names_in
from brownout.model.syntax import unparse, walk

_CLEANS = re.compile(
    r"^_?a?(close\w*|release\w*|shutdown(_\w+)?|stop\w*|unlink(_\w+)?|remove\w*|rmtree|rmdir|cancel(_\w+)?|"
    r"disconnect\w*|clean_?up\w*|dispose|terminate(_\w+)?|kill(_\w+)?|interrupt(_\w+)?|delete\w*|pop|reset\w*|"
    r"unregister\w*|deregister\w*|unsubscribe|quit|teardown\w*|chdir|restore\w*|discard|unlock|rollback|detach(_\w+)?|clear_\w+|logout|"
    r"drop\w*|undo)$"
)
_REMEMBERS = re.compile(r"^_?(old|orig\w*|before|prev\w*|saved|initial|former|last|existing|starting)(_|$)")
_ENDS = re.compile(
    r"(^|_)(stop|stopped|stopping|exit|quit|shutdown|cancel|cancelled|terminate|finished|done|closed)(_|$)"
)
_UNLOCKS = re.compile(r"unlock|release_lock", re.IGNORECASE)
_OPPOSITES = {
    "pop": ("push",), "release": ("acquire",), "exit": ("enter",), "leave": ("enter",), "remove": ("add", "insert"),
    "discard": ("add",), "unset": ("set",), "clear": ("set",), "set": ("clear",), "unlock": ("lock",),
    "disable": ("enable",), "enable": ("disable",), "resume": ("pause", "suspend"), "decrement": ("increment",),
    "dec": ("inc",), "unmount": ("mount",), "unblock": ("block",), "unpatch": ("patch",), "deactivate": ("activate",),
}  # fmt: skip
"""Words of functions that undo what one with another word in its place has done."""
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[^A-Za-z]+")
_COPIES = frozenset({"copy", "deepcopy", "list", "dict", "set", "tuple", "get", "getattr"})
_TAKES = frozenset({"get", "acquire", "borrow", "checkout", "pop", "popleft", "take", "get_nowait"})
_GIVES = frozenset({"put", "put_nowait", "append", "give_back", "return_", "putconn", "add"})
_TELLS = frozenset("print debug info warning error exception log write send emit append yield".split())


def is_clean_up(node: ast.AST) -> bool:
    """Whether a call tidies up by its name."""
    return isinstance(node, ast.Call) and _CLEANS.match(last_word(node)) is not None


def undone(statements: Iterable[ast.stmt], before: Sequence[ast.AST]) -> ast.expr | None:
    """The first call, assignment or deletion in the statements that undoes what the nodes before have done."""
    past = _Past(before)
    for statement in statements:
        if isinstance(statement, ast.Return | ast.Raise):
            return None
        for node in inside([statement]):
            found = past.undone_by(node)
            if found is not None:
                return found
    return None


class _Past:
    """What was assigned and called before: names with their values, attributes and elements, functions."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self.names: dict[str, ast.expr] = {}
        self.places: dict[str, ast.expr] = {}
        self.steps: dict[str, str] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target, value in _pairs(node):
                    if isinstance(target, ast.Name):
                        self.names[target.id] = value
                    else:
                        self.places[unparse(target)] = value
                        if isinstance(value, ast.BinOp):
                            self.steps[unparse(target)] = type(value.op).__name__
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
                if node.value is not None:
                    self.names[node.target.id] = node.value
            elif isinstance(node, ast.AugAssign):
                self.steps[unparse(node.target)] = type(node.op).__name__
            elif isinstance(node, ast.Call):
                self.calls.setdefault(_dotted(node.func), []).append(node)
        self.lowered = {name.lower() for name in self.calls}

    def undone_by(self, node: ast.AST) -> ast.expr | None:
        """What a node undoes: the function that it calls, or the target that it sets or deletes."""
        if isinstance(node, ast.Assign):
            pairs = [pair for pair in _pairs(node) if isinstance(pair[0], ast.Attribute | ast.Subscript)]
            return next((target for target, value in pairs if self._is_put_back(target, value)), None)
        if isinstance(node, ast.AugAssign):
            kinds = {self.steps.get(unparse(node.target), ""), type(node.op).__name__}
            return node.target if kinds == {"Add", "Sub"} else None
        if isinstance(node, ast.Delete):
            return next((one for one in node.targets if isinstance(one, ast.Subscript) and self._is_known(one)), None)
        if isinstance(node, ast.Expr):
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            return call.func if isinstance(call, ast.Call) and self._is_opposite(call) else None
        return node.func if isinstance(node, ast.Call) and _ends(node) else None

    def _is_put_back(self, target: ast.expr, value: ast.expr) -> bool:
        """Whether a place gets what it held before, or the flag or object that was put there is taken away."""
        place = unparse(target)
        if isinstance(value, ast.Name):
            return value.id in self.names and _reads(self.names[value.id], place)
        if not isinstance(value, ast.Constant) or place not in self.places:
            return False
        given = self.places[place]
        was = given.value if isinstance(given, ast.Constant) else given
        return (value.value is False and was is True) or (value.value is None and isinstance(was, ast.expr))

    def _is_known(self, target: ast.Subscript) -> bool:
        """Whether an element was set before, or the container was changed or copied."""
        held = unparse(target.value)
        if unparse(target) in self.places or any(_reads(value, held) for value in self.names.values()):
            return True
        return any(name.rpartition(".")[0] == held for name in self.calls)

    def _is_opposite(self, call: ast.Call) -> bool:
        name, word = _dotted(call.func), last_word(call)
        if word == "pop" or _UNLOCKS.search(" ".join(_texts(call))):
            return True
        if any(self._is_returned(one, name, word) for one in set[str]().union(*map(names_in, call.args))):
            return True
        if word in ("setattr", "delattr"):
            return any(unparse(one.args[0]) == unparse(call.args[0]) for one in self.calls.get("setattr", ()))
        if any(self._matches(call, earlier) for earlier in self.calls.get(name, ())) and word not in _TELLS:
            return True
        return not self.lowered.isdisjoint(_turned(name))

    def _is_returned(self, given: str, name: str, word: str) -> bool:
        """Whether a function is given what its object had before, what it was given before, or what was taken there."""
        if given not in self.names:
            return False
        value = _dotted(self.names[given])
        if value.startswith(f"{name.rpartition('.')[0]}.") and "." in name:
            taken = word in _GIVES and last_word(self.names[given]) in _TAKES
            return taken or _REMEMBERS.match(given) is not None or (name in self.calls and word.startswith("set"))
        return name in self.calls and _REMEMBERS.match(given) is not None

    def _matches(self, call: ast.Call, earlier: ast.Call) -> bool:
        """Whether the same function is given nothing where it was given something before: `alarm(0)`."""
        if not call.args or len(call.args) != len(earlier.args) or _is_nothing(earlier.args[-1]):
            return False
        same = all(unparse(a) == unparse(b) for a, b in zip(call.args[:-1], earlier.args[:-1], strict=True))
        return same and _is_nothing(call.args[-1])


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of an assignment with what each is given; `a, b = c, d` is two."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            if len(target.elts) == len(node.value.elts):
                yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def _reads(value: ast.expr, place: str) -> bool:
    """Whether a value is what a place held, or a copy of it: `sys.path.copy()`, `state.get("depth", 0)`."""
    if unparse(value) == place:
        return True
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
        return unparse(value.value) == place
    if isinstance(value, ast.ListComp | ast.SetComp | ast.DictComp):
        sources = [unparse(part.iter) for part in value.generators]
        if place in sources or f"{place}.items()" in sources:
            return True
        return any(_reads(part, place) for part in walk(value) if isinstance(part, ast.Call))
    if not isinstance(value, ast.Call) or last_word(value) not in _COPIES:
        return False
    if last_word(value) == "getattr" and len(value.args) > 1 and isinstance(value.args[1], ast.Constant):
        return place == f"{unparse(value.args[0])}.{value.args[1].value!s}"
    owner = value.func.value if isinstance(value.func, ast.Attribute) else None
    first = unparse(value.args[0]) if value.args else ""
    if last_word(value) == "get" and owner is not None:
        return place in (unparse(owner), f"{unparse(owner)}[{first}]")
    return first == place or (owner is not None and unparse(owner) == place)


def _ends(call: ast.Call) -> bool:
    """Whether a call tidies up, or is the `set()` of an event that tells others to end."""
    if last_word(call) == "set" and isinstance(call.func, ast.Attribute):
        return not call.args and _ENDS.search(last_word(call.func.value)) is not None
    return last_word(call) != "pop" and is_clean_up(call)


def _dotted(node: ast.expr) -> str:
    """A function as it is written, without the arguments of calls in it: `Lock().run`."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{_dotted(node.func)}()"
    return unparse(node)


def _turned(name: str) -> Iterator[str]:
    """The names of the functions whose opposite a function is, in small letters."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    for index, part in enumerate(parts):
        for word in _OPPOSITES.get(part, ()):
            yield "".join([*parts[:index], word, *parts[index + 1 :]])


def _texts(call: ast.Call) -> Iterator[str]:
    return (part.value for part in walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _is_nothing(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or node.value is False or node.value == 0
    return last_word(node) == "LOCK_UN"
