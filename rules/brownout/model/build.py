"""One pass over a file's syntax tree fills its tables: handlers by node class, nothing visited twice."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from brownout.model.expressions import Expressions
from brownout.model.tables import Binding, Block, Class, Function, Module, Scope


def build(tree: ast.Module, *, name: str, path: str, text: str = "", heads: Mapping[str, str] | None = None) -> Module:
    """The tables of a parsed file. `heads` renames first words of imports that two source roots share."""
    scope = Scope("module", None)
    body = Function("<module>", "<module>", tree, scope, None, None, None)
    is_package = path.rpartition("/")[2] == "__init__.py"
    module = Module(_mapped(name, heads), path, text, tree, is_package, scope, body)
    scope.function = body
    module.functions.append(body)
    module.function_of[id(tree)] = body
    builder = _Builder(module, heads or {})
    builder.block_of(tree.body)
    return module


def _mapped(name: str, heads: Mapping[str, str] | None) -> str:
    if not heads:
        return name
    head, dot, rest = name.partition(".")
    return heads.get(head, head) + dot + rest


class _Builder(Expressions):
    """The walk over the statements of one file."""

    def block_of(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            outer, self.statement = self.statement, statement
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)
            else:
                self.children(statement)
            self.statement = outer

    def within(self, kind: str, node: ast.AST, statements: Sequence[ast.stmt]) -> None:
        if statements:
            outer, self.block = self.block, Block(kind, node, self.block)
            self.block_of(statements)
            self.block = outer

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            absolute = _mapped(alias.name, self.heads)
            self.module.imported.add(alias.name.partition(".")[0])
            symbol = absolute if alias.asname else absolute.partition(".")[0]
            name = alias.asname or alias.name.partition(".")[0]
            self.bind(name, Binding("import", node, self.block, symbol=symbol))

    def import_from(self, node: ast.ImportFrom) -> None:
        origin = self.absolute(node)
        if not node.level and node.module:
            self.module.imported.add(node.module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append(origin)
            else:
                symbol = f"{origin}.{alias.name}" if origin else alias.name
                self.bind(alias.asname or alias.name, Binding("import", node, self.block, symbol=symbol))

    def absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return _mapped(node.module or "", self.heads)
        parts = self.module.name.split(".") if self.module.name else []
        drop = node.level - 1 if self.module.is_package else node.level
        parts = parts[: len(parts) - drop] if drop else parts
        return ".".join([*parts, node.module] if node.module else parts)

    def function_def(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator, node)
        self.defaults(node.args, node)
        function = self.enter(node.name, node, isinstance(node, ast.AsyncFunctionDef))
        function.decorators = node.decorator_list
        self.bind(node.name, Binding("function", node, self.block, symbol=self.full(function.qualname)))
        if self.scope.kind == "class" and self.owner is not None:
            self.owner.methods.setdefault(node.name, function)
        self.inside(function, node.body)

    def class_def(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.expression(expression, node)
        outer = self.owner.qualname if self.scope.kind == "class" and self.owner else ""
        if not outer and self.function is not self.module.body:
            outer = self.function.qualname
        qualname = f"{outer}.{node.name}" if outer else node.name
        scope = Scope("class", self.scope)
        owner = Class(node.name, qualname, node, scope, self.scope)
        scope.owner = owner
        self.bind(node.name, Binding("class", node, self.block, symbol=self.full(qualname)))
        self.module.classes.append(owner)
        saved = self.scope, self.owner
        self.scope, self.owner = scope, owner
        self.block_of(node.body)
        self.scope, self.owner = saved

    def assign(self, node: ast.Assign) -> None:
        self.row(self.module.assigns, node)
        self.expression(node.value, node)
        for target in node.targets:
            self.target(target, node, node.value)

    def ann_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.row(self.module.assigns, node)
            self.expression(node.value, node)
        kind = "assign" if node.value is not None else "annotation"
        self.target(node.target, node, node.value, kind=kind, annotation=node.annotation)

    def aug_assign(self, node: ast.AugAssign) -> None:
        self.row(self.module.assigns, node)
        self.expression(node.value, node)
        if not isinstance(node.target, ast.Name):
            self.target(node.target, node, None, kind="unknown")

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.row(self.module.loops, node)
        self.expression(node.iter, node)
        self.target(node.target, node, node.iter, kind="for")
        self.within("loop", node, node.body)
        self.within("else", node, node.orelse)

    def while_(self, node: ast.While) -> None:
        self.row(self.module.loops, node)
        outer, self.block = self.block, Block("loop", node, self.block)
        self.expression(node.test, node)
        self.block = outer
        self.within("loop", node, node.body)
        self.within("else", node, node.orelse)

    def if_(self, node: ast.If) -> None:
        self.expression(node.test, node)
        self.within("if", node, node.body)
        self.within("orelse", node, node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        self.row(self.module.withs, node)
        outer = self.block
        for item in node.items:
            self.expression(item.context_expr, node)
            if item.optional_vars is not None:
                self.target(item.optional_vars, node, item.context_expr, kind="with")
            self.block = Block("with", item, self.block)
        self.block_of(node.body)
        self.block = outer

    def try_(self, node: ast.Try | ast.TryStar) -> None:
        self.row(self.module.tries, node)
        function: Function | None = self.function
        while function is not None and not function.tries:
            function.tries = True
            function = function.parent
        self.within("try", node, node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.expression(handler.type, handler)
            outer, self.block = self.block, Block("handler", handler, self.block)
            if handler.name:
                self.bind(handler.name, Binding("except", handler, self.block, annotation=handler.type))
            self.block_of(handler.body)
            self.block = outer
        self.within("else", node, node.orelse)
        self.within("finally", node, node.finalbody)

    def match(self, node: ast.Match) -> None:
        self.expression(node.subject, node)
        for case in node.cases:
            if case.guard is not None:
                self.expression(case.guard, node)
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind(name, Binding("unknown", part, self.block))
            self.within("case", case, case.body)

    def expr(self, node: ast.Expr) -> None:
        if node.value.__class__ is not ast.Constant:
            self.expression(node.value, node)

    def return_(self, node: ast.Return) -> None:
        if node.value is not None:
            self.function.returns.append(node.value)
            self.expression(node.value, node)

    def raise_(self, node: ast.Raise) -> None:
        self.row(self.module.raises, node)
        self.children(node)

    def declare(self, node: ast.Global | ast.Nonlocal) -> None:
        where = "global" if isinstance(node, ast.Global) else "nonlocal"
        for name in node.names:
            self.scope.declared[name] = where

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.expression(target, node)


_STATEMENTS: dict[type, Callable[..., None]] = {
    ast.Import: _Builder.import_,
    ast.ImportFrom: _Builder.import_from,
    ast.FunctionDef: _Builder.function_def,
    ast.AsyncFunctionDef: _Builder.function_def,
    ast.ClassDef: _Builder.class_def,
    ast.Assign: _Builder.assign,
    ast.AnnAssign: _Builder.ann_assign,
    ast.AugAssign: _Builder.aug_assign,
    ast.For: _Builder.for_,
    ast.AsyncFor: _Builder.for_,
    ast.While: _Builder.while_,
    ast.If: _Builder.if_,
    ast.With: _Builder.with_,
    ast.AsyncWith: _Builder.with_,
    ast.Try: _Builder.try_,
    ast.TryStar: _Builder.try_,
    ast.Match: _Builder.match,
    ast.Expr: _Builder.expr,
    ast.Return: _Builder.return_,
    ast.Raise: _Builder.raise_,
    ast.Global: _Builder.declare,
    ast.Nonlocal: _Builder.declare,
    ast.Delete: _Builder.delete,
    ast.Pass: lambda builder, node: None,
    ast.Break: lambda builder, node: None,
    ast.Continue: lambda builder, node: None,
}
