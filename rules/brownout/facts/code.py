"""The code under a rule: one file's tables with everything that the project knows about them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from brownout.catalog import Catalog
from brownout.core import Certainty, Finding, Fix, Location, Note, Site, Span
from brownout.facts import practices
from brownout.facts.call import Call
from brownout.facts.entrypoints import REQUEST_KINDS, SERVICE_KINDS, EntryPoint
from brownout.facts.index import Index
from brownout.facts.paths import shape
from brownout.facts.project import Project
from brownout.facts.rows import expression_text
from brownout.facts.summary import FunctionSummary
from brownout.model.names import Names
from brownout.model.tables import Call as CallTable
from brownout.model.tables import Function, Module

if TYPE_CHECKING:
    from brownout.facts.files.files import Access
    from brownout.model.flow import Flow

_JUDGED = SERVICE_KINDS | {"startup", "lifespan", "shutdown"}


class Code:
    """What a rule is given: `calls`, `functions` and the tables of one file, and questions about them."""

    def __init__(
        self, module: Module, names: Names, project: Project, options: dict[str, object] | None = None
    ) -> None:
        self.module = module
        self.names = names
        self.project = project
        self.options: Mapping[str, object] = options or {}
        self.rule = ""
        self.accesses: list[Access] | None = None
        """The files that this one opens, kept by who asks first."""
        self.kept: dict[str, object] = {}
        """Answers about the whole file; see `facts.index.per_file`."""
        self._flows: dict[int, Flow] = {}
        self._calls: dict[int, Call] = {}
        self._calls_in: dict[int, list[Call]] = {}
        self._kinds: dict[int, frozenset[str]] = {}
        self._judged: dict[int, bool] = {}

    @property
    def catalog(self) -> Catalog:
        """The catalog at the versions that the project has installed."""
        return self.project.catalog

    @cached_property
    def calls(self) -> list[Call]:
        """Every call of the file whose callee is known: to the catalog, or as a function of the project."""
        return [call for call in self.all_calls if call.entry is not None or call.callee is not None]

    @cached_property
    def all_calls(self) -> list[Call]:
        """Every call of the file, known or not."""
        known = self._calls
        made = [known.get(id(row.node)) or Call(row, self) for row in self.module.calls]
        self._calls = {id(call.node): call for call in made}
        return made

    @cached_property
    def library_calls(self) -> list[Call]:
        """The calls of which the catalog speaks."""
        return [call for call in self.all_calls if call.entry is not None]

    @cached_property
    def index(self) -> Index:
        """The calls by what they call, for questions about few of them."""
        return Index(self.all_calls)

    @property
    def functions(self) -> list[Function]:
        """Every function, method and lambda of the file, and its body as `<module>`."""
        return self.module.functions

    @cached_property
    def entered(self) -> list[Function]:
        """The functions of the file that the outside world calls itself."""
        return [function for function in self.functions if self.points(function)]

    @cached_property
    def requested(self) -> list[Function]:
        """The functions of the file to which a request leads."""
        return [function for function in self.functions if self.in_request(function)]

    def call(self, row: CallTable) -> Call:
        """The view of one row of the table of calls."""
        found = self._calls.get(id(row.node))
        if found is None:
            found = self._calls[id(row.node)] = Call(row, self)
        return found

    def call_of(self, node: ast.AST | None) -> Call | None:
        """The view of a call by its syntax node, if it is one of this file's calls."""
        if isinstance(node, ast.Await):
            node = node.value
        if not isinstance(node, ast.Call):
            return None
        _ = self.all_calls
        return self._calls.get(id(node))

    @cached_property
    def _named(self) -> dict[str, Function]:
        return {self.names.full(function.qualname): function for function in self.module.functions}

    def function_named(self, name: str) -> Function | None:
        """The function of this file that has a canonical name, if it is one of this file's."""
        return self._named.get(name)

    def calls_in(self, function: Function) -> list[Call]:
        """The calls in the body of one function, in the order of evaluation."""
        found = self._calls_in.get(id(function))
        if found is None:
            found = self._calls_in[id(function)] = [self.call(row) for row in function.calls]
        return found

    def calls_inside(self, node: ast.AST) -> Sequence[Call]:
        """The calls in the blocks of a statement, such as a loop or a `try`, in the order of evaluation."""
        return self._calls_inside.get(id(node), ())

    @cached_property
    def _calls_inside(self) -> dict[int, list[Call]]:
        found: dict[int, list[Call]] = {}
        for call in self.all_calls:
            block = call.table.block
            while block is not None:
                found.setdefault(id(block.node), []).append(call)
                block = block.parent
        return found

    def flow(self, function: Function) -> Flow:
        """The flow graph of a function, built when first asked for."""
        found = self._flows.get(id(function))
        if found is None:
            from brownout.model.flow import Flow  # only rules that ask about order pay for it

            found = self._flows[id(function)] = Flow.build(function.node)
        return found

    def symbol(self, node: ast.expr, function: Function) -> str | None:
        """The symbol of an expression in a function."""
        return self.names.symbol(node, function.scope)

    def target(self, node: ast.expr, function: Function) -> str | None:
        """The canonical name of what an expression refers to, or None."""
        found = self.project.links.target(self.symbol(node, function))
        return None if found is None else self.catalog.canonical(found)

    def summary(self, function: Function) -> FunctionSummary | None:
        """The summary of one of the file's functions."""
        return self.project.links.functions.get(self.names.full(function.qualname))

    def kinds(self, function: Function) -> frozenset[str]:
        """The kinds of entry points that lead to a function; a nested function has those of the one around it too."""
        found = self._kinds.get(id(function))
        if found is None:
            found = frozenset()
            if function.name != "<module>":
                found = self.project.contexts.get(self.names.full(function.qualname), found)
                if function.parent is not None:
                    found |= self.kinds(function.parent)
            self._kinds[id(function)] = found
        return found

    def points(self, function: Function) -> list[EntryPoint]:
        """The ways in which the outside world calls this very function."""
        return self.project.entry_points.get(self.names.full(function.qualname), [])

    def serves(self, function: Function) -> bool:
        """Whether requests, workers or schedules lead to the function."""
        return bool(self.kinds(function) & SERVICE_KINDS)

    def judged(self, function: Function) -> bool:
        """Whether failures of the function hurt a service: what only commands, builds or tests run is not judged."""
        found = self._judged.get(id(function))
        if found is None:
            kinds = self.kinds(function)
            found = bool(kinds & _JUDGED) if kinds else not practices.is_tooling(self.module.path)
            self._judged[id(function)] = found
        return found

    def in_request(self, function: Function) -> bool:
        """Whether a request leads to the function."""
        return bool(self.kinds(function) & REQUEST_KINDS)

    def limited_elsewhere(self, call: Call) -> bool:
        """Whether something other than an argument of the call limits its time."""
        return practices.limited_elsewhere(call)

    def constant(self, node: ast.expr | None, function: Function) -> object:
        """The literal that an expression stands for, through names bound once; `...` where it is none."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            return -value if isinstance(value, int | float) else ...
        if isinstance(node, ast.Name):
            for scope in (function.scope, self.module.scope):
                bindings = scope.bindings.get(node.id, ())
                if len(bindings) == 1 and isinstance(bindings[0].value, ast.Constant) and bindings[0].kind == "assign":
                    return bindings[0].value.value
                if bindings and bindings[0].kind != "import":
                    return ...
        symbol = self.symbol(node, function) if isinstance(node, ast.Name | ast.Attribute) else None
        if symbol is not None:
            found = self.project.links.constant(symbol)
            return ... if found is None else ast.literal_eval(found)
        return ...

    def text(self, node: ast.expr) -> str:
        """An expression as written, shortened."""
        return expression_text(node)

    def text_of(self, node: ast.expr | None, function: Function) -> str:
        """The literal text in an expression: of constants, f-strings and names bound once; "" where there is none."""
        if node is None:
            return ""
        value = self.constant(node, function)
        if isinstance(value, str):
            return value
        return "".join(shape(node, function, self).literals)

    def location(self, node: ast.AST) -> Location:
        """The place of a node, on one line: where it starts, to its end or the end of that line."""
        span = self.module.span(node)
        if span.end_line != span.line:
            text = self.module.lines[span.line - 1]
            span = Span(span.line, span.column, span.line, len(text.rstrip()))
        return Location(self.module.path, span)

    def finding(
        self,
        node: ast.AST,
        message: str,
        *,
        function: Function,
        name: str,
        notes: Sequence[Note] = (),
        fixes: Iterable[Fix | None] = (),
        certainty: Certainty = Certainty.CERTAIN,
        lower: int = 0,
        because: str = "",
        root: str = "",
        **words: str,
    ) -> Finding:
        """A finding of the running rule at a node of this file; `words` fill the slots of the rule's page."""
        return Finding(
            rule=self.rule,
            location=self.location(node),
            message=message,
            site=Site(self.module.path, function.qualname, name),
            notes=tuple(notes),
            fixes=tuple(fix for fix in fixes if fix is not None),
            certainty=certainty,
            words=tuple(sorted({"function": function.name, **words}.items())),
            lower=lower,
            because=because,
            root=root or name,
        )
