"""What a type annotation says of a name's symbol."""

from __future__ import annotations

import ast

from brownout.model.tables import Binding, Block, Scope

DEPTH = 40
"""How many steps a name is followed; more than real code has."""

_ONE_OF = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Awaitable", "Required", "NotRequired"})
_MANY_OF = frozenset(
    """
    list List set Set frozenset Sequence Iterable Iterator Collection deque WeakSet AsyncIterator AsyncIterable
    MutableSequence MutableSet AbstractSet FrozenSet
    """.split()
)
_YIELDS = frozenset({"Generator", "AsyncGenerator"})
_MAPPINGS = frozenset(
    {"dict", "Dict", "defaultdict", "DefaultDict", "Mapping", "MutableMapping", "OrderedDict", "WeakValueDictionary"}
)
BUILTIN_TYPES = frozenset({"str", "int", "float", "bool", "bytes", "bytearray", "object", "complex", "tuple"})


class Annotations:
    """The half of `Names` that reads annotations."""

    def __init__(self) -> None:
        self._quoted: dict[int, ast.expr | None] = {}

    def symbol(self, node: ast.expr, scope: Scope, block: Block | None = None, depth: int = 0) -> str | None:
        """The symbol of an expression."""
        raise NotImplementedError

    def lookup(self, name: str, scope: Scope, block: Block | None, line: int, depth: int = 0) -> str | None:
        """The symbol of a name at a line."""
        raise NotImplementedError

    def full(self, name: str) -> str:
        """The absolute name of one of the file's own."""
        raise NotImplementedError

    def bindings(self, name: str, scope: Scope) -> list[Binding] | None:
        """How a scope gives a name its value; None where it does not."""
        raise NotImplementedError

    def annotation(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> str | None:
        """The symbol of a value annotated with `node`: `X` gives `X()`, `list[X]` gives `[X()]`, `X | None` as `X`."""
        if node is None or depth > DEPTH:
            return None
        depth += 1
        if isinstance(node, ast.Name):
            if node.id == "Self" and scope.owner is not None:
                return f"{self.full(scope.owner.qualname)}()"
            return self._alias(node, scope, depth)
        if isinstance(node, ast.Subscript):
            return self._generic(node, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._alias(node, scope, depth)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.annotation(self._read(node, node.value), scope, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = [side for side in (node.left, node.right) if not is_none(side)]
            return self.annotation(sides[0], scope, depth) if len(sides) == 1 else None
        return None

    def _read(self, node: ast.Constant, text: str) -> ast.expr | None:
        """The expression in a quoted annotation, read once: answers are remembered by node, so that it has to stay."""
        key = id(node)
        if key not in self._quoted:
            try:
                self._quoted[key] = ast.parse(text.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError):
                self._quoted[key] = None
        return self._quoted[key]

    def _alias(self, node: ast.Name | ast.Attribute, scope: Scope, depth: int) -> str | None:
        """A plain name in an annotation; one bound to `Annotated[X, …]` or `X | None` in this file stands for that."""
        if isinstance(node, ast.Name):
            bindings = self.bindings(node.id, scope)
            value = bindings[0].value if bindings and len(bindings) == 1 and bindings[0].kind == "assign" else None
            if isinstance(value, ast.Subscript | ast.BinOp):
                return self.annotation(value, scope, depth)
        symbol = self.symbol(node, scope, None, depth)
        return None if symbol is None or symbol.endswith((")", "]")) else f"{symbol}()"

    def _generic(self, node: ast.Subscript, scope: Scope, depth: int) -> str | None:
        last = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not parts:  # tuple[()]
            return None
        if last in _ONE_OF:
            return self._annotated(parts, scope, depth)
        if last == "Union":
            sides = [part for part in parts if not is_none(part)]
            return self.annotation(sides[0], scope, depth) if len(sides) == 1 else None
        if last in ("type", "Type"):
            return self.symbol(parts[0], scope, None, depth)
        if last in _YIELDS:
            return self.annotation(parts[0], scope, depth)
        if last in _MANY_OF or last in ("tuple", "Tuple"):
            element = self.annotation(parts[0], scope, depth)
            return f"[{element}]" if element else None
        if last in _MAPPINGS:
            element = self.annotation(parts[-1], scope, depth)
            return f"{{{element}}}" if element else None
        return self.annotation(node.value, scope, depth)

    def _annotated(self, parts: list[ast.expr], scope: Scope, depth: int) -> str | None:
        found = self.annotation(parts[0], scope, depth)
        for part in parts[1:]:
            if found is None and isinstance(part, ast.Call):
                found = self._dependency(part, scope, depth)
        return found

    def _dependency(self, node: ast.expr | None, scope: Scope, depth: int) -> str | None:
        """What `Depends(provider)` hands in: the provider's result."""
        if not isinstance(node, ast.Call) or not node.args:
            return None
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if last not in ("Depends", "Security", "Provide"):
            return None
        provider = self.symbol(node.args[0], scope, None, depth)
        return None if provider is None else f"{provider}()"


def is_none(node: ast.expr | None) -> bool:
    """Whether the expression is the literal `None`."""
    return isinstance(node, ast.Constant) and node.value is None
