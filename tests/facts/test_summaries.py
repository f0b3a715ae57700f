"""Summaries are all that crosses files: they survive being stored and sent, and the findings with them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import ask, collector_paused, join, parse
from brownout.facts.project import Project
from brownout.facts.summary import ModuleSummary, summarise
from brownout.model.source import SourceFile, Unreadable
from brownout.project.roots import is_test, module_names
from checking import RULES
from hypothesis import given, settings
from hypothesis import strategies as st

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
NAMES = st.sampled_from(["requests", "time", "self", "load", "store", "x", "timeout"])
CALLS = st.builds(lambda a, b, c: f"{a}.{b}({c})", NAMES, NAMES, st.sampled_from(["", "1", "timeout=3", "*x", "**x"]))
STATEMENTS = st.recursive(
    st.one_of(CALLS, st.builds(lambda a, call: f"{a} = {call}", NAMES, CALLS), st.just("raise ValueError('x')")),
    lambda inner: st.builds(
        lambda head, body: f"{head}\n" + "\n".join(f"    {line}" for line in body.splitlines()),
        st.sampled_from(
            ["def load(x=None):", "class store:", "if x:", "with x as time:", "for x in time:", "while x:"]
        ),
        inner,
    ),
    max_leaves=4,
)


def stored(summary: ModuleSummary) -> ModuleSummary:
    """A summary that has been written and read again."""
    found = pickle.loads(pickle.dumps(summary, protocol=pickle.HIGHEST_PROTOCOL))
    assert isinstance(found, ModuleSummary)
    return found


def summary_of(source: SourceFile) -> ModuleSummary:
    found = parse(source)
    assert not isinstance(found, Unreadable), found
    return summarise(found.module, found.names, is_test=source.is_test)


@given(st.lists(STATEMENTS, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_summary_survives_being_stored(parts):
    summary = summary_of(SourceFile("app.py", "app", "import requests, time\n" + "\n".join(parts) + "\n"))

    assert stored(summary) == summary


@pytest.fixture(scope="module")
def docdesk() -> list[SourceFile]:
    texts = {p.relative_to(DOCDESK).as_posix(): p.read_text(encoding="utf-8") for p in sorted(DOCDESK.rglob("*.py"))}
    names = module_names(texts)
    return [
        SourceFile(path, names[path].module, text, is_test=is_test(path), root=names[path].root)
        for path, text in texts.items()
    ]


def test_findings_are_the_same_from_stored_summaries(docdesk):
    with collector_paused():
        parsed = [found for source in docdesk if not isinstance(found := parse(source), Unreadable)]
        fresh = join(parsed, Catalog())
        again = Project([stored(summary_of(source)) for source in docdesk], Catalog())
        rules = list(RULES.values())
        first = [finding for file in parsed for finding in ask(file, fresh, rules, {})]
        second = [finding for file in parsed for finding in ask(file, again, rules, {})]

    assert len(first) > 15
    assert first == second


def test_a_summary_holds_no_syntax_tree(docdesk):
    for source in docdesk:
        assert b"_ast" not in pickle.dumps(summary_of(source)), source.path
