"""brownout asks of itself what it asks of others."""

from __future__ import annotations

from pathlib import Path

from brownout.project.checking import check_workspace
from brownout.project.config import read
from brownout.project.workspace import open_workspace

ROOT = Path(__file__).parent.parent


def test_brownout_finds_nothing_in_brownout():
    settings = read(ROOT)

    outcome = check_workspace(open_workspace(ROOT, [ROOT], settings), settings)

    assert [f"{f.location.path}:{f.location.span.line} {f.rule}" for f in outcome.findings] == []
    assert outcome.notices == ()
    assert outcome.unreadable == ()
    assert outcome.lines > 10_000
