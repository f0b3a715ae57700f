"""Names that are bound and expressions that are walked: the half of the builder that knows no statement."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from brownout.model.syntax import children
from brownout.model.tables import Binding, Block, Call, Class, Function, Module, Row, Scope

_LEAVES = frozenset({ast.Name, ast.Constant})
"""Expressions in which there is nothing to find."""
_CONTAINERS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Expressions:
    """The place of the walk, the names bound on the way, and the expressions."""

    def __init__(self, module: Module, heads: Mapping[str, str]) -> None:
        self.module = module
        self.heads = heads
        self.function = module.body
        self.scope = module.scope
        self.owner: Class | None = None
        self.block: Block | None = None
        self.statement: ast.stmt = ast.Pass()

    def bind(self, name: str, binding: Binding) -> None:
        self.scope.bind(name, binding)
        if self.scope.kind == "class" and self.owner is not None:
            self.owner.attributes.setdefault(name, []).append((binding, self.scope))

    def full(self, qualname: str) -> str:
        return f"{self.module.name}.{qualname}" if self.module.name else qualname

    def lambda_(self, node: ast.Lambda) -> None:
        self.defaults(node.args, node)
        function = self.enter(f"<lambda:{node.lineno}:{node.col_offset}>", node, False)
        function.returns.append(node.body)
        self.inside(function, [], node.body)

    def enter(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, is_async: bool) -> Function:
        owner = self.owner if self.scope.kind == "class" else None
        prefix = owner.qualname if owner else ("" if self.function is self.module.body else self.function.qualname)
        qualname = f"{prefix}.{name}" if prefix else name
        scope = Scope("function", self.scope, owner)
        function = Function(name, qualname, node, scope, self.scope, self.function, owner, is_async)
        arguments = node.args
        function.parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        for argument in function.parameters:
            scope.bind(argument.arg, Binding("parameter", argument, None, annotation=argument.annotation))
        for kind, rest in (("unknown", arguments.vararg), ("keywords", arguments.kwarg)):
            if rest is not None:
                scope.bind(rest.arg, Binding(kind, rest, None))
        scope.function = function
        self.module.functions.append(function)
        self.module.function_of[id(node)] = function
        return function

    def inside(self, function: Function, body: Sequence[ast.stmt], value: ast.expr | None = None) -> None:
        saved = self.function, self.scope, self.owner, self.block
        self.function, self.scope, self.block = function, function.scope, None
        if value is not None:
            self.expression(value, function.node)
        self.block_of(body)
        self.function, self.scope, self.owner, self.block = saved

    def defaults(self, arguments: ast.arguments, parent: ast.AST) -> None:
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if isinstance(argument.annotation, ast.Subscript) and isinstance(argument.annotation.slice, ast.Tuple):
                for extra in argument.annotation.slice.elts[1:]:  # Annotated[Session, Depends(session)]
                    if isinstance(extra, ast.Call):
                        self.expression(extra, parent)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.expression(default, parent)

    def target(
        self,
        target: ast.expr,
        node: ast.AST,
        value: ast.expr | None,
        *,
        kind: str = "assign",
        annotation: ast.expr | None = None,
        index: int | None = None,
    ) -> None:
        if isinstance(target, ast.Name):
            binding = Binding(kind, node, self.block, value=value, annotation=annotation, index=index)
            self.bind(target.id, binding)
        elif isinstance(target, ast.Attribute):
            self.attribute_target(target, Binding(kind, node, self.block, value=value, annotation=annotation))
        elif isinstance(target, ast.Tuple | ast.List):
            self.unpack(target, node, value, kind)
        elif isinstance(target, ast.Starred):
            self.target(target.value, node, None, kind="unknown")
        else:
            self.expression(target, node)

    def unpack(self, target: ast.Tuple | ast.List, node: ast.AST, value: ast.expr | None, kind: str) -> None:
        pairs = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
        for index, element in enumerate(target.elts):
            if kind == "assign" and pairs is not None:
                self.target(element, node, pairs[index])
            else:
                self.target(element, node, value, kind="for-unpack" if kind == "for" else "unpack", index=index)

    def attribute_target(self, target: ast.Attribute, binding: Binding) -> None:
        self.expression(target.value, target)
        owner = self.function.owner
        first = self.function.parameters[:1]
        if owner and first and isinstance(target.value, ast.Name) and target.value.id == first[0].arg:
            owner.attributes.setdefault(target.attr, []).append((binding, self.scope))

    def row(self, table: list[Row], node: ast.AST) -> None:
        table.append(Row(node, self.function, self.scope, self.block))

    def expression(self, node: ast.AST, parent: ast.AST) -> None:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            self.children(node)
        else:
            handler(self, node, parent)

    def children(self, node: ast.AST) -> None:
        for child in children(node):
            if child.__class__ not in _LEAVES:
                self.expression(child, node)

    def call(self, node: ast.Call, parent: ast.AST) -> None:
        row = Call(node, self.function, self.scope, self.block, self.statement, parent)
        self.expression(node.func, node)
        for argument in node.args:
            if argument.__class__ not in _LEAVES:
                self.expression(argument, node)
        for keyword in node.keywords:
            if keyword.value.__class__ not in _LEAVES:
                self.expression(keyword.value, keyword)
        self.function.calls.append(row)
        self.module.calls.append(row)

    def leaf(self, node: ast.AST, parent: ast.AST) -> None:
        pass

    def attribute(self, node: ast.Attribute, parent: ast.AST) -> None:
        value = node.value
        while isinstance(value, ast.Attribute):
            node, value = value, value.value
        if value.__class__ not in _LEAVES:
            self.expression(value, node)

    def named(self, node: ast.NamedExpr, parent: ast.AST) -> None:
        self.expression(node.value, node)
        self.target(node.target, node, node.value)

    def yield_(self, node: ast.Yield | ast.YieldFrom, parent: ast.AST) -> None:
        self.function.is_generator = True
        if node.value is not None:
            if isinstance(node, ast.Yield):
                self.function.yields.append(node.value)
            self.expression(node.value, node)

    def comprehension(self, node: ast.AST, parent: ast.AST) -> None:
        outer = self.block
        self.block = Block("loop", node, outer)
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        for generator in generators:
            self.expression(generator.iter, generator)
            self.target(generator.target, node, generator.iter, kind="for")
            for condition in generator.ifs:
                self.expression(condition, generator)
        for name in ("key", "value", "elt"):
            part = getattr(node, name, None)
            if part is not None:
                self.expression(part, node)
        self.block = outer

    def lambda_expression(self, node: ast.Lambda, parent: ast.AST) -> None:
        self.lambda_(node)

    def block_of(self, statements: Sequence[ast.stmt]) -> None:
        """Walk statements; the statements' half of the builder does."""
        raise NotImplementedError


_EXPRESSIONS: dict[type, Callable[..., None]] = {
    ast.Call: Expressions.call,
    ast.Name: Expressions.leaf,
    ast.Constant: Expressions.leaf,
    ast.Attribute: Expressions.attribute,
    ast.Lambda: Expressions.lambda_expression,
    ast.NamedExpr: Expressions.named,
    ast.Yield: Expressions.yield_,
    ast.YieldFrom: Expressions.yield_,
    **dict.fromkeys(_CONTAINERS, Expressions.comprehension),
}
