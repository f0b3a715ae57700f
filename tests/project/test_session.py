"""A session after any edits says what a check from scratch says."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from brownout.project.checking import check_workspace
from brownout.project.session import Session
from brownout.project.settings import ConfigError
from brownout.project.workspace import open_workspace
from edits import edited, on_disk

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
EDITS, SEEDS = 200, 8


@pytest.fixture
def docdesk(tmp_path: Path) -> Path:
    """A copy of the demo's back end that may be changed."""
    root = tmp_path / "desk"
    shutil.copytree(DOCDESK / "backend", root, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return root


def text_of(session: Session, path: str) -> str:
    """The text of a file that the session has."""
    text = session.text(path)
    assert text is not None
    return text


def paths_of(session: Session) -> dict[str, str]:
    """The texts of the session by path."""
    assert session.workspace is not None
    return {source.path: source.text for source in session.workspace.sources}


def said(outcome):
    """Everything that an outcome shows."""
    return (outcome.findings, outcome.hidden, outcome.suppressed, outcome.unreadable, outcome.notices)


def from_scratch(session: Session, root: Path):
    return check_workspace(open_workspace(root, [root], session.settings, session.buffers), session.settings)


class Told:
    """What someone knows who is told the news only."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.of: dict[str, tuple[object, ...]] = {}

    def hear(self) -> None:
        """The news bring what is known to what the whole outcome says."""
        news, outcome = self.session.news(), self.session.outcome()
        if news is None:
            self.of = by_file(outcome)
        else:
            self.of = {path: found for path, found in self.of.items() if path not in news}
            self.of |= by_file(self.session.outcome(news))
        self.session.found.told()
        assert self.of == by_file(outcome)


def by_file(outcome) -> dict[str, tuple[object, ...]]:
    """Everything that an outcome shows, by file."""
    found: dict[str, list[object]] = {}
    for one in (*outcome.findings, *outcome.unreadable, *outcome.notices):
        found.setdefault(getattr(one, "path", "") or one.location.path, []).append(one)
    for one, reason in outcome.suppressed:
        found.setdefault(one.location.path, []).append((one, reason))
    return {path: tuple(many) for path, many in found.items()}


def steps(root: Path, seed: int, count: int) -> None:
    """Random edits of open files and of the disk; after each, the session says what a check from scratch says."""
    chance = random.Random(seed)
    session = Session(root)
    session.open()
    originals = paths_of(session)
    told = Told(session)
    for _ in range(count):
        path = chance.choice(sorted(paths_of(session)))
        kind = chance.choice(["edit", "edit", "edit", "edit", "restore", "close", "disk", "disk"])
        if kind == "disk":
            on_disk(root, chance)
            outcome = session.open()
        elif kind == "close":
            outcome = session.update(path, None)
        else:
            text = originals.get(path, "") if kind == "restore" else edited(text_of(session, path), chance)
            outcome = session.update(path, text)
        told.hear()
        if not outcome.unreadable:
            assert said(outcome) == said(from_scratch(session, root)), (seed, kind, path)
        elif chance.random() < 0.5:
            session.update(path, None)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_session_equals_a_check_after_any_edits(docdesk, seed):
    steps(docdesk, seed, EDITS // SEEDS)


@pytest.mark.skipif("BROWNOUT_TREE" not in os.environ, reason="by hand: make equal TREE=path EDITS=number")
def test_a_session_equals_a_check_on_a_wild_project(tmp_path):
    root = tmp_path / "wild"
    shutil.copytree(os.environ["BROWNOUT_TREE"], root)
    steps(root, int(os.environ.get("BROWNOUT_SEED", "0")), int(os.environ.get("BROWNOUT_EDITS", "50")))


def test_lines_that_move_keep_the_project(docdesk):
    session = Session(docdesk)
    session.open()
    path = next(path for path in paths_of(session) if path.endswith("labeling.py"))

    before = session.outcome()
    outcome = session.update(path, "# one line more\n" + text_of(session, path))

    assert said(outcome) == said(from_scratch(session, docdesk))
    notes = [n for f in outcome.findings for n in f.notes if n.location.path == path]
    moved = [n for f in before.findings for n in f.notes if n.location.path == path]
    assert notes
    assert [n.location.span.line for n in notes] == [n.location.span.line + 1 for n in moved]


def test_a_file_that_does_not_parse_keeps_its_findings(docdesk):
    session = Session(docdesk)
    before = session.open()
    path = before.findings[0].location.path

    outcome = session.update(path, text_of(session, path) + "def (:\n")

    assert [item.path for item in outcome.unreadable] == [path]
    assert outcome.findings == before.findings
    assert session.update(path, None).unreadable == ()


def test_a_broken_configuration_is_told(docdesk):
    (docdesk / "brownout.toml").write_text("slect = []\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="did you mean 'select'"):
        Session(docdesk).open()


def test_a_file_that_comes_back_changes_no_chain(docdesk):
    session = Session(docdesk)
    session.open()
    path = docdesk / "docdesk" / "conversion.py"
    text = path.read_bytes()
    path.unlink()
    session.open()
    path.write_bytes(text)
    assert said(session.open()) == said(from_scratch(session, docdesk))
