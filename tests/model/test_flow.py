"""The flow graph by cases that people can read, and by programs that Python itself runs in every possible way."""

from __future__ import annotations

import ast
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from brownout.model.flow import Body, Escape, Flow
from brownout.model.flow_errors import own_nodes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from literate import Case, cases
from model.executions import KINDS, ONE_KIND, Trace, Writer, runs

PAGES = sorted((Path(__file__).parent / "flow").glob("*.md"))
CASES = [case for page in PAGES for case in cases(page)]
_EXPECTED = re.compile(r"^(every path|every path without errors|dominates|between): (.+)$")
_MARK = re.compile(r"# ([a-z ]+)$")


def _answers(case: Case) -> list[tuple[str, str]]:
    """The expected answers of a case: the lines below its fence."""
    found: list[tuple[str, str]] = []
    title = ""
    for line in case.page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            title = line[3:].strip()
        elif title == case.title and (match := _EXPECTED.match(line)):
            found.append((match[1], match[2]))
    return found


def _body(tree: ast.Module) -> Body:
    last = tree.body[-1]
    return last if isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef) else tree


def _marked(source: str, tree: ast.Module) -> dict[str, list[ast.AST]]:
    """The outermost statement or handler that begins on each marked line, by the words of the mark."""
    by_line: dict[int, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            by_line.setdefault(node.lineno, node)
    found: dict[str, list[ast.AST]] = {}
    for number, line in enumerate(source.splitlines(), 1):
        if match := _MARK.search(line):
            for word in match[1].split():
                found.setdefault(word, []).append(by_line[number])
    return found


def _told(escape: Escape | None) -> str:
    return "yes" if escape is None else f"no, {escape.kind} at {escape.at.lineno}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    source = case.files["app.py"]
    tree = ast.parse(source)
    flow, marks, expected = Flow.build(_body(tree)), _marked(source, tree), _answers(case)
    found: list[tuple[str, str]] = []
    events = {id(node) for node in marks.get("event", [])}
    for question, _ in expected:
        if question.startswith("every path"):
            escape = flow.escapes_without(
                marks["start"][0], lambda step: id(step) in events, errors=question == "every path"
            )
            found.append((question, _told(escape)))
        elif question == "dominates":
            found.append((question, "yes" if flow.dominates(marks["first"][0], marks["second"][0]) else "no"))
        else:
            lines = [str(step.lineno) for step in flow.between(marks["first"][0], marks["second"][0])]
            found.append((question, ", ".join(lines) or "nothing"))
    assert expected
    assert found == expected


def test_titles_are_unique() -> None:
    assert not [name for name, count in Counter(case.name for case in CASES).items() if count > 1]


def _calls(body: ast.AST) -> dict[int, ast.Call]:
    """The numbered calls of a generated program."""
    return {
        node.args[0].value: node
        for node in ast.walk(body)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if isinstance(node.args[0].value, int)
    }


def _escapes(trace: Trace, start: int, event: int) -> bool:
    """Whether an execution did the start, and then left without the event."""
    done = [place for place, what in enumerate(trace) if what == ("ok", start)]
    return bool(done) and ("in", event) not in trace[done[-1] :]


def _violates(trace: Trace, first: int, second: int) -> bool:
    """Whether an execution came to the second before the first was done."""
    return ("in", second) in trace and ("ok", first) not in trace[: trace.index(("in", second))]


def _passed(trace: Trace, first: int, second: int) -> set[int]:
    """The calls that an execution began after the first was done, on its way to the second."""
    found: set[int] = set()
    since: set[int] | None = None
    for what, number in trace:
        if number in (first, second):
            if what == "in" and number == second and since is not None:
                found |= since
            since = set() if (what, number) == ("ok", first) else None
        elif what == "in" and since is not None:
            since.add(number)
    return found


def _programs(kinds: tuple[str, ...]) -> st.SearchStrategy[tuple[str, tuple[int, ...]]]:
    @st.composite
    def program(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
        writer = Writer(lambda words: draw(st.sampled_from(words)), draw(st.integers(2, 8)), kinds)
        return writer.program(), tuple(writer.steps[:4])

    return program().filter(lambda made: len(made[1]) > 1)


_PATIENT = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much]
)


@given(_programs(KINDS), st.booleans())
@_PATIENT
def test_no_execution_contradicts_an_answer(made: tuple[str, tuple[int, ...]], errors: bool) -> None:
    source, steps = made
    body = _body(ast.parse(source))
    flow, calls = Flow.build(body), _calls(body)
    traces = runs(source, errors=errors, most=400).traces
    for first in steps:
        for second in steps:
            if first == second:
                continue
            if flow.on_every_path(calls[first], flow.steps_with([calls[second]]), errors=errors):
                assert not [trace for trace in traces if _escapes(trace, first, second)], source
            if flow.dominates(calls[first], calls[second]):
                assert not [trace for trace in traces if _violates(trace, first, second)], source
            between = flow.between(calls[first], calls[second])
            inside = {id(node) for step in between for node in own_nodes(step)}
            passed = {number for trace in traces for number in _passed(trace, first, second)}
            assert all(id(calls[number]) in inside for number in passed), source


@given(_programs(ONE_KIND), st.booleans())
@_PATIENT
def test_an_execution_proves_every_no(made: tuple[str, tuple[int, ...]], errors: bool) -> None:
    """Where all errors are alike, the flow knows no way that Python does not go."""
    source, steps = made
    body = _body(ast.parse(source))
    flow, calls = Flow.build(body), _calls(body)
    found = runs(source, errors=errors, choices=2 * len(calls) + 4, most=1500)
    if not found.complete:
        return
    for first in steps:
        for second in steps:
            reached = [trace for trace in found.traces if ("ok", first) in trace]
            if first == second or not reached:
                continue
            event = flow.steps_with([calls[second]])
            escape = flow.escapes_without(calls[first], event, errors=errors)
            assert (escape is None) == flow.on_every_path(calls[first], event, errors=errors)
            assert (escape is None) == (not [trace for trace in reached if _escapes(trace, first, second)]), source
            if errors and [trace for trace in found.traces if ("in", second) in trace]:
                proof = [trace for trace in found.traces if _violates(trace, first, second)]
                assert flow.dominates(calls[first], calls[second]) == (not proof), source


def _function(source: str) -> ast.FunctionDef:
    body = ast.parse(source).body[-1]
    assert isinstance(body, ast.FunctionDef)
    return body


def test_an_expression_stands_for_its_step() -> None:
    body = _function("def f(x):\n    if a(x):\n        b(x)\n    return [c(y) for y in x if d(y)]\n")
    calls = {ast.unparse(node.func): node for node in ast.walk(body) if isinstance(node, ast.Call)}
    flow = Flow.build(body)
    assert flow.dominates(calls["a"], calls["b"])
    assert flow.dominates(calls["a"], calls["d"])
    assert not flow.dominates(calls["b"], calls["c"])
    assert flow.between(calls["a"], calls["d"]) == (body.body[0].body[0],)  # type: ignore[attr-defined]


@pytest.mark.parametrize("inner", ["g = lambda: a()", "def g():\n        a()", "class G:\n        def g(self): a()"])
def test_what_belongs_to_another_function_is_unknown(inner: str) -> None:
    body = _function(f"def f():\n    {inner}\n    b()\n")
    a, b = (
        node for node in sorted(ast.walk(body), key=lambda n: getattr(n, "lineno", 0)) if isinstance(node, ast.Call)
    )
    flow = Flow.build(body)
    assert not flow.dominates(a, b)
    assert not flow.dominates(b, a)
    assert flow.between(a, b) == ()
    assert flow.on_every_path(a, lambda step: False)
    assert flow.escapes_without(ast.Name("x"), lambda step: False) is None


def test_a_lambda_is_a_function_of_one_step() -> None:
    body = ast.parse("lambda: b(a())", mode="eval").body
    assert isinstance(body, ast.Lambda)
    escape = Flow.build(body).escapes_without(body, lambda step: False, errors=False)
    assert escape is not None
    assert (escape.kind, escape.at.lineno) == ("return", 1)


def test_errors_may_be_chosen() -> None:
    body = _function("def f():\n    a()\n    log()\n    work()\n    release()\n")
    flow, (start, _, work, release) = Flow.build(body), body.body
    event = flow.steps_with([release])
    escape = flow.escapes_without(start, event, errors=lambda step: step is work)
    assert escape == Escape("error", work)
    assert flow.on_every_path(start, event, errors=lambda step: False)


def test_an_event_is_asked_once_about_a_step() -> None:
    body = _function("def f(x):\n    a()\n    try:\n        b()\n        return c()\n    finally:\n        d()\n")
    asked: list[int] = []

    def event(step: ast.stmt) -> bool:
        asked.append(step.lineno)
        return False

    Flow.build(body).on_every_path(body, event)
    assert Counter(asked).most_common(1)[0][1] == 1
    assert set(asked) <= {2, 4, 5, 7}


@pytest.mark.parametrize(
    "text",
    [
        "    x = a(b.c)\n" * 20_000,
        "    if a():\n        b()\n    else:\n        c()\n" * 5_000,
        "    try:\n        b()\n    except E:\n        c()\n    finally:\n        d()\n" * 3_500,
        "    try:\n" + "        b(1)\n" * 20_000 + "    except E:\n        c()\n    finally:\n        d()\n",
        "    try:\n        b(1)\n    finally:\n" + "        c(1)\n" * 20_000,
        "    for x in y:\n" + "        if x: continue\n        if y: break\n        b(x)\n" * 6_500,
    ],
    ids=["straight", "branches", "tries", "one try", "one finally", "loop"],
)
def test_long_functions_are_quick(text: str) -> None:
    body = _function("def f(x):\n" + text + "    return x\n")
    first, last = body.body[0], body.body[-1]
    begun = time.process_time()
    flow = Flow.build(body)
    flow.dominates(first, last)
    flow.between(first, last)
    flow.on_every_path(body, lambda step: False, errors=False)
    flow.on_every_path(first, lambda step: step is last)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("block", ["try", "finally", "if", "for", "with", "except", "elif"])
def test_deep_nesting_is_no_trouble(block: str) -> None:
    depth = 90
    heads = {"try": "try:", "finally": "try: a()\n{}finally:", "except": "try: a()\n{}except E:", "if": "if a():"}
    lines = [f"{' ' * i}{heads.get(block, 'with a() as b:').format(' ' * i)}" for i in range(1, depth)]
    if block == "for":
        lines = [f"{' ' * i}for x in a():" for i in range(1, depth)]
    if block == "elif":
        lines = [" if a(): b()", *(" elif a(): b()" for _ in range(700)), " if a():"]
        depth = 2
    tails = [f"{' ' * i}finally: c()" for i in range(depth - 1, 0, -1)] if block == "try" else []
    body = _function("\n".join(["def f():", *lines, " " * depth + "return g()", *tails]))
    begun = time.process_time()
    flow = Flow.build(body)
    escape = flow.escapes_without(body, lambda step: isinstance(step, ast.For | ast.If))
    assert (escape is None) == (block in ("for", "if", "elif"))
    assert time.process_time() - begun < 1
