"""The view that writes down what is asked answers every question, and misses none."""

from __future__ import annotations

from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.engine import join, read
from brownout.facts.asked import Asked, AskedGraph, AskedLinks
from brownout.facts.difference import Difference
from brownout.facts.effects import Graph
from brownout.facts.link import Links
from brownout.facts.project import Project
from brownout.project.session import Session
from brownout.project.state import pack, unpack
from brownout.project.workspace import sources_of

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
THROUGH_OTHERS = {"joined", "reaching", "reached", "spread", "reach"}
"""Questions that are made of others, which are written down."""


@pytest.mark.parametrize(("real", "view"), [(Links, AskedLinks), (Project, Asked), (Graph, AskedGraph)])
def test_every_question_is_written_down(real, view):
    questions = {name for name in vars(real) if not name.startswith("_")}
    assert questions - THROUGH_OTHERS <= vars(view).keys()


def test_every_table_is_written_down():
    files = {"a.py": "import b\n\n\ndef one():\n    b.two()\n", "b.py": "def two():\n    pass\n"}
    parsed, _ = read(sources_of(files))
    project = join(parsed, Catalog())
    tables = {name for name, value in vars(project.links).items() if not name.startswith("_")} - {"catalog"}
    assert tables <= vars(Asked(project).links).keys()
    assert vars(project.graph).keys() <= vars(Asked(project).graph).keys()


def project_of(files):
    parsed, _ = read(sources_of(files))
    return join(parsed, Catalog())


BEFORE = {"a.py": "import b\n\n\ndef one():\n    b.two()\n", "b.py": "def two():\n    return 1\n\n\nTHREE = 3\n"}
ASKS = {
    "a callee": lambda project: project.links.called("b.two")[1],
    "a function": lambda project: project.links.functions.get("b.two"),
    "a name that is not there": lambda project: project.links.target("b.four"),
    "whether there is a function": lambda project: "b.four" in project.links.functions,
    "all names of functions": lambda project: list(project.links.functions),
    "who waits": lambda project: project.blocking[0].get("a.one"),
    "who calls": lambda project: project.graph.callers.get("b.two"),
    "a constant": lambda project: project.links.constant("b.THREE"),
    "all modules": lambda project: len(project.modules),
}
AFTER = {
    **BEFORE,
    "b.py": "import time\n\n\ndef two(x):\n    time.sleep(9)\n    four()\n\n\ndef four():\n    two(1)\n\n\nTHREE = 4\n",
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_another_answer_is_a_difference(ask):
    old, new, same = project_of(BEFORE), project_of(AFTER), project_of(BEFORE)
    view = Asked(old)
    ask(view)
    assert Difference(old, new, [view.reads]).touches(view.reads)
    if "modules" not in view.reads:
        assert not Difference(old, same, [view.reads]).touches(view.reads)


def test_a_state_is_what_it_was():
    session = Session(DOCDESK)
    session.open()
    state = session.state()
    assert len(state.files) > 30
    assert unpack(pack(state)) == state
