"""What a call calls, as far as it can be known: each case is a page's heading, the answer stands at the line's end."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import join, parse, shared_heads
from brownout.facts.call import Call
from brownout.facts.code import Code
from brownout.model.source import SourceFile, Unreadable
from brownout.project.roots import is_test, module_names
from literate import Case, cases

MARK = re.compile(r"#\s*->\s*(\S+)\s*$")
CASES = [case for page in sorted((Path(__file__).parent / "names").glob("*.md")) for case in cases(page)]


def targets(files: dict[str, str]) -> dict[tuple[str, int], str]:
    """For each line that calls something, the canonical name of the outermost callee; `unknown` where there is none."""
    names = module_names(files)
    sources = [
        SourceFile(path, names[path].module, text, is_test=is_test(path), root=names[path].root)
        for path, text in files.items()
    ]
    heads = shared_heads(sources)
    parsed = [parse(source, heads.get(source.root, {})) for source in sources]
    good = [one for one in parsed if not isinstance(one, Unreadable)]
    assert len(good) == len(parsed)
    project = join(good, Catalog())
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for file in good:
        for call in Code(file.module, file.names, project).all_calls:
            size = len(ast.unparse(call.node))
            place = (file.source.path, call.node.lineno)
            if size > found.get(place, (0, ""))[0]:
                found[place] = (size, said(call))
    return {place: target for place, (_, target) in found.items()}


def said(call: Call) -> str:
    """The project's function or the library's entry that a call is known to call."""
    if call.callee is not None:
        return call.callee.name
    if call.entry is not None:
        return call.entry.name
    return call.target if call.target in call.code.project.links.classes else "unknown"  # type: ignore[return-value]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_names(case: Case):
    expected = {
        (path, number): match[1]
        for path, text in case.files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := MARK.search(line))
    }
    assert expected, "the case says nothing"

    found = targets(case.files)

    assert {place: found.get(place, "no call") for place in expected} == expected


def test_the_corpus_is_not_empty():
    assert len(CASES) >= 70


def test_quoted_annotations_do_not_answer_for_each_other():
    """Answers are remembered by the identity of a node: one that is thrown away hands its own on to the next."""
    words = ("requests.Session", "sqlite3.Connection", "queue.Queue", "socket.socket")
    lines = [f'def f{index}(given: "{words[index % 4]}"): ...' for index in range(40)]
    text = "\n".join(["import queue, requests, socket, sqlite3", *lines])
    file = parse(SourceFile("m.py", "m", text))
    assert not isinstance(file, Unreadable)
    given = [function.parameters[0].annotation for function in file.module.functions[1:]]
    assert [file.names.annotation(node, file.module.scope) for node in given] == [
        f"{words[index % 4]}()" for index in range(40)
    ]
