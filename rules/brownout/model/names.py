"""What an expression refers to, as far as one file can say: a symbol, or None for unknown.

A symbol is a dotted name with marks. `requests.get` is a callable; `requests.Session()` the result of calling, thus an
instance of a class; `x[]` an element of `x`; `x[1]` the second of a tuple; `[X()]` a collection of such instances and
`{X()}` a mapping to them; `C()^` is `super()` inside of C. Other files and the catalog give symbols meaning later.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from sys import intern

from brownout.model.annotations import DEPTH, Annotations, is_none
from brownout.model.defaults import default_of, none_by_default
from brownout.model.reaching import COMPREHENSIONS, all_in_comprehensions, reaching
from brownout.model.requests import django_request
from brownout.model.tables import Binding, Block, Class, Module, Scope

_BUILT_IN = frozenset(dir(builtins))
_PASS_THROUGH = frozenset({"closing", "aclosing", "enter_context", "enter_async_context", "wait_for", "shield", "copy"})
_RUNNERS = {"to_thread": 0, "run_in_threadpool": 0, "run_sync": 0, "run_in_executor": 1}

MANY = 8
"""Elements of a display whose symbols are kept side by side; more are unknown."""


class Names(Annotations):
    """Symbols of one module's expressions; answers are remembered per expression."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.module = module
        self._known: dict[int, str | None] = {}
        self._given: dict[int, str] = {}  # what parameters are, by their binding: each use of `self` asks

    def symbol(self, node: ast.expr, scope: Scope, block: Block | None = None, depth: int = 0) -> str | None:
        """The symbol of an expression evaluated in `scope`, inside of `block`; None where it cannot be told."""
        key = id(node)
        known = self._known
        if key in known:
            return known[key]
        if depth > DEPTH:
            return None
        known[key] = None  # what leads back to itself is unknown
        found: str | None
        if isinstance(node, ast.Name):
            found = self.lookup(node.id, scope, block, node.lineno, depth + 1)
        elif isinstance(node, ast.Attribute):
            owner = self.symbol(node.value, scope, block, depth + 1)
            found = None if owner is None else f"{owner}.{node.attr}"
        else:
            handler = _SYMBOLS.get(node.__class__)
            found = None if handler is None else handler(self, node, scope, block, depth + 1)
        if found is not None:
            found = known[key] = intern(found)  # the same few again and again, kept while a project is open
        return found

    def full(self, name: str) -> str:
        """The absolute name of something defined in this module."""
        return intern(f"{self.module.name}.{name}") if self.module.name else name

    def _inner(self, node: ast.Await, scope: Scope, block: Block | None, depth: int) -> str | None:
        return self.symbol(node.value, scope, block, depth)

    def _either(self, node: ast.IfExp, scope: Scope, block: Block | None, depth: int) -> str | None:
        values = [value for value in (node.body, node.orelse) if not self._is_optional(value, scope)]
        return self._same(values or (node.body, node.orelse), scope, block, depth)

    def _one_of(self, node: ast.BoolOp, scope: Scope, block: Block | None, depth: int) -> str | None:
        # `given or "default"` is what was given
        values = [value for value in node.values if not isinstance(value, ast.Constant)]
        values = [value for value in values if not self._is_optional(value, scope)] or values
        return self._same(values or node.values, scope, block, depth)

    def _is_optional(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is a parameter of no stated type that is None by default: what stands in tells more."""
        bindings = scope.bindings.get(node.id, ()) if isinstance(node, ast.Name) else ()
        return any(none_by_default(binding, scope) for binding in bindings[:1])

    def _joined(self, node: ast.BinOp, scope: Scope, block: Block | None, depth: int) -> str | None:
        left = self.symbol(node.left, scope, block, depth)
        return left if left is not None and isinstance(node.op, ast.Div) else None

    def _constant(self, node: ast.Constant, scope: Scope, block: Block | None, depth: int) -> str | None:
        return None if node.value is None else f"builtins.{type(node.value).__name__}()"

    def _text(self, node: ast.JoinedStr, scope: Scope, block: Block | None, depth: int) -> str | None:
        return "builtins.str()"

    def _display(self, node: ast.List, scope: Scope, block: Block | None, depth: int) -> str | None:
        element = self._each(node.elts, scope, block, depth)
        return f"[{element}]" if element else None

    def _dict(self, node: ast.Dict, scope: Scope, block: Block | None, depth: int) -> str | None:
        element = self._same(node.values, scope, block, depth)
        return f"{{{element}}}" if element else None

    def _made(self, node: ast.ListComp, scope: Scope, block: Block | None, depth: int) -> str | None:
        element = self.symbol(node.elt, scope, block, depth)
        return f"[{element}]" if element else None

    def _made_dict(self, node: ast.DictComp, scope: Scope, block: Block | None, depth: int) -> str | None:
        element = self.symbol(node.value, scope, block, depth)
        return f"{{{element}}}" if element else None

    def _lambda(self, node: ast.Lambda, scope: Scope, block: Block | None, depth: int) -> str | None:
        return self.full(self.module.function_of[id(node)].qualname)

    def _same(self, nodes: Iterable[ast.expr], scope: Scope, block: Block | None, depth: int) -> str | None:
        found: set[str | None] = {self.symbol(node, scope, block, depth) for node in nodes if not is_none(node)}
        return found.pop() if len(found) == 1 else None

    def _each(self, nodes: list[ast.expr], scope: Scope, block: Block | None, depth: int) -> str | None:
        """The symbol of a display's elements; different ones as `a|b`, which are one if they mean the same."""
        found = list(dict.fromkeys(self.symbol(node, scope, block, depth) for node in nodes if not is_none(node)))
        known = [symbol for symbol in found if symbol is not None]
        return "|".join(known) if known and len(known) == len(found) <= MANY else None

    def _call(self, node: ast.Call, scope: Scope, block: Block | None, depth: int) -> str | None:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if last == "super" and not node.args and scope.owner is not None and isinstance(node.func, ast.Name):
            return f"{self.full(scope.owner.qualname)}()^"
        if last in _PASS_THROUGH and node.args:
            return self.symbol(node.args[0], scope, block, depth)
        if last in _RUNNERS and len(node.args) > _RUNNERS[last]:
            ran = self.symbol(node.args[_RUNNERS[last]], scope, block, depth)
            return None if ran is None else f"{ran}()"
        if last == "enumerate" and node.args and isinstance(node.func, ast.Name):
            counted = self.symbol(node.args[0], scope, block, depth)
            return None if counted is None else f"[({counted}[])]"
        if last == "cast" and len(node.args) == 2:
            return self.annotation(node.args[0], scope, depth)
        function = self.symbol(node.func, scope, block, depth)
        return None if function is None else f"{function}()"

    def _subscript(self, node: ast.Subscript, scope: Scope, block: Block | None, depth: int) -> str | None:
        last = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if last == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            return self.symbol(node.slice.elts[0], scope, block, depth)  # an alias: `Desk = Annotated[X, Depends(…)]`
        owner = self.symbol(node.value, scope, block, depth)
        if owner is None:
            return None
        if isinstance(node.slice, ast.Slice):
            return owner
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
            return f"{owner}[{node.slice.value}]"
        return f"{owner}[]"

    # -- names

    def lookup(self, name: str, scope: Scope, block: Block | None, line: int, depth: int = 0) -> str | None:
        """The symbol of a name used at `line`: from the nearest scope that binds it, or the built-in of that name."""
        home = scope if name in scope.bindings and not scope.declared else self._home(name, scope)
        while home is not None and home.bindings[name][0].node.__class__ in COMPREHENSIONS:
            if not all_in_comprehensions(home.bindings[name], line):
                break
            home = self._home(name, home.parent) if home.parent is not None else None
        if home is None:
            if name in _BUILT_IN:
                return f"builtins.{name}"
            return self.full(name) if self.module.stars else None
        bindings = home.bindings[name]
        if len(bindings) == 1:
            return bindings[0].symbol or self._only(bindings[0], home, depth)
        if home is scope:
            bindings = reaching(bindings, block, line)
        return self.join(bindings, home, depth)

    def join(self, bindings: list[Binding], scope: Scope, depth: int = 0) -> str | None:
        """The one symbol on which all bindings agree; two different ones are unknown, `None` does not count."""
        if len(bindings) == 1:
            return self._only(bindings[0], scope, depth)
        imports = [binding for binding in bindings if binding.kind == "import"]
        if imports and all(binding.kind == "import" or is_none(binding.value) for binding in bindings):
            return imports[0].symbol
        found: set[str | None] = set()
        for binding in bindings:
            if binding.kind in ("assign", "annotation") and binding.annotation is not None:
                declared = self.annotation(binding.annotation, scope, depth)
                if declared is not None:
                    return declared
            if is_none(binding.value) or (binding.kind == "annotation" and len(bindings) > 1):
                continue
            if none_by_default(binding, scope):
                continue
            found.add(self.of_binding(binding, scope, depth))
        return found.pop() if len(found) == 1 else None

    def _only(self, binding: Binding, scope: Scope, depth: int) -> str | None:
        """What `join` says of a name that is bound once, as most are."""
        kind = binding.kind
        if kind in ("import", "function", "class"):
            return binding.symbol
        if binding.annotation is not None and kind in ("assign", "annotation"):
            declared = self.annotation(binding.annotation, scope, depth)
            if declared is not None:
                return declared
        return None if is_none(binding.value) else self.of_binding(binding, scope, depth)

    def of_binding(self, binding: Binding, scope: Scope, depth: int = 0) -> str | None:
        """The symbol that one binding alone gives."""
        kind = binding.kind
        if kind in ("import", "function", "class"):
            return binding.symbol
        if kind == "parameter":
            given = self._given.get(id(binding))
            if given is None and (given := self._parameter(binding, scope, depth)) is not None:
                self._given[id(binding)] = given
            return given
        if kind == "except":
            return self.annotation(binding.annotation, scope, depth)
        if binding.value is None:
            return None
        value = self.symbol(binding.value, scope, binding.block, depth)
        if value is None:
            return None
        if kind == "for":
            return f"{value}[]"
        if kind == "unpack":
            return f"{value}[{binding.index}]"
        if kind == "for-unpack":
            return f"{value}[][{binding.index}]"
        return value if kind in ("assign", "with") else None

    def _parameter(self, binding: Binding, scope: Scope, depth: int) -> str | None:
        function = scope.function
        if function is None or isinstance(function.node, ast.Module):
            return None
        outer = function.outer or scope
        declared = self.annotation(binding.annotation, outer, depth)
        default = default_of(function, binding.node)
        if default is not None and isinstance(default, ast.Call):
            provided = self._dependency(default, outer, depth)
            if provided is not None and (declared is None or declared.startswith("builtins.")):
                return provided
        if declared is not None:
            return declared
        if function.owner is not None and binding.annotation is None and function.parameters:
            first = function.parameters[0]
            if first is binding.node and not function.is_decorated("staticmethod"):
                owner = self.full(function.owner.qualname)
                return owner if function.is_decorated("classmethod") else f"{owner}()"
        return django_request(binding.node, function, self.module)

    def bindings(self, name: str, scope: Scope) -> list[Binding] | None:
        """How a scope gives a name its value; None where it does not."""
        home = self._home(name, scope)
        return None if home is None else home.bindings[name]

    def _home(self, name: str, scope: Scope) -> Scope | None:
        if scope.declared.get(name) == "global":
            return self.module.scope if name in self.module.scope.bindings else None
        current: Scope | None = scope
        while current is not None:
            if name in current.bindings and (current.kind != "class" or current is scope):
                return current
            current = current.parent
        return None

    # -- classes

    def attribute(self, owner: Class, name: str) -> str | None:
        """The symbol of `self.name`, from every method that sets it and from the class body."""
        found: set[str | None] = set()
        for binding, scope in owner.attributes.get(name, ()):
            if binding.annotation is not None:
                declared = self.annotation(binding.annotation, scope)
                if declared is not None:
                    return declared
            if is_none(binding.value):
                continue
            found.add(self.of_binding(binding, scope))
        return found.pop() if len(found) == 1 else None


_SYMBOLS: dict[type, Callable[..., str | None]] = {
    ast.Call: Names._call,
    ast.Subscript: Names._subscript,
    ast.Constant: Names._constant,
    ast.JoinedStr: Names._text,
    **dict.fromkeys((ast.Await, ast.NamedExpr, ast.Starred), Names._inner),
    **dict.fromkeys((ast.List, ast.Set, ast.Tuple), Names._display),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), Names._made),
    ast.Dict: Names._dict,
    ast.DictComp: Names._made_dict,
    ast.IfExp: Names._either,
    ast.BoolOp: Names._one_of,
    ast.BinOp: Names._joined,
    ast.Lambda: Names._lambda,
}
"""How the symbol of each class of expression is found; those that are not here have none."""
