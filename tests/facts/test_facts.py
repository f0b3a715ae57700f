"""What follows from the calls of a project: chains, limits, entry points, escaping failures; the answer ends a line.

`# chain: a → b` how a call keeps its thread (`none`: it does not) · `# limit: missing` · `# kinds: route` on a `def`,
what leads there · `# escapes: OSError` on a `def`, what leaves it (`none`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import join, parse, shared_heads
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.facts.waiting.timeouts import limit_of_wrapper
from brownout.model.source import SourceFile, Unreadable
from brownout.model.tables import Function
from brownout.project.roots import is_test, module_names
from brownout.project.versions import versions_of
from literate import Case, cases

MARK = re.compile(r"#\s*(chain|limit|kinds|escapes):\s*(.+?)\s*$")
CASES = [case for page in sorted((Path(__file__).parent / "cases").glob("*.md")) for case in cases(page)]


def codes(files: dict[str, str]) -> Iterator[Code]:
    """Each file as a rule would see it."""
    versions = versions_of(files)
    files = {path: text for path, text in files.items() if path.endswith(".py")}
    names = module_names(files)
    sources = [
        SourceFile(path, names[path].module, text, is_test=is_test(path), root=names[path].root)
        for path, text in files.items()
    ]
    heads = shared_heads(sources)
    parsed = [parse(source, heads.get(source.root, {})) for source in sources]
    good = [one for one in parsed if not isinstance(one, Unreadable)]
    assert len(good) == len(parsed)
    project = join(good, Catalog(versions))
    for file in good:
        yield Code(file.module, file.names, project)


def of_call(call: Call, question: str) -> str | None:
    """The answer for one call; None where the question does not arise."""
    if question == "chain":
        chain = call.blocking_chain
        return None if chain is None else chain.path
    if call.limit is not None:
        return call.limit.value
    wrapper = call.code.project.wrappers.get(call.callee.name) if call.callee is not None else None
    return None if wrapper is None else limit_of_wrapper(call.row, wrapper, call.code.project.links).value


def of_function(function: Function, code: Code, question: str) -> str:
    """The answer for one function."""
    if question == "kinds":
        return ", ".join(sorted(code.kinds(function)))
    return ", ".join(sorted(code.project.escapes.get(code.names.full(function.qualname), {})))


def answer(code: Code, line: int, question: str) -> str:
    """What the facts say at a line."""
    if question in ("chain", "limit"):
        calls = [call for call in code.all_calls if call.node.lineno == line]
        return next((found for call in calls if (found := of_call(call, question)) is not None), "none")
    functions = [one for one in code.functions if getattr(one.node, "lineno", 0) == line]
    return next((found for one in functions if (found := of_function(one, code, question))), "none")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_facts(case: Case):
    checked = 0
    for code in codes(case.files):
        for number, line in enumerate(case.files[code.module.path].splitlines(), 1):
            if match := MARK.search(line):
                checked += 1
                assert (number, match[1], answer(code, number, match[1])) == (number, match[1], match[2])
    assert checked, "the case says nothing"


def test_the_corpus_is_not_empty():
    assert len(CASES) >= 60
